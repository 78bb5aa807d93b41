"""The forms of the root plane, and their faults in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fiks.konfigurasjon.field_rules import Feltfeil
from fiks.konfigurasjon.organisasjon.rules import NyOrganisasjon
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.rules import Organisasjonstype
from portal.texts import tekst
from portal.texts.konfigurasjon.organisasjon import ORGANISASJONSFELT


def fault_text(felt: str, kode: str) -> str:
    """The fault in words. The error summary shows no field names, so the text for an empty field names it."""
    if kode == Feltfeil.FELT_MANGLER and felt in ORGANISASJONSFELT:
        return tekst("FYLL_UT_FELTET", felt=ORGANISASJONSFELT[felt].lower())
    return tekst(kode)


def read_administrator(form: Mapping[str, str]) -> Personopplysninger:
    """An administrator by number and name; extra spaces are removed."""
    return Personopplysninger(
        "".join(form.get("fnr", "").split()), " ".join(form.get("personnavn", "").split())
    )


def without_number(form: Mapping[str, str]) -> dict[str, str]:
    """The posted values to show again, without the personal number."""
    return {name: value for name, value in form.items() if name != "fnr"}


@dataclass(frozen=True, slots=True)
class Organisasjonsskjema:
    """Step one of a new organisation, as text."""

    navn: str = ""
    orgnr: str = ""
    type: str = ""
    kommunenr: str = ""
    intern: bool = False

    def faults(self) -> dict[str, str]:
        """Field to sentence."""
        feil = {} if self.type in set(Organisasjonstype) else {"type": tekst("TYPE_MANGLER")}
        rest = NyOrganisasjon(self.navn, self.orgnr, self.kommunenr, self.type).faults()
        return feil | {felt: fault_text(felt, kode) for felt, kode in rest.items()}


def read_organisation(form: Mapping[str, str]) -> Organisasjonsskjema:
    """Step one as posted."""
    return Organisasjonsskjema(
        " ".join(form.get("navn", "").split()),
        "".join(form.get("orgnr", "").split()),
        form.get("type", ""),
        "".join(form.get("kommunenr", "").split()),
        "intern" in form,
    )
