"""The legal bases of look-ups, as data: which registers each opens, and for which kinds of organisation.

Who looks up chooses one and never writes it (konfigurasjon.md 9.2). What each is for is the portal's to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fiks.core.errors import UgyldigInndata
from fiks.konfigurasjon.rules import PUBLIC_BODIES, Organisasjonstype
from fiks.registeroppslag.rules import Registernavn


@dataclass(frozen=True, slots=True)
class Hjemmel:
    """`navn` is the law as it is cited, and what the audit log and the citizen are shown."""

    kode: str
    navn: str
    registre: frozenset[Registernavn]
    organisasjonstyper: frozenset[Organisasjonstype]

    def opens(self, register: Registernavn, organisasjonstype: Organisasjonstype) -> bool:
        """Whether an organisation of this kind may look up in the register by it."""
        return register in self.registre and organisasjonstype in self.organisasjonstyper


_T = Organisasjonstype
_PERSONS = frozenset({Registernavn.FOLKEREGISTER, Registernavn.KRR})
_KOMMUNE = frozenset({_T.KOMMUNE})

_ALL = (
    Hjemmel("EIENDOMSSKATT", "eigedomsskattelova § 14", _PERSONS, _KOMMUNE),
    Hjemmel("FORHANDSVARSEL", "forvaltningsloven § 16", _PERSONS, PUBLIC_BODIES),
    Hjemmel("VEDTAK", "forvaltningsloven § 27", _PERSONS, PUBLIC_BODIES),
    Hjemmel("AVFALLSGEBYR", "forurensningsloven § 34", _PERSONS, _KOMMUNE | {_T.KOMMUNAL_VIRKSOMHET}),
    Hjemmel("NABOVARSEL", "plan- og bygningsloven § 21-3", _PERSONS, _KOMMUNE),
    Hjemmel(
        "DIGITAL_KOMMUNIKASJON",
        "eforvaltningsforskriften § 29",
        frozenset({Registernavn.KRR}),
        PUBLIC_BODIES,
    ),
)
HJEMLER: Mapping[str, Hjemmel] = {hjemmel.kode: hjemmel for hjemmel in _ALL}


def hjemler_for(organisasjonstype: Organisasjonstype, *registre: Registernavn) -> list[Hjemmel]:
    """The legal bases by which an organisation of this kind may look up in one of the registers, in their order."""
    return [
        hjemmel
        for hjemmel in HJEMLER.values()
        if any(hjemmel.opens(register, organisasjonstype) for register in registre)
    ]


def require_hjemmel(kode: str, register: Registernavn, organisasjonstype: Organisasjonstype) -> Hjemmel:
    """The legal basis with this code, if it opens the register for this kind of organisation.

    Errors: HJEMMEL_MANGLER (none chosen, or no such), HJEMMEL_GJELDER_IKKE (422).
    """
    hjemmel = HJEMLER.get(kode)
    if hjemmel is None:
        raise UgyldigInndata("HJEMMEL_MANGLER", felt="hjemmel")
    if not hjemmel.opens(register, organisasjonstype):
        raise UgyldigInndata("HJEMMEL_GJELDER_IKKE", felt="hjemmel")
    return hjemmel
