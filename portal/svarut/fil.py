"""The log as a file to open in a spreadsheet: streamed, and no cell can become a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

from fiks.core.calendar import OSLO
from fiks.svarut.log_queries import Loggrad
from fiks.utsending.liste.export import BOM, neutralise
from portal.texts import status_of
from portal.texts.forsendelser import KOLONNER, OPPHAV


def csv_lines(rows: Iterable[Loggrad]) -> Iterator[str]:
    """The heading and then each letter."""
    yield BOM + line(KOLONNER)
    for row in rows:
        yield line(_cells(row))


def _cells(row: Loggrad) -> list[str]:
    return [
        str(row.id),
        row.konto,
        row.tittel,
        row.mottaker,
        status_of(row.status).tekst,
        status_of(row.kanal).tekst if row.kanal else "",
        _moment(row.opprettet),
        _moment(row.overlevert) if row.overlevert else "",
        row.eksternref or "",
        row.korrelasjonsid or "",
        row.konteringskode or "",
        OPPHAV.get(row.opphav, row.opphav),
    ]


def _moment(when: datetime) -> str:
    return when.astimezone(OSLO).strftime("%d.%m.%Y %H:%M:%S")


def line(values: Iterable[str]) -> str:
    """One line of the file."""
    written = io.StringIO()
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerow(
        [neutralise(value) for value in values]
    )
    return written.getvalue()
