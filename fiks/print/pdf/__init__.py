"""PDFs made by others: checked, rendered and merged for print, each in a child process."""

from fiks.print.pdf.documents import Utskriftsdokument, Utskriftsfil
from fiks.print.pdf.errors import PdfFeil
from fiks.print.pdf.findings import Alvorlighet, Omrade, PdfFunn, PdfKode, Pdfkontroll
from fiks.print.pdf.isolated import (
    Pdfkontrollor,
    Pdfleser,
    Sammenfletter,
    Sidetegner,
    check_pdf,
    count_pages,
    merge,
    page_png,
)

__all__ = [
    "Alvorlighet",
    "Omrade",
    "PdfFeil",
    "PdfFunn",
    "PdfKode",
    "Pdfkontroll",
    "Pdfkontrollor",
    "Pdfleser",
    "Sammenfletter",
    "Sidetegner",
    "Utskriftsdokument",
    "Utskriftsfil",
    "check_pdf",
    "count_pages",
    "merge",
    "page_png",
]
