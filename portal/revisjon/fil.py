"""The audit log as rows of a file."""

from __future__ import annotations

from fiks.konfigurasjon.audit_queries import Auditrad
from portal.regneark import moment
from portal.texts import detalj_tekst, handling_tekst
from portal.texts.revisjon import AKTORTYPER, KANALER, TJENESTER, UTFALL


def cells(row: Auditrad) -> list[str]:
    """One row, under the headings of `texts.revisjon.KOLONNER`."""
    details = (detalj_tekst(navn, verdi) for navn, verdi in row.detaljer.items() if verdi not in (None, []))
    return [
        moment(row.tid),
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
