"""One record of a source file before columns have names; and finding the header row."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fiks.utsending.liste.columns import recognise
from fiks.utsending.liste.formula_injection import undo_neutralise
from fiks.utsending.liste.values import to_nfc

HEADER_SEARCH = 20
MAX_KOLONNER = 500
MAX_RADER = 200_000
MAX_CELLE = 32_767
_LINE_BREAK = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")  # where str.splitlines breaks


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """A record. `rad`: row number as a spreadsheet shows it. `linje`: physical line. `tall`: positions of
    number cells.

    `brutt`: the record has evidently swallowed a line break between rows.
    """

    rad: int
    linje: int
    felter: list[str]
    tall: frozenset[int] = frozenset()
    brutt: bool = False


def clean_headers(cells: Sequence[str]) -> dict[str, str]:
    """Return {column name: header text}; a nameless column inside the table is "Kolonne N" with empty text.

    A repeated header gets a number, "Adresse (2)". A made-up name never equals another column's, and does not
    decide the column's field.
    """
    names = [to_nfc(" ".join(undo_neutralise(cell).split())) for cell in cells]
    while names and not names[-1]:
        names.pop()
    given, seen = set(names), dict[str, int]()
    unique: dict[str, str] = {}
    for number, name in enumerate(names, 1):
        first = own = name or f"Kolonne {number}"
        while own in unique or (own != name and own in given):
            seen[first] = seen.get(first, 1) + 1
            own = f"{first} ({seen[first]})"
        unique[own] = name
    return unique


def has_line_break(cell: str) -> bool:
    """Return whether the cell contains a line break of any system."""
    return _LINE_BREAK.search(cell) is not None


def header_score(cells: Sequence[str], mapping: Mapping[str, str | None] | None) -> int:
    """Return how many cells of a row are known headers."""
    known: Collection[str] = mapping or ()
    named = ((name, recognise(says)) for name, says in clean_headers(cells).items())
    return len({felt or name for name, felt in named if felt or name in known})


def header_has_name(cells: Sequence[str], mapping: Mapping[str, str | None] | None) -> bool:
    """Return whether the header has a column, or two, with the receivers' names."""
    chosen = mapping or {}
    headers = clean_headers(cells).items()
    return include_name(chosen[name] if name in chosen else recognise(says) for name, says in headers)


def include_name(fields: Iterable[str | None]) -> bool:
    """Return whether these fields include a receiver's name."""
    present = set(fields)
    return "navn" in present or {"fornavn", "etternavn"} <= present


def is_filled(cells: Sequence[str]) -> bool:
    """Return whether any cell of a row has content."""
    return any(cell and not cell.isspace() for cell in cells)


def find_header(
    rows: Sequence[Sequence[str]], mapping: Mapping[str, str | None] | None
) -> tuple[int, int] | None:
    """Return (index, score) of the header among the first rows; score 0 if it only looks like one; else None."""
    best: tuple[int, int] | None = None
    for index, cells in enumerate(rows[:HEADER_SEARCH]):
        score = header_score(cells, mapping)
        if score and (best is None or score > best[1]):
            best = (index, score)
    if best:
        return best
    for index, cells in enumerate(rows[:HEADER_SEARCH]):
        filled = [cell.strip() for cell in cells if cell.strip()]
        if len(filled) >= 2 and len(set(filled)) == len(filled) and not any(c[0].isdigit() for c in filled):
            return index, 0
    return None
