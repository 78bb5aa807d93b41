"""Money is whole øre in an int. Reading and printing follow Norwegian practice; no float ever holds an amount."""

from __future__ import annotations

import re

from fiks.core.errors import UgyldigInndata

NBSP = "\u00a0"
_AMOUNT = re.compile(r"(?P<sign>[-\u2212]?)(?P<kroner>\d{1,15})(?:[.,](?P<ore>\d{1,2}))?")
_GROUPS = re.compile(r"(?<=\d)[ \u00a0\u202f'](?=\d{3}(?!\d))")


def parse_ore(text: str) -> int:
    """Read "3804,00", "1 225.25" or "-14" as øre; UgyldigInndata("BELOP_UGYLDIG") for anything else."""
    match = _AMOUNT.fullmatch(_GROUPS.sub("", text.strip()))
    if match is None:
        raise UgyldigInndata("BELOP_UGYLDIG")
    ore = int(match["kroner"]) * 100 + int((match["ore"] or "0").ljust(2, "0"))
    return -ore if match["sign"] else ore


def format_ore(ore: int) -> str:
    """Print øre as "14 480" or "3 999,75" with no-break spaces; øre only where not 00."""
    kroner, rest = divmod(abs(ore), 100)
    text = f"{kroner:,}".replace(",", NBSP)
    sign = "\u2212" if ore < 0 else ""
    return f"{sign}{text}" + (f",{rest:02}" if rest else "")
