"""Postal addresses: the lines in the window of the envelope, and the postage zone of a country.

Names of countries come from CLDR (through Babel): Norwegian, English and each European country's own
languages.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_official_languages

NORGE = "NO"
SVALBARD = "SJ"

# fmt: off
EUROPA = frozenset({
    "AD", "AL", "AT", "AX", "BA", "BE", "BG", "BY", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI",
    "FO", "FR", "GB", "GG", "GI", "GL", "GR", "HR", "HU", "IC", "IE", "IM", "IS", "IT", "JE", "LI",
    "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT", "NL", "PL", "PT", "RO", "RS", "RU", "SE", "SI",
    "SK", "SM", "TR", "UA", "VA", "XK",
})
# fmt: on
"""The countries of the Europe zone, ISO 3166-1 alpha-2 (XK Kosovo, IC the Canary Islands)."""

# In CLDR, but no place a letter can go to.
_NOT_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})

# Names in common use that CLDR does not give for these languages.
_OTHER_NAMES = {
    "AX": "Ålandsøyene",
    "BA": "Bosnia, Bosnia og Hercegovina, Bosnia-Herzegovina",
    "BY": "Hviterussland, Kviterussland, White Russia",
    "CD": "Kongo-Kinshasa, DR Kongo, Den demokratiske republikken Kongo",
    "CI": "Ivory Coast",
    "CV": "Cape Verde",
    "CZ": "Czech Republic, Česká republika, Den tsjekkiske republikk",
    "GB": "Great Britain, England, Scotland, Wales, Northern Ireland, Skottland, Nord-Irland, Det forente kongerike",
    "HK": "Hongkong, Hong Kong",
    "MK": "Makedonia, Macedonia",
    "MM": "Burma, Myanmar",
    "MO": "Macao, Macau",
    "NL": "Holland",
    "NO": "Kongeriket Norge, Norga, Vuodna, Nöörje",
    "PS": "Palestina, Palestine",
    "RU": "Den russiske føderasjon, Russian Federation",
    "SJ": "Svalbard, Jan Mayen",
    "SZ": "Swaziland",
    "TR": "Turkey",
    "US": "United States of America, De forente stater, Dei sameinte statane, Amerika",
    "VA": "Vatikanet, Vatican",
    "XK": "XKX",
}

# What CLDR calls these in Norwegian ("Kongo", "Man") could be another place, too.
_PRINTED = {"CD": "Kongo-Kinshasa", "IM": "Isle of Man"}


class Portosone(StrEnum):
    """Postage zone of the receiver's country (svarut.md 1.3)."""

    NORGE = "NORGE"
    EUROPA = "EUROPA"
    VERDEN = "VERDEN"


@dataclass(frozen=True, slots=True, repr=False)
class Adresse:
    """A receiver's name and postal address as given; missing parts are empty. Its repr hides everything, for
    the logs.
    """

    navn: str
    adresselinje1: str = ""
    adresselinje2: str = ""
    adresselinje3: str = ""
    postnr: str = ""
    poststed: str = ""
    land: str = ""

    def __repr__(self) -> str:
        return "Adresse(…)"


def postal_zone(land: str | None) -> Portosone:
    """Return the postage zone of a country given by name or ISO code; no country at all is Norway.

    An unknown country takes world postage.
    """
    code = country_code(land)
    if code in (NORGE, SVALBARD):
        return Portosone.NORGE
    return Portosone.EUROPA if code in EUROPA else Portosone.VERDEN


def is_known_country(land: str | None) -> bool:
    """Tell whether the text names a country of the world (none at all is Norway)."""
    return country_code(land) is not None


def country_code(land: str | None) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of a country given by name or code; None if it is unknown.

    Letter case, accents, dots and extra spaces do not matter. No text at all is Norway.
    """
    return _code(land or "")


@lru_cache(maxsize=4096)
def country_line(land: str) -> str:
    """Return the last line of an address as printed: the country's name in capitals, empty for Norway.

    A bare ISO code is written out in Norwegian; a name stays in the language it is given in, and an unknown
    code stays as it is.
    """
    written = " ".join(land.split())
    code = country_code(written)
    if code in (NORGE, SVALBARD):
        return ""
    if code is not None and written.isascii() and written.isalpha() and len(written) <= 3:
        written = _PRINTED.get(code) or _territories("nb")[code]
    return written.upper()


@lru_cache(maxsize=4096)
def _code(land: str) -> str | None:
    return _countries().get(_fold(land)) if land.strip() else NORGE


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Return the alpha-2 code of every folded name and code. Built once, about 0.2 s."""
    codes = [code for code in _territories("nb") if len(code) == 2 and code not in _NOT_COUNTRIES]
    known: dict[str, str] = {}
    for language in ("nb", "nn", "en"):
        known |= {_fold(name): code for code, name in _territories(language).items() if code in codes}
    for code in codes:
        known |= {_fold(name): code for name in _own_names(code)} if code in EUROPA else {}
        known |= {_fold(name): code for name in _OTHER_NAMES.get(code, "").split(",") if name}
        known[_fold(code)] = code
    for alias, targets in get_global("territory_aliases").items():
        if alias.isalpha() and len(targets) == 1 and targets[0] in codes:
            known.setdefault(_fold(alias), targets[0])
    return known


def _territories(language: str) -> dict[str, str]:
    """Return CLDR's territories by code, in one language. Regions of the world have digits as code."""
    return {str(code): str(name) for code, name in Locale.parse(language).territories.items()}


def _own_names(code: str) -> list[str]:
    """Return the names of a country in its official languages, as far as CLDR has them."""
    names = []
    for language in get_official_languages(code, de_facto=True):
        try:
            names.append(_territories(language).get(code, ""))
        except UnknownLocaleError:
            continue
    return [name for name in names if name]


def _fold(name: str) -> str:
    """Return a name as lookup key: lower case, no accents or dots, no leading "the", single spaces."""
    plain = (
        unicodedata.normalize("NFKD", name.casefold()).replace("ø", "o").replace("æ", "ae").replace(".", "")
    )
    words = "".join(letter for letter in plain if not unicodedata.combining(letter)).replace("-", " ").split()
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)
