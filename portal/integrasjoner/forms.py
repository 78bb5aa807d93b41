"""The form of an integrasjon's facts, with a notice about its orgnr from the register, and its conflict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import ClassVar

from fiks.core.errors import Konflikt
from fiks.konfigurasjon.integrasjon.queries import Integrasjonsdetalj
from fiks.konfigurasjon.integrasjon.rules import Integrasjonsfakta
from fiks.konfigurasjon.rules import TJENESTER
from fiks.konfigurasjon.stale_form import digest_of, digests_in, mark_of
from portal.org_lookup import Registersvar, look_up
from portal.texts import tekst
from portal.texts.form_fields import Feltbeskrivelse
from portal.texts.konfigurasjon.integrasjoner import FAKTAFELT
from portal.ui.edit_conflict import VIST, Endring, conflict_form, status_of, stored_form, to_form_values

READ_NUMBER_FIELD = "sett_orgnr"
"""Field with the number whose notice the person has read: the same number gives no second notice."""


@dataclass(frozen=True, slots=True)
class Skjema:
    """The form as it stands. `varsel`: a notice from the register about the number, for the person to
    consider.

    `vist` and `endret` are as in `ui.edit_conflict`.
    """

    felter: ClassVar[tuple[Feltbeskrivelse, ...]] = FAKTAFELT

    fakta: Integrasjonsfakta
    feil: Mapping[str, str] = field(default_factory=dict)
    varsel: str = ""
    vist: str = ""
    endret: tuple[Endring, ...] | None = None

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        return status_of(self.feil, self.endret)


def empty_form() -> Skjema:
    """An empty form."""
    return Skjema(Integrasjonsfakta("", ""))


def stored_skjema(integrasjon: Integrasjonsdetalj) -> Skjema:
    """The form with the stored facts."""
    i = integrasjon
    fakta = Integrasjonsfakta(i.navn, i.autorisert_orgnr, i.beskrivelse, i.tjenester)
    return Skjema(fakta, vist=mark_of(asdict(fakta)))


def conflict_skjema(error: Konflikt, now: Integrasjonsdetalj, skjema: Skjema) -> Skjema:
    """The stored facts with what was typed on top (conflict); raises `error` when it is about something else."""
    stands = stored_form(FAKTAFELT, asdict(stored_skjema(now).fakta))
    met = conflict_form(error, stands, to_form_values(asdict(skjema.fakta)), skjema.vist)
    v = met.verdier
    fakta = Integrasjonsfakta(v["navn"], v["autorisert_orgnr"], v["beskrivelse"], v["tjenester"].splitlines())
    return Skjema(fakta, vist=met.vist, endret=met.endret)


def service_box(kode: str) -> str:
    """Name of a service's box."""
    return f"tjeneste_{kode}"


def read(form: Mapping[str, str], *, eget_orgnr: str) -> Skjema:
    """The posted form with its faults; without any, with a notice the person has not read yet.

    `eget_orgnr`: the organisation's own number. A number that is stored already needs no notice.
    """
    fakta = Integrasjonsfakta(
        form.get("navn", ""),
        form.get("autorisert_orgnr", ""),
        form.get("beskrivelse", ""),
        [t.kode for t in TJENESTER if service_box(t.kode) in form],
    ).tidied()
    feil, vist, orgnr = _faults(fakta), form.get(VIST, ""), fakta.autorisert_orgnr
    if (
        feil
        or orgnr == form.get(READ_NUMBER_FIELD)
        or digest_of(orgnr) == digests_in(vist).get("autorisert_orgnr")
    ):
        return Skjema(fakta, feil, vist=vist)
    return Skjema(fakta, varsel=notice(orgnr, eget_orgnr), vist=vist)


def _faults(fakta: Integrasjonsfakta) -> dict[str, str]:
    return {felt: tekst(kode) for felt, kode in fakta.faults().items()}


def notice(orgnr: str, eget_orgnr: str) -> str:
    """Notice about a number before it is used; empty for the organisation's own, if the register knows it.

    `eget_orgnr` is empty for a global integrasjon, which belongs to no organisation.
    """
    unit = look_up(orgnr)
    if unit.svar is Registersvar.FUNNET:
        kode = "ENHET_FUNNET" if eget_orgnr else "ROT_ENHET_FUNNET"
        return "" if orgnr == eget_orgnr else tekst(kode, orgnr=orgnr, navn=unit.navn)
    return tekst(f"ENHET_{unit.svar}", orgnr=orgnr, navn=unit.navn)
