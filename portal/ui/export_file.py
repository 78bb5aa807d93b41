"""Files for a spreadsheet as Norwegian Excel opens them: CSV or a workbook. No cell can become a formula."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from flask import Response, stream_with_context

from fiks.core.values.calendar import OSLO
from fiks.utsending.liste.export import BOM, csv_line, write_sheet

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SECOND, MINUTE = "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M"


def format_time(when: datetime | None, form: str = SECOND) -> str:
    """A time in Oslo, to the second or to the MINUTE; empty for None."""
    return when.astimezone(OSLO).strftime(form) if when else ""


def csv_lines(headers: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the CSV file piece by piece."""
    yield BOM + csv_line(headers)
    yield from map(csv_line, rows)


def csv_file(headers: Iterable[str], rows: Iterable[Iterable[str]], navn: str) -> Response:
    """A CSV file streamed while the rows are read."""
    return file_response(stream_with_context(csv_lines(headers, rows)), CSV, navn)


def workbook_file(headers: Sequence[str], rows: Iterable[Sequence[str]], navn: str) -> Response:
    """The rows as a workbook of one sheet."""
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        write_sheet(Path(file.name), headers, rows)
        return file_response(Path(file.name).read_bytes(), XLSX, navn)


def file_response(content: bytes | Iterable[str], mimetype: str, navn: str) -> Response:
    """A response that the browser saves as `navn`."""
    headers = {"Content-Disposition": f'attachment; filename="{navn}"'}
    return Response(content, content_type=mimetype, headers=headers)
