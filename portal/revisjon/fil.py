"""The audit log as a file: CSV as Norwegian Excel reads it, piece by piece; no cell can become a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from fiks.core.calendar import OSLO
from fiks.konfigurasjon.audit_queries import Auditrad
from fiks.utsending.liste.export import BOM, neutralise
from portal.texts import detalj_tekst, handling_tekst
from portal.texts.revisjon import AKTORTYPER, KANALER, KOLONNER, TJENESTER, UTFALL


def csv_lines(rows: Iterable[Auditrad]) -> Iterator[str]:
    """The heading and then each row."""
    yield BOM + csv_line(KOLONNER)
    for row in rows:
        yield csv_line(_cells(row))


def _cells(row: Auditrad) -> list[str]:
    details = (detalj_tekst(navn, verdi) for navn, verdi in row.detaljer.items() if verdi not in (None, []))
    return [
        row.tid.astimezone(OSLO).strftime("%d.%m.%Y %H:%M:%S"),
        row.aktor_navn,
        AKTORTYPER.get(row.aktor_type, row.aktor_type),
        row.paa_vegne_av or "",
        row.integrasjon or "",
        KANALER.get(row.kanal, row.kanal),
        handling_tekst(row.handling),
        UTFALL.get(row.utfall, row.utfall),
        TJENESTER.get(row.tjeneste or "", row.tjeneste or ""),
        row.ressurs or "",
        row.objekt_type,
        row.objekt_id,
        row.gjelder or "",
        row.hjemmel or "",
        " | ".join(details),
        row.request_id or "",
    ]


def csv_line(values: Iterable[str]) -> str:
    """One line of a file that Norwegian Excel opens by itself."""
    line = io.StringIO()
    csv.writer(line, delimiter=";", lineterminator="\r\n").writerow([neutralise(value) for value in values])
    return line.getvalue()
