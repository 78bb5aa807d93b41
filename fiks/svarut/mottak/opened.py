"""Faults of opened documents: the PDF check's findings as codes of the catalogue."""

from __future__ import annotations

from fiks.pdf import PdfKode, Pdfkontroll
from fiks.svarut.letters import Dokumentref

FAULTS: dict[PdfKode, str] = {
    PdfKode.PDF_PASSORD: "PDF_PASSORD",
    PdfKode.PDF_UGYLDIG: "PDF_UGYLDIG",
    PdfKode.PDF_FOR_MANGE_SIDER: "PDF_FOR_MANGE_SIDER",
    PdfKode.PDF_FOR_KOMPLISERT: "PDF_FOR_KOMPLISERT",
    PdfKode.PDF_GIRO_SIDE: "GIROARK_UTENFOR",
    PdfKode.PDF_GIRO_BAKSIDE: "GIROARK_BAKSIDE",
}
"""The findings that refuse a printable letter. Margins, sizes and fonts are the sender's own affair."""


def fault_of(kontroll: Pdfkontroll, document: Dokumentref) -> str | None:
    """The code of the first finding that refuses the letter, or None.

    An encrypted document that is no PDF is reported as not decryptable: a forger must not learn that the
    padding was right.
    """
    fault = next((FAULTS[found.kode] for found in kontroll.funn if found.kode in FAULTS), None)
    return "KAN_IKKE_DEKRYPTERES" if fault == "PDF_UGYLDIG" and document.kryptert else fault
