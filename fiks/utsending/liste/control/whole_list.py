"""Whole-list checks: what only all rows together show.

Columns that should have one value in every row, the first due date, rows to check the account in, and rival
columns for one field that differ. No single row is wrong, so these are no findings of a row (`findings`);
pages show them for the list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fiks.utsending.liste.findings import Alvorlighet
from fiks.utsending.liste.rules.amounts import DUE_DATES
from fiks.utsending.liste.rules.controlled_row import Kontrollert
from fiks.utsending.liste.rules.payment import DATES
from fiks.utsending.liste.source.column_mapping import rival_columns
from fiks.utsending.liste.values import parse_date

SINGLE_VALUE_COLUMNS = (*DUE_DATES, "skatteaar", "kontonummer")
"""Columns with one value in lists of one tax year; a spreadsheet's fill handle gives each row another."""


@dataclass(slots=True, repr=False)
class _Column:
    """Values seen, the first two rows that differ, and the earliest date with its row."""

    values: set[str] = field(default_factory=set)
    rows: list[int] = field(default_factory=list)
    earliest: tuple[date, int] | None = None

    def add_day(self, value: str, rad: int) -> None:
        """Record a date; an invalid one is reported on its row."""
        day = parse_date(value)
        if day is not None:
            self.earliest = min(self.earliest or (day, rad), (day, rad))
            self.add(value, rad)

    def add(self, value: str, rad: int) -> None:
        self.values.add(value)
        if len(self.rows) < 2:
            self.rows.append(rad)


class _RivalColumns:
    """Columns that may be a field as well as the used one, for as long as they agree with it.

    Also those a person chose among: the choice may be from last year, when they agreed.
    """

    def __init__(self, names: Collection[str]) -> None:
        self.differing: list[dict[str, Any]] = []
        self._alike = rival_columns(names)

    def compare(self, row: Kontrollert) -> None:
        """Compare the columns in a row that can be sent."""
        given = row.rad.verdier
        for kolonne, felt in list(self._alike.items()):
            if given[kolonne].strip() != given[felt].strip():
                del self._alike[kolonne]
                self.differing.append({"felt": felt, "kolonne": kolonne, "rad": row.rad.rad})


class WholeListCheck:
    """Sees every row once and remembers each value once.

    Cost: a set look-up per cell; rival columns are compared until they differ.
    """

    def __init__(self) -> None:
        self._twins: _RivalColumns | None = None
        self._columns = {felt: _Column() for felt in dict.fromkeys((*SINGLE_VALUE_COLUMNS, *DATES))}

    def see(self, rows: Iterable[Kontrollert]) -> None:
        """Record rows with their letters' values. A row that cannot be sent is skipped."""
        for row in rows:
            if self._twins is None:
                self._twins = _RivalColumns(row.rad.verdier)
            if row.funn and row.alvorlighet is Alvorlighet.FEIL:
                continue
            self._twins.compare(row)
            values = row.verdier
            for felt, column in self._columns.items():
                if (value := values.get(felt)) and value not in column.values:
                    (column.add_day if felt in DATES else column.add)(value, row.rad.rad)

    def told(self) -> dict[str, Any]:
        """Return the result as stored, without any value that identifies a person.

        `ulike`: columns with several values (felt, antall, two rows that differ). `forfall`: the first due
        date (felt, dato, rad) or None. `kontonummer`: at most two rows with an account each; of two that
        differ at least one is not the konto's. `dobbelt`: rival columns (felt, kolonne, first row that
        differs).
        """
        ulike = [
            {"felt": felt, "antall": len(column.values), "rader": column.rows}
            for felt in SINGLE_VALUE_COLUMNS
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
