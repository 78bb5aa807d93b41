"""The audit log as rows of a file."""

from __future__ import annotations

from fiks.konfigurasjon.audit.queries import Auditrad
from portal.forvaltning import audit_row
from portal.texts import handling_tekst
from portal.texts.audit.audit_page import AKTORTYPER, KANALER, OBJEKTTYPER, TJENESTER, UTFALL
from portal.ui.export_file import format_time


def cells(row: Auditrad) -> list[str]:
    """One row, under the headings `KOLONNER` of the audit page's texts."""
    return [
        format_time(row.tid),
        audit_row.hvem(row),
        row.aktor_fnr,
        AKTORTYPER.get(row.aktor_type, row.aktor_type),
        row.paa_vegne_av or "",
        row.integrasjon or "",
        KANALER.get(row.kanal, row.kanal),
        handling_tekst(row.handling),
        UTFALL.get(row.utfall, row.utfall),
        TJENESTER.get(row.tjeneste or "", row.tjeneste or ""),
        row.ressurs or "",
        OBJEKTTYPER.get(row.objekt_type, row.objekt_type),
        row.objekt_id,
        audit_row.i_ord(row.objekt) if row.objekt else "",
        row.gjelder or "",
        row.hjemmel or "",
        " | ".join(detalj.tekst for detalj in audit_row.detaljer(row)),
        row.request_id or "",
    ]
