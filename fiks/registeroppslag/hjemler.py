"""The legal bases of look-ups, as data: which registers each opens, and for which kinds of organisation.

Whoever looks up chooses a legal basis and never writes one (konfigurasjon.md 9.2). The portal explains what
each is for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fiks.core.errors import UgyldigInndata
from fiks.konfigurasjon.rules import PUBLIC_BODIES, Organisasjonstype
from fiks.registeroppslag.rules import Registernavn


@dataclass(frozen=True, slots=True)
class Hjemmel:
    """`navn` is the law as cited, shown in the audit log and to the citizen."""

    kode: str
    navn: str
    registre: frozenset[Registernavn]
    organisasjonstyper: frozenset[Organisasjonstype]

    def opens(self, register: Registernavn, organisasjonstype: Organisasjonstype) -> bool:
        """Return whether this legal basis lets an organisation of this kind look up in the register."""
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
    """Return the legal bases that let an organisation of this kind look up in one of the registers, in fixed
    order.
    """
    return [
        hjemmel
        for hjemmel in HJEMLER.values()
        if any(hjemmel.opens(register, organisasjonstype) for register in registre)
    ]


def require_hjemmel(kode: str, register: Registernavn, organisasjonstype: Organisasjonstype) -> Hjemmel:
    """Return the legal basis with this code, if it opens the register for this kind of organisation.

    Errors: HJEMMEL_MANGLER (none chosen, or unknown), HJEMMEL_GJELDER_IKKE (422).
    """
    hjemmel = HJEMLER.get(kode)
    if hjemmel is None:
        raise UgyldigInndata("HJEMMEL_MANGLER", felt="hjemmel")
    if not hjemmel.opens(register, organisasjonstype):
        raise UgyldigInndata("HJEMMEL_GJELDER_IKKE", felt="hjemmel")
    return hjemmel
