"""Reads workbook records with calamine, after the zip has been inspected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from fiks.utsending.liste.findings import Filkode, ListeFeil
from fiks.utsending.liste.source.records import (
    HEADER_SEARCH,
    MAX_CELLE,
    MAX_KOLONNER,
    Record,
    find_header,
    header_has_name,
    is_filled,
)
from fiks.utsending.liste.source.xlsx_guard import Sheetscan, check_zip, scan_sheet

Cell = int | float | str | bool | time | date | datetime | timedelta
EXACT_INTEGER = 10**15
SHOWN_SHEETS = 10


@dataclass(frozen=True, slots=True)
class OpenedSheet:
    """The chosen sheet, and the names of the other visible sheets with content."""

    sheet: CalamineSheet
    andre: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _SheetCandidate:
    """A visible sheet.

    `header`: row number of its header. `known`: number of known headers (0 if the row only looks like one).
    `named`: a column holds names. `filled`: there is content below the header.
    """

    sheet: CalamineSheet
    scan: Sheetscan
    header: int
    known: int
    named: bool
    filled: bool


def open_sheet(path: Path, mapping: Mapping[str, str | None] | None, *, names: bool = True) -> OpenedSheet:
    """Return the first visible sheet with a name column, else with a known header, else a plausible one.

    Without `names` it is no list of receivers: a known header is enough, rows may be hidden, and other sheets
    may be alike. Raises `ListeFeil`: the codes of `check_zip` and `scan_sheet`, FIL_UGYLDIG, FIL_PASSORD,
    FORMELCELLE, FORMEL_I_ARK, FEILVERDI_I_CELLE, FEILVERDI_I_ARK, OVERSKRIFT_MANGLER, INGEN_RADER, and, with
    `names`, FLERE_ARK and SKJULTE_RADER.
    """
    check_zip(path)
    try:
        chosen, others = _choose(path, CalamineWorkbook.from_path(path), mapping, names=names)
    except PasswordError as error:
        raise ListeFeil(Filkode.FIL_PASSORD) from error
    except CalamineError as error:
        raise ListeFeil(Filkode.FIL_UGYLDIG) from error
    chosen.scan.refuse(chosen.sheet.name)
    if chosen.sheet.end and chosen.sheet.end[1] >= MAX_KOLONNER:
        raise ListeFeil(Filkode.FOR_MANGE_KOLONNER, grense=MAX_KOLONNER)
    if names:
        _refuse_hidden(chosen)
    return OpenedSheet(chosen.sheet, others)


def _choose(
    path: Path, workbook: CalamineWorkbook, mapping: Mapping[str, str | None] | None, *, names: bool
) -> tuple[_SheetCandidate, tuple[str, ...]]:
    """Return the sheet to read and the names of the others.

    An unreadable sheet refuses the file only if no sheet before it has a known header.
    """
    chosen: _SheetCandidate | None = None
    filled, lists = list[str](), list[str]()
    for meta in workbook.sheets_metadata:
        if meta.visible != SheetVisibleEnum.Visible or meta.typ != SheetTypeEnum.WorkSheet:
            continue
        try:
            scan = scan_sheet(path, meta.name)
            sheet = workbook.get_sheet_by_name(meta.name)
        except (ListeFeil, CalamineError):
            if chosen is None or not chosen.known:
                raise
            filled.append(meta.name)
            continue
        if sheet.height:
            filled.append(meta.name)
        seen = _inspect_sheet(sheet, scan, mapping)
        if seen is None:
            continue
        if seen.named and seen.filled:
            lists.append(meta.name)
        if chosen is None or _rank(seen, names=names) > _rank(chosen, names=names):
            chosen = seen
    if chosen is None:
        raise ListeFeil(Filkode.OVERSKRIFT_MANGLER if filled else Filkode.INGEN_RADER)
    if names and len(lists) > 1:
        raise ListeFeil(Filkode.FLERE_ARK, ark=", ".join(lists[:SHOWN_SHEETS]))
    return chosen, tuple(name for name in filled if name != chosen.sheet.name)


def _rank(seen: _SheetCandidate, *, names: bool) -> tuple[bool, bool]:
    return names and seen.named, seen.known > 0


def _inspect_sheet(
    sheet: CalamineSheet, scan: Sheetscan, mapping: Mapping[str, str | None] | None
) -> _SheetCandidate | None:
    """Inspect a sheet; None if it has no header."""
    first = _first_rows(sheet)
    found = find_header(first, mapping)
    if found is None:
        return None
    index, known = found
    below = (record for record in records(sheet) if record.rad > index + 1)
    return _SheetCandidate(
        sheet,
        scan,
        index + 1,
        known,
        header_has_name(first[index], mapping),
        any(is_filled(record.felter) for record in below),
    )


def _refuse_hidden(seen: _SheetCandidate) -> None:
    """Refuse hidden rows: the user filtered them out and believes they get no letters."""
    hidden = seen.scan.hidden
    if not hidden and not seen.scan.hidden_unnumbered:
        return
    filled = sum(
        1
        for record in records(seen.sheet)
        if record.rad in hidden and record.rad > seen.header and is_filled(record.felter)
    )
    if count := filled + seen.scan.hidden_unnumbered:
        raise ListeFeil(Filkode.SKJULTE_RADER, antall=count, ark=seen.sheet.name)


def _first_rows(sheet: CalamineSheet) -> list[list[str]]:
    rows = []
    for record in records(sheet):
        rows.append(record.felter)
        if len(rows) == HEADER_SEARCH:
            break
    return rows


def records(sheet: CalamineSheet) -> Iterator[Record]:
    """Yield every row of the sheet as text, empty ones too; `rad` is the number the spreadsheet shows."""
    for rad, cells in enumerate(sheet.iter_rows(), 1):
        numbers = frozenset(i for i, cell in enumerate(cells) if type(cell) is float or type(cell) is int)
        fields = [cell if type(cell) is str else cell_text(cell) for cell in cells]
        if fields and max(map(len, fields)) > MAX_CELLE:
            raise ListeFeil(Filkode.CELLE_FOR_LANG, linje=rad)
        yield Record(rad, rad, fields, numbers)


def cell_text(cell: Cell) -> str:
    """Return the cell as a Norwegian would type it: decimal comma, dd.mm.yyyy, no thousands separator."""
    if isinstance(cell, bool):
        return "ja" if cell else "nei"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell)) if abs(cell) < EXACT_INTEGER else f"{cell:.0f}"
        return f"{cell:.15g}".replace(".", ",")
    if isinstance(cell, datetime) and (cell.hour or cell.minute or cell.second):
        return f"{cell:%d.%m.%Y %H:%M}"
    if isinstance(cell, date):
        return f"{cell.day:02}.{cell.month:02}.{cell.year:04}"
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    return str(cell)
