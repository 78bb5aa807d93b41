"""The lines of an address block as the fields of a receiver: what is written stays as it is written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from fiks.core.address import Portosone, is_known_country, postal_zone
from fiks.utsending.liste.text import LINES

_NORWEGIAN = re.compile(r"^(?:NO?-)?(\d{4})\s+(\D.*)$", re.IGNORECASE)
_DUTCH = re.compile(r"^(\d{4} ?[A-Z]{2})\s+(\D.*)$")
_HAS_DIGIT = re.compile(r"\d")


def address_fields(lines: Sequence[str]) -> dict[str, str]:
    """adresselinje1–3, postnr, poststed and land of the lines under the name.

    A code that stands after its place, as in Great Britain and the USA, stays with the place, so that the line is
    printed as it was written. More lines than there are fields share the last one.
    """
    street, values = _parts(lines)
    if len(street) > len(LINES):
        street[len(LINES) - 1 :] = [", ".join(street[len(LINES) - 1 :])]
    return dict(zip(LINES, street, strict=False)) | values


def shares_line(lines: Sequence[str]) -> bool:
    """Whether the block has more lines than there are fields for."""
    return len(_parts(lines)[0]) > len(LINES)


def _parts(lines: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The lines above the place, and the place."""
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
    """(postnr, poststed) of the line that has them; None when it does not look like one."""
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
