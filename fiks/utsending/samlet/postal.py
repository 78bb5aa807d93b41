"""Splits the lines of an address block into a receiver's fields, without changing their text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from fiks.core.values.address import Portosone, is_known_country, postal_zone
from fiks.utsending.liste.text import LINES

_NORWEGIAN = re.compile(r"^(?:NO?-)?(\d{4})\s+(\D.*)$", re.IGNORECASE)
_DUTCH = re.compile(r"^(\d{4} ?[A-Z]{2})\s+(\D.*)$")
_HAS_DIGIT = re.compile(r"\d")


def address_fields(lines: Sequence[str]) -> dict[str, str]:
    """Return adresselinje1–3, postnr, poststed and land from the lines below the name.

    A code after its place, as in Great Britain and the USA, stays with the place, so that the line is printed
    as written. Surplus lines share the last field.
    """
    street, values = _parts(lines)
    if len(street) > len(LINES):
        street[len(LINES) - 1 :] = [", ".join(street[len(LINES) - 1 :])]
    return dict(zip(LINES, street, strict=False)) | values


def shares_line(lines: Sequence[str]) -> bool:
    """Return whether the block has more lines than fields."""
    return len(_parts(lines)[0]) > len(LINES)


def _parts(lines: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return the lines above the place, and the fields postnr, poststed and land."""
    left = [line for line in lines if line]
    values: dict[str, str] = {}
    if len(left) > 1 and _is_country(left[-1]):
        values["land"] = left.pop()
    found = _place(left[-1], abroad=_is_abroad(values)) if left else None
    if found is not None:
        left.pop()
        values |= {"postnr": found[0], "poststed": found[1]}
    return left, values


def _is_abroad(values: Mapping[str, str]) -> bool:
    return postal_zone(values.get("land")) is not Portosone.NORGE


def _is_country(line: str) -> bool:
    return not _HAS_DIGIT.search(line) and is_known_country(line)


def _place(line: str, *, abroad: bool) -> tuple[str, str] | None:
    """Return (postnr, poststed) of a line; None if it is no such line."""
    if not abroad:
        match = _NORWEGIAN.match(line)
        return (match[1], match[2]) if match else None
    if match := _DUTCH.match(line):
        return match[1], match[2]
    words = line.split(" ")
    code = 0
    while code < len(words) and _HAS_DIGIT.search(words[code]):
        code += 1
    if 0 < code < len(words):
        return " ".join(words[:code]), " ".join(words[code:])
    return "", line
