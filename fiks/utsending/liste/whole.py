"""What only the whole list tells: columns that say the same in every row of most lists, the first day that is due, rows
to look for the account in, and where two columns for one field differ.

No row is wrong by itself, so it is no finding of a row (`findings`); the pages tell it of the list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fiks.utsending.liste.amounts import DUE_DATES
from fiks.utsending.liste.findings import Alvorlighet
from fiks.utsending.liste.mapping import twins
from fiks.utsending.liste.payment import DATES
from fiks.utsending.liste.row import Kontrollert
from fiks.utsending.liste.values import parse_date

SAME = (*DUE_DATES, "skatteaar", "kontonummer")
"""Columns with one value in the lists of one tax year; a sheet's fill handle gives each row another."""


@dataclass(slots=True, repr=False)
class _Column:
    """The values that were seen, the first two rows that differ, and the first day with its row."""

    values: set[str] = field(default_factory=set)
    rows: list[int] = field(default_factory=list)
    earliest: tuple[date, int] | None = None

    def add_day(self, value: str, rad: int) -> None:
        """Remember a date; what is none is told of its row."""
        day = parse_date(value)
        if day is not None:
            self.earliest = min(self.earliest or (day, rad), (day, rad))
            self.add(value, rad)

    def add(self, value: str, rad: int) -> None:
        self.values.add(value)
        if len(self.rows) < 2:
            self.rows.append(rad)


class _Twins:
    """The columns that may be a field as well as the one that is used, while they say the same as that one does.

    Also of those that a person chose among: it may have been last year, when they were alike.
    """

    def __init__(self, names: Collection[str]) -> None:
        self.differing: list[dict[str, Any]] = []
        self._alike = twins(names)

    def compare(self, row: Kontrollert) -> None:
        """Look at a row that can be sent."""
        given = row.rad.verdier
        for kolonne, felt in list(self._alike.items()):
            if given[kolonne].strip() != given[felt].strip():
                del self._alike[kolonne]
                self.differing.append({"felt": felt, "kolonne": kolonne, "rad": row.rad.rad})


class Whole:
    """Is shown every row that is read, and remembers each value once: what it costs is a look-up in a set per cell, and
    of a list with two columns for one field that these are compared, until they differ."""

    def __init__(self) -> None:
        self._twins: _Twins | None = None
        self._columns = {felt: _Column() for felt in dict.fromkeys((*SAME, *DATES))}

    def see(self, rows: Iterable[Kontrollert]) -> None:
        """Look at rows with the values their letters get. One that cannot be sent tells nothing."""
        for row in rows:
            if self._twins is None:
                self._twins = _Twins(row.rad.verdier)
            if row.funn and row.alvorlighet is Alvorlighet.FEIL:
                continue
            self._twins.compare(row)
            values = row.verdier
            for felt, column in self._columns.items():
                if (value := values.get(felt)) and value not in column.values:
                    (column.add_day if felt in DATES else column.add)(value, row.rad.rad)

    def told(self) -> dict[str, Any]:
        """As it is stored: `ulike`, the columns with several values (felt, antall, and two rows that differ),
        `forfall`, the first due date of all (felt, dato, rad) if there is any, `kontonummer`, at most two rows with an
        account each: of two that differ one at least is not the konto's, and `dobbelt`, the columns that may be a field
        as well as the one that is used (felt, kolonne, and the first row that differs). Shows no value that tells who.
        """
        ulike = [
            {"felt": felt, "antall": len(column.values), "rader": column.rows}
            for felt in SAME
            if len((column := self._columns[felt]).values) > 1
        ]
        told = {
            "ulike": ulike,
            "forfall": None,
            "kontonummer": self._columns["kontonummer"].rows,
            "dobbelt": self._twins.differing if self._twins else [],
        }
        days = [(*found, felt) for felt in DATES if (found := self._columns[felt].earliest)]
        if not days:
            return told
        day, rad, felt = min(days)
        return told | {"forfall": {"felt": felt, "dato": day.isoformat(), "rad": rad}}
