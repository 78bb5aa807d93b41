"""Finds the number in a letter's id area, despite labels, spaces or other numbers beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fiks.core.values.identifiers import is_fnr, is_orgnr

_DIGITS = re.compile(r"\d+")
_APART = re.compile(r"[\s.\-\u2010-\u2015]{0,2}")
_WRITTEN = (
    re.compile(r"(?<!\d)(\d{6})[ .\-\u2010-\u2015]{0,2}(\d{5})(?!\d)"),
    re.compile(r"(?<!\d)(\d{9})(?!\d)"),
    re.compile(r"(?<!\d)(?<!\d[ .])(\d{3})[ .](\d{3})[ .](\d{3})(?![ .]?\d)"),
)
_GROUPS = 3
"""Most groups a number is written in: 123 456 789, 010180 12345."""

FNR, ORGNR = 11, 9


@dataclass(frozen=True, slots=True, repr=False)
class Nummer:
    """A number found. `felt`: fnr, orgnr, or empty if there are no digits. `riktig`: its check digits are
    valid.

    `flere`: there are several valid numbers, so none is used.
    """

    felt: str = ""
    verdi: str = ""
    riktig: bool = False
    flere: bool = False


def find_number(lines: Sequence[str]) -> Nummer:
    """Return the receiver's number in these lines; an invalid one too, for the control to judge."""
    text = " ".join(lines)
    right = dict.fromkeys(number for number in _candidates(text) if is_fnr(number) or is_orgnr(number))
    if len(right) == 1:
        [number] = right
        return Nummer("fnr" if len(number) == FNR else "orgnr", number, riktig=True)
    if right:
        return Nummer(flere=True)
    groups = _DIGITS.findall(text)
    if not groups:
        return Nummer()
    number = _likeliest(text, groups)
    return Nummer("orgnr" if len(number) == ORGNR else "fnr", number)


def numbers_written(lines: Sequence[str]) -> tuple[str, ...]:
    """Return valid numbers written in the usual form, for pages that may hold sums and dates too.

    One in eleven nine-digit numbers is a valid organisasjonsnummer, so adjacent sums are not joined here.
    """
    found = ("".join(match.groups()) for line in lines for form in _WRITTEN for match in form.finditer(line))
    return tuple(dict.fromkeys(number for number in found if is_fnr(number) or is_orgnr(number)))


def _candidates(text: str) -> Iterator[str]:
    """Yield digit runs, alone and joined with neighbours across blanks, a dot or a hyphen."""
    found = list(_DIGITS.finditer(text))
    for first in range(len(found)):
        number = ""
        for last in range(first, min(first + _GROUPS, len(found))):
            if last > first and not _APART.fullmatch(text[found[last - 1].end() : found[last].start()]):
                break
            number += found[last][0]
            yield number


def _likeliest(text: str, groups: Sequence[str]) -> str:
    """Return the probable number: one of the right length, else all digits."""
    for number in _candidates(text):
        if len(number) in (FNR, ORGNR):
            return number
    return "".join(groups)
