"""The form of an integrasjon's facts, and what Enhetsregisteret says of the number in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fiks.konfigurasjon.integration_queries import Integrasjonsdetalj
from fiks.konfigurasjon.integration_rules import Integrasjonsfakta
from fiks.konfigurasjon.rules import TJENESTER
from portal.enheter import Registersvar, look_up
from portal.texts import tekst

SEEN = "sett_orgnr"
"""The number whose notice the person has read: the same number is not asked about twice."""


@dataclass(frozen=True, slots=True)
class Skjema:
    """The form as it stands. `varsel` is what the register says of the number, for the person to think about."""

    fakta: Integrasjonsfakta
    feil: Mapping[str, str] = field(default_factory=dict)
    varsel: str = ""


def empty() -> Skjema:
    """Nothing written yet."""
    return Skjema(Integrasjonsfakta("", ""))


def stored(integrasjon: Integrasjonsdetalj) -> Skjema:
    """What stands now."""
    i = integrasjon
    return Skjema(Integrasjonsfakta(i.navn, i.autorisert_orgnr, i.beskrivelse, i.tjenester))


def service_box(kode: str) -> str:
    """The name of a service's box."""
    return f"tjeneste_{kode}"


def read(form: Mapping[str, str], *, eget_orgnr: str, kjent: str = "") -> Skjema:
    """What was sent, with its faults; without any, with the notice the person has not read yet.

    `eget_orgnr` is the organisation's own number, `kjent` one that was saved before and needs no notice.
    """
    fakta = Integrasjonsfakta(
        form.get("navn", ""),
        form.get("autorisert_orgnr", ""),
        form.get("beskrivelse", ""),
        [t.kode for t in TJENESTER if service_box(t.kode) in form],
    ).tidied()
    feil = {felt: tekst(kode) for felt, kode in fakta.faults().items()}
    if feil or fakta.autorisert_orgnr in (form.get(SEEN), kjent):
        return Skjema(fakta, feil)
    return Skjema(fakta, varsel=notice(fakta.autorisert_orgnr, eget_orgnr))


def notice(orgnr: str, eget_orgnr: str) -> str:
    """What to think about before this number is used; empty for the organisation's own, if the register knows it.

    `eget_orgnr` is empty for a global integrasjon, which is nobody's own.
    """
    unit = look_up(orgnr)
    if unit.svar is Registersvar.FUNNET:
        kode = "ENHET_FUNNET" if eget_orgnr else "ROT_ENHET_FUNNET"
        return "" if orgnr == eget_orgnr else tekst(kode, orgnr=orgnr, navn=unit.navn)
    return tekst(f"ENHET_{unit.svar}", orgnr=orgnr, navn=unit.navn)
