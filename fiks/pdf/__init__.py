"""PDFs made by others: checked, rendered and merged for print, each in a child process."""

from fiks.pdf.errors import PdfFeil
from fiks.pdf.findings import Alvorlighet, Omrade, PdfFunn, PdfKode, Pdfkontroll
from fiks.pdf.print_file import Utskriftsdokument, Utskriftsfil
from fiks.pdf.sandbox import (
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
