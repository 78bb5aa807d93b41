"""Money is whole øre in an int, never a float: parsed as people and spreadsheets write it, printed as letters
do.
"""

from __future__ import annotations

import re

from fiks.core.errors import UgyldigInndata

NBSP = "\u00a0"
MINUS = "\u2212"

_BLANK = "[ \u00a0\u202f\u2009]"
_AMOUNT = re.compile(
    rf"""(?:kr\.?\s*)?
    (?P<sign>[-+{MINUS}]?)\s*
    (?P<kroner>
        [0-9]{{1,15}}
      | [0-9]{{1,3}}(?:{_BLANK}[0-9]{{3}}){{1,4}}      # 1 225
      | [0-9]{{1,3}}(?:\.[0-9]{{3}}){{1,4}}(?=,)       # 1.225,25: the dot groups only when a comma follows
      | [0-9]{{1,3}}(?:,[0-9]{{3}}){{1,4}}(?=\.)       # 1,225.25
    )
    (?:[.,](?P<ore>[0-9]{{1,2}}|-))?
    (?:\s*kr)?""",
    re.VERBOSE | re.IGNORECASE,
)


def parse_ore(text: str) -> int:
    """Read an amount in kroner and return whole øre: `3804,00`, `1 225.25`, `-12,5`, `kr 1 225,-`.

    Spaces and no-break spaces group thousands; dots or commas do only when the other one follows as decimal sign.
    More than two decimals, and `1.225` or `1,225` alone (thousands or decimals?), are refused rather than guessed:
    UgyldigInndata BELOP_UGYLDIG.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise UgyldigInndata("BELOP_UGYLDIG")
    decimals = (match["ore"] or "0").replace("-", "0").ljust(2, "0")
    ore = int(re.sub("[^0-9]", "", match["kroner"])) * 100 + int(decimals)
    return -ore if match["sign"] in ("-", MINUS) else ore


def format_ore(ore: int) -> str:
    """Write øre as kroner with no-break spaces: `14 480`, `3 999,75`, `−12,50`. TypeError for anything but an int."""
    if type(ore) is not int:
        raise TypeError("an amount is a whole number of øre")
    kroner, rest = divmod(abs(ore), 100)
    sign = MINUS if ore < 0 else ""
    grouped = f"{kroner:,}".replace(",", NBSP)
    return f"{sign}{grouped},{rest:02d}" if rest else f"{sign}{grouped}"
