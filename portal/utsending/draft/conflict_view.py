"""Two versions of step 1 compared in the page's words: the saved facts and the posted form."""

from __future__ import annotations

from dataclasses import dataclass

from fiks.core.values.login_level import Sikkerhetsniva
from fiks.utsending.rules import Art
from portal.texts.svarut.forsendelser import NIVAER
from portal.utsending.draft.facts_form import LEVERING, Faktaskjema

NAMES = {
    "tittel": "Tittel på brevet",
    "art": "Hva som sendes",
    "brevdato": "Brevdato",
    "kunngjoringsdato": "Kunngjøringsdato",
    "levering": "Levering",
    "sikkerhetsniva": "Innlogging for mottakeren",
    "tosidig": "Begge sider av arket",
    "farger": "Farger",
    "konteringskode": "Konteringskode",
}
WORDS: dict[object, str] = {
    "": "Ikke oppgitt",
    True: "Ja",
    False: "Nei",
    Art.FLETTEBREV: "Flettebrev",
    Art.SAMME_DOKUMENT: "Samme dokument til alle",
    Art.ETT_DOKUMENT_PER_RAD: "Ett dokument per rad",
    Art.EN_STOR_PDF: "Én stor PDF",
    LEVERING[0]: "Digitalt først, ellers på papir",
    LEVERING[1]: "Bare digitalt",
    Sikkerhetsniva.BETYDELIG: NIVAER[Sikkerhetsniva.BETYDELIG],
    Sikkerhetsniva.HOYESTE: NIVAER[Sikkerhetsniva.HOYESTE],
}
"""Texts of choices; free text is shown as it is."""


@dataclass(frozen=True, slots=True)
class Forskjell:
    """A field whose value in the form differs from the saved one."""

    felt: str
    lagret: str
    skjema: str


def differences(lagret: Faktaskjema, skjema: Faktaskjema) -> tuple[Forskjell, ...]:
    """The differing fields, in the page's order."""
    pairs = ((navn, getattr(lagret, felt), getattr(skjema, felt)) for felt, navn in NAMES.items())
    return tuple(Forskjell(navn, _words(a), _words(b)) for navn, a, b in pairs if a != b)


def _words(value: str | bool) -> str:
    return WORDS.get(value, str(value))
