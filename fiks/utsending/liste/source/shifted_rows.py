"""Shifted rows: rows with too many fields, because a separator inside a cell split it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fiks.utsending.liste.columns import ALLE, Kolonnetype

_T = Kolonnetype
_DIGITS = re.compile(r"^\d*$")
_NUMBER = re.compile(r"^-?[\d .\u00a0]*(,\d+)?$")
_FITS = {
    _T.FNR: re.compile(r"^[\d\s]*$"),
    _T.ORGNR: re.compile(r"^[\d\s]*$"),
    _T.POSTNR: re.compile(r"^[\w -]{0,10}$"),
    _T.HELTALL: _DIGITS,
    _T.AAR: _DIGITS,
    _T.DESIMAL: _NUMBER,
    _T.KRONER: _NUMBER,
    _T.BELOP: _NUMBER,
    _T.KID: re.compile(r"^[\d\s]*-?$"),
    _T.KONTONUMMER: re.compile(r"^[\d\s.]*$"),
    _T.DATO: re.compile(r"^(\d+([./-]\d+){0,2})?$"),
    _T.MALFORM: re.compile(r"^(nb|nn)?$", re.IGNORECASE),
}
_WITH_DECIMALS = {_T.KRONER, _T.BELOP, _T.DESIMAL}
_WHOLE = re.compile(r"\s*-?\d[\d .\u00a0]*")
_DECIMALS = re.compile(r"\s*\d\d\s*")


def count_trailing_empty(
    header: Sequence[str], rows: Sequence[Sequence[str]], columns: Sequence[str], separator: str
) -> int:
    """Return how many empty fields the file's rows have after its columns.

    The most usual count among rows no longer than the header, else the lowest count, for a split cell adds
    one. A single row proves nothing, as it may be the split one; so may all rows, by the comma in an amount.
    """
    width = len(columns)
    own = len(header) - width
    ends = [
        len(row) - width
        for row in rows
        if any(map(str.strip, row)) and len(row) >= width and not any(map(str.strip, row[width:]))
    ]
    if len(ends) < 2:
        return own
    if like_header := [many for many in ends if many <= own]:
        return max(like_header, key=lambda many: (like_header.count(many), many == own))
    return own if separator == "," and _cut_at_decimals(rows, columns) else min(ends)


def _cut_at_decimals(rows: Sequence[Sequence[str]], columns: Sequence[str]) -> bool:
    """Return whether an amount is followed by two digits in every row, as 951,00 in a comma-separated file."""
    filled = [row for row in rows if any(map(str.strip, row))]
    return any(
        all(
            len(row) > at + 1 and _WHOLE.fullmatch(row[at]) and _DECIMALS.fullmatch(row[at + 1])
            for row in filled
        )
        for at, column in enumerate(columns)
        if column not in ALLE or ALLE[column].type in _WITH_DECIMALS
    )


def locate_shift(fields: Sequence[str], columns: Sequence[str]) -> dict[str, list[str]]:
    """Return {column: its raw parts} for the column most likely split; empty if it cannot be determined.

    A merge is scored by how many typed columns then fit the rest of the row; text columns are split more
    often than numbers.
    """
    surplus = len(fields) - len(columns)
    if surplus < 1:
        return {}
    scores = [(_score(fields, columns, at, surplus), at) for at in range(len(columns))]
    best = max(score for score, _ in scores)
    winners = [at for score, at in scores if score == best]
    if len(winners) > 1:
        return {}
    at = winners[0]
    return {columns[at]: list(fields[at : at + surplus + 1])}


def _score(fields: Sequence[str], columns: Sequence[str], at: int, surplus: int) -> float:
    score = 0.0
    for index, column in enumerate(columns):
        kolonne = ALLE.get(column)
        pattern = _FITS.get(kolonne.type) if kolonne else None
        if index == at:
            parts = fields[at : at + surplus + 1]
            score += 0.0 if pattern else 0.25
            score += 0.5 if all(part.startswith(" ") for part in parts[1:]) else 0.0
            score += 0.25 if all(part.strip() for part in parts) else 0.0
        elif pattern and pattern.match(fields[index if index < at else index + surplus].strip()):
            score += 1.0
    return score
