"""Where a row with too many fields was cut: an unquoted separator inside a cell."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .columns import ALLE, Kolonnetype

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


def locate_shift(fields: Sequence[str], columns: Sequence[str]) -> dict[str, list[str]]:
    """{column: its raw parts} for the column whose cell was most likely split; {} when it cannot be seen.

    A merge is judged by how many typed columns the rest of the row then fits, and text columns are split
    more often than numbers.
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
