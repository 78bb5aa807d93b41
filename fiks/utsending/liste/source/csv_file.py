"""Reads csv records: detects encoding and separator, keeps quoted line breaks and correct line numbers."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from fiks.utsending.liste.findings import Filkode, ListeFeil
from fiks.utsending.liste.source.encoding import detect_encoding
from fiks.utsending.liste.source.records import (
    HEADER_SEARCH,
    MAX_CELLE,
    MAX_KOLONNER,
    Record,
    find_header,
    has_line_break,
)

SEPARATORS = ";,\t|"
MAX_LINE = 4 * 1024 * 1024
_SEP_LINE = re.compile(r'^"?sep=(.)"?\r?\n?$', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TextForm:
    """How the file is written: `koding` is a Python codec name; `sep_linje`: it starts with a `sep=` line."""

    koding: str
    skilletegn: str
    sep_linje: bool


def detect_form(path: Path, mapping: Mapping[str, str | None] | None) -> TextForm:
    """Return the encoding, and the separator that gives most known headers, then most columns."""
    koding = detect_encoding(path)
    with _open(path, koding) as stream:
        declared = _SEP_LINE.match(stream.readline(16))
    if declared:
        return TextForm(koding, declared.group(1), True)
    best = (-1, -1, ";")
    for separator in SEPARATORS:
        rows = _first_rows(path, TextForm(koding, separator, False))
        found = find_header(rows, mapping)
        columns = max((len(row) for row in rows), default=0)
        rank = (found[1] if found else -1, columns)
        if rank > best[:2]:
            best = (*rank, separator)
    return TextForm(koding, best[2], False)


def _first_rows(path: Path, form: TextForm) -> list[list[str]]:
    """Return the first records with this separator; none if it does not fit the file at all."""
    rows: list[list[str]] = []
    try:
        for record in records(path, form):
            rows.append(record.felter)
            if len(rows) == HEADER_SEARCH:
                break
    except ListeFeil as error:
        # The quote or cell trouble is reported by the real reading; a separator with no rows loses anyway.
        if error.kode == Filkode.FOR_MANGE_KOLONNER and not rows:
            raise
    return rows


def records(path: Path, form: TextForm) -> Iterator[Record]:
    """Yield every record, blank ones too (they count as a row). Raises `ListeFeil`.

    CELLE_FOR_LANG, SITAT_IKKE_LUKKET, FOR_MANGE_KOLONNER and FIL_UGYLDIG (NUL) carry `linje`.
    """
    with _open(path, form.koding) as stream:
        offset = 1 if form.sep_linje and stream.readline() else 0
        pending: list[str] = []
        reader = csv.reader(_lines(stream, pending, offset), delimiter=form.skilletegn)
        rad, start = 0, offset + 1
        while True:
            try:
                fields = next(reader, None)
            except csv.Error as error:
                raise _too_long(pending, start) from error
            if fields is None:
                return
            rad += 1
            _check(fields, pending, start, form.skilletegn)
            swallowed = len(pending) > 1 and _swallowed_a_row(fields, form.skilletegn)
            yield Record(rad, start, fields, brutt=swallowed)
            start = offset + reader.line_num + 1
            pending.clear()


def _open(path: Path, koding: str) -> TextIO:
    stream = path.open("r", encoding=koding, errors="replace", newline="")
    if koding.startswith("utf-16") and stream.read(1) != "\ufeff":
        stream.seek(0)
    return stream


def _lines(stream: TextIO, pending: list[str], offset: int) -> Iterator[str]:
    number = offset
    while line := stream.readline(MAX_LINE):
        number += 1
        if "\0" in line:
            raise ListeFeil(Filkode.FIL_UGYLDIG, linje=number)
        if len(line) == MAX_LINE:
            separators = max(line.count(separator) for separator in SEPARATORS)
            raise ListeFeil(
                Filkode.FOR_MANGE_KOLONNER if separators > MAX_KOLONNER else Filkode.CELLE_FOR_LANG,
                linje=number,
            )
        pending.append(line)
        yield line


def _check(fields: list[str], pending: list[str], start: int, separator: str) -> None:
    if len(fields) > MAX_KOLONNER:
        raise ListeFeil(Filkode.FOR_MANGE_KOLONNER, linje=start, grense=MAX_KOLONNER)
    if fields and max(map(len, fields)) > MAX_CELLE:
        raise _too_long(pending, start)
    if len(pending) > 1 or '"' in pending[-1]:
        _check_closed(pending, start, separator)


def _check_closed(pending: list[str], start: int, separator: str) -> None:
    """Raise SITAT_IKKE_LUKKET for an unclosed quote; only the strict csv parser reports one."""
    try:
        for _ in csv.reader(pending, delimiter=separator, strict=True):
            pass
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise ListeFeil(Filkode.SITAT_IKKE_LUKKET, linje=start) from error


def _too_long(pending: list[str], start: int) -> ListeFeil:
    """Return the error for a too long cell: over many lines it is an unclosed quote, on one line just too
    long.
    """
    return ListeFeil(Filkode.SITAT_IKKE_LUKKET if len(pending) > 1 else Filkode.CELLE_FOR_LANG, linje=start)


def _swallowed_a_row(fields: list[str], separator: str) -> bool:
    """Return whether one cell holds a line break and a whole row's worth of separators."""
    return any(has_line_break(f) and f.count(separator) >= max(1, len(fields) - 1) for f in fields)
