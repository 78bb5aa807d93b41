"""Records from a workbook, read by calamine after the zip has been inspected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

from .findings import Filkode, ListeFeil
from .records import HEADER_SEARCH, MAX_CELLE, MAX_KOLONNER, Record, find_header
from .zip_guard import Sheetscan, check_zip, scan_sheet

Cell = int | float | str | bool | time | date | datetime | timedelta
EXACT_INTEGER = 10**15


def open_sheet(path: Path, mapping: Mapping[str, str | None] | None) -> CalamineSheet:
    """The first visible sheet with a known header, else the first visible sheet with a plausible one.

    Raises `ListeFeil`: what `check_zip` and `scan_sheet` say, FIL_UGYLDIG, FIL_PASSORD, FORMELCELLE,
    FEILVERDI_I_CELLE, OVERSKRIFT_MANGLER, INGEN_RADER.
    """
    check_zip(path)
    try:
        workbook = CalamineWorkbook.from_path(path)
        sheet = _choose(path, workbook, mapping)
    except PasswordError as error:
        raise ListeFeil(Filkode.FIL_PASSORD) from error
    except CalamineError as error:
        raise ListeFeil(Filkode.FIL_UGYLDIG) from error
    if sheet.end and sheet.end[1] >= MAX_KOLONNER:
        raise ListeFeil(Filkode.FOR_MANGE_KOLONNER, grense=MAX_KOLONNER)
    return sheet


def _choose(
    path: Path, workbook: CalamineWorkbook, mapping: Mapping[str, str | None] | None
) -> CalamineSheet:
    chosen: tuple[CalamineSheet, Sheetscan] | None = None
    filled = False
    for meta in workbook.sheets_metadata:
        if meta.visible != SheetVisibleEnum.Visible or meta.typ != SheetTypeEnum.WorkSheet:
            continue
        scan = scan_sheet(path, meta.name)
        sheet = workbook.get_sheet_by_name(meta.name)
        filled = filled or sheet.height > 0
        found = find_header(_first_rows(sheet), mapping)
        if found and (found[1] or chosen is None):
            chosen = (sheet, scan)
        if found and found[1]:
            break
    if chosen is None:
        raise ListeFeil(Filkode.OVERSKRIFT_MANGLER if filled else Filkode.INGEN_RADER)
    chosen[1].refuse()
    return chosen[0]


def _first_rows(sheet: CalamineSheet) -> list[list[str]]:
    rows = []
    for record in records(sheet):
        rows.append(record.felter)
        if len(rows) == HEADER_SEARCH:
            break
    return rows


def records(sheet: CalamineSheet) -> Iterator[Record]:
    """Every row of the sheet as text, empty ones too; `rad` is the number the spreadsheet shows."""
    for rad, cells in enumerate(sheet.iter_rows(), 1):
        numbers = frozenset(i for i, cell in enumerate(cells) if type(cell) is float or type(cell) is int)
        fields = [cell if type(cell) is str else cell_text(cell) for cell in cells]
        if fields and max(map(len, fields)) > MAX_CELLE:
            raise ListeFeil(Filkode.CELLE_FOR_LANG, linje=rad)
        yield Record(rad, rad, fields, numbers)


def cell_text(cell: Cell) -> str:
    """The cell as a Norwegian would type it: decimal comma, dd.mm.yyyy, no thousands separator."""
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
