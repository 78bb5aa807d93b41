"""Files for download: rows with findings, and an example list. No cell can become a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import xlsxwriter

from fiks.utsending.liste.columns import KOLONNER, written_header
from fiks.utsending.liste.findings import Alvorlighet, Funn
from fiks.utsending.liste.formula_injection import neutralise

BOM = "\ufeff"
LEADING_HEADERS = ("rad", "alvorlighet", "funn")
KEPT_WHEN_PROTECTED = frozenset({"fnr", "navn", "eksternref", "konteringskode"})
_PLAIN_NUMBER = re.compile(r"[+-]\d[\d .,\u00a0]*")


@dataclass(frozen=True, slots=True, repr=False)
class Eksportrad:
    """One row for the error file; a `skjermet` row has no address and no location."""

    rad: int
    alvorlighet: Alvorlighet
    verdier: dict[str, str]
    funn: tuple[Funn, ...]
    skjermet: bool = False


def csv_line(values: Iterable[str]) -> str:
    """Return one csv line as Norwegian Excel reads it (`;`, CRLF; the file starts with a BOM)."""
    line = io.StringIO()
    csv.writer(line, delimiter=";", lineterminator="\r\n").writerow([neutralise(value) for value in values])
    return line.getvalue()


def _headers(columns: Sequence[str], leading: Sequence[str]) -> list[str]:
    """Return the headers; a leading one is renamed if the list has a column of its name.

    Otherwise the second of two equal headers would get another name when the file is read again.
    """
    free = [f"{name} (feilliste)" if name in columns else name for name in leading]
    return [*free, *map(written_header, columns)]


def _without_leading(columns: Sequence[str], leading: Sequence[str]) -> Sequence[str]:
    """Drop the leading columns if the list itself is an error file: they tell what was wrong before."""
    first = len(leading)
    return columns[first:] if list(columns[:first]) == list(leading) else columns


def _cells(
    rows: Iterable[Eksportrad], columns: Sequence[str], describe: Callable[[Funn], str]
) -> Iterator[list[str]]:
    for row in rows:
        texts = " ".join(describe(finding) for finding in row.funn)
        shown = [
            "" if row.skjermet and column not in KEPT_WHEN_PROTECTED else row.verdier.get(column, "")
            for column in columns
        ]
        yield [str(row.rad), row.alvorlighet, texts, *shown]


def write_csv(
    stream: TextIO,
    rows: Iterable[Eksportrad],
    columns: Sequence[str],
    describe: Callable[[Funn], str],
    leading: Sequence[str] = LEADING_HEADERS,
) -> int:
    """Write rows with findings as Norwegian Excel reads them (BOM, `;`, CRLF); return how many.

    `columns`: value names in the list's own order. `describe`: text of a finding in the user's language.
    `leading`: the three first headers. Open `stream` with newline="" and encoding utf-8. When the file is
    read again, each value keeps its name.
    """
    columns = _without_leading(columns, leading)
    stream.write(BOM + csv_line(_headers(columns, leading)))
    count = 0
    for cells in _cells(rows, columns, describe):
        stream.write(csv_line(cells))
        count += 1
    return count


def write_xlsx(
    path: Path,
    rows: Iterable[Eksportrad],
    columns: Sequence[str],
    describe: Callable[[Funn], str],
    leading: Sequence[str] = LEADING_HEADERS,
) -> int:
    """Write the same rows as a workbook of text cells, so identifiers keep zeros and phone numbers their
    plus.
    """
    columns = _without_leading(columns, leading)
    return write_sheet(path, _headers(columns, leading), _cells(rows, columns, describe))


def write_sheet(path: Path, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Write a workbook of one sheet with a bold header row and text cells; return the number of rows."""
    count = 0
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Liste")
        text, bold = workbook.add_format({"num_format": "@"}), workbook.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for column, header in enumerate(headers):
            sheet.write_string(0, column, neutralise(header), bold)
        for count, cells in enumerate(rows, 1):
            for column, cell in enumerate(cells):
                plain = _PLAIN_NUMBER.fullmatch(cell)
                sheet.write_string(count, column, cell if plain else neutralise(cell), text)
    return count


EXAMPLE = {
    "fnr": "11928512179",
    "navn": "RETTFERDIG TYTTEBÆR",
    "adresselinje1": "Vottgarden",
    "postnr": "5430",
    "poststed": "BREMNES",
    "gnr": "27",
    "bnr": "526",
    "eiendomsadresse": "Hønesvingen 36 A",
    "eiendomstype": "bolig",
    "takst": "3950000",
    "bunnfradrag": "600000",
    "boenheter": "1",
    "reduksjonsfaktor": "0,7",
    "skattesats_promille": "3,1",
    "skatteaar": "2027",
    "skatt_aar": "6712,00",
    "terminer": "4",
    "belop_termin": "1678,00",
    "belop_siste_termin": "1678,00",
    "kid": "20270000241013",
    "kontonummer": "99990212348",
    "forfall1": "31.03.2027",
    "forfall2": "30.06.2027",
    "forfall3": "30.09.2027",
    "forfall4": "30.11.2027",
    "konteringskode": "EISK-2027",
    "malform": "nb",
    "eksternref": "EKSEMPEL-1",
}
"""One valid row; person, property and account are invented (month + 80, no such bank)."""


def write_example_csv(stream: TextIO) -> None:
    """Write the example list as csv: all 35 columns and one row."""
    stream.write(BOM + csv_line(kolonne.felt for kolonne in KOLONNER))
    stream.write(csv_line(EXAMPLE.get(kolonne.felt, "") for kolonne in KOLONNER))


def write_example_xlsx(path: Path) -> None:
    """Write the example list as a workbook of text columns, so that pasted values keep their zeros."""
    headers = [kolonne.felt for kolonne in KOLONNER]
    write_sheet(path, headers, [[EXAMPLE.get(felt, "") for felt in headers]])
