"""Postal addresses as they are printed, and the postage zone a country gives (svarut.md 1.3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from babel import Locale

LANGUAGES = ("nb", "nn", "en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "fi", "pl", "is", "et", "lv", "lt")
EUROPE = frozenset(
    "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GL GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK"
    " MT NL PL PT RO RS RU SE SI SJ SK SM TR UA VA XK".split()
)
EXTRA = {"england": "GB", "skottland": "GB", "scotland": "GB", "wales": "GB", "holland": "NL", "uk": "GB", "usa": "US"}


class Portosone(StrEnum):
    NORGE = "NORGE"
    EUROPA = "EUROPA"
    VERDEN = "VERDEN"


@dataclass(frozen=True, slots=True, repr=False)
class Adresse:
    """A name and postal address. `land` empty means Norway. No repr: it must not reach a log."""

    navn: str
    adresselinje1: str = ""
    adresselinje2: str = ""
    adresselinje3: str = ""
    postnr: str = ""
    poststed: str = ""
    land: str = ""


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    names: dict[str, str] = dict(EXTRA)
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                names.setdefault(name.casefold(), code)
    for code in {code for code in names.values()}:
        names.setdefault(code.casefold(), code)
    return names


def country_code(land: str) -> str | None:
    """The ISO code of a country given by name (Norwegian, English or its own language) or code; None if unknown."""
    text = " ".join(land.split()).casefold()
    return "NO" if not text else _countries().get(text)


def is_known_country(land: str) -> bool:
    """Whether `land` is empty (Norway) or a country we know by name or code."""
    return country_code(land) is not None


def postal_zone(land: str) -> Portosone:
    """The postage zone: Norway, a known European country, or the world for everything else."""
    code = country_code(land)
    if code == "NO":
        return Portosone.NORGE
    return Portosone.EUROPA if code in EUROPE else Portosone.VERDEN


def print_lines(adresse: Adresse) -> list[str]:
    """The lines for the address window: postnr and poststed on one line, a foreign country in capitals last."""
    place = " ".join(part for part in (adresse.postnr.strip(), adresse.poststed.strip()) if part)
    lines = [adresse.navn, adresse.adresselinje1, adresse.adresselinje2, adresse.adresselinje3, place]
    if postal_zone(adresse.land) is not Portosone.NORGE:
        lines.append(adresse.land.strip().upper())
    return [line.strip() for line in lines if line.strip()]
