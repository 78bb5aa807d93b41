"""Everything that opens a PDF, as the rest of the house calls it: each runs in a child process."""

from __future__ import annotations

from collections.abc import Sequence

from fiks.core.isolate import Barnestue, Grenser, run_isolated
from fiks.print.pdf.documents import Utskriftsdokument, Utskriftsfil
from fiks.print.pdf.findings import Omrade, Pdfkontroll, from_wire

_HERE = "fiks.print.pdf"
MAX_PAGES = 200
MERGE_LIMITS = Grenser(memory_mb=2_048, cpu_seconds=120, wall_seconds=180.0)
LETTERS_PER_CHILD = 1_000


def check_pdf(
    data: bytes, *, giro_sider: Sequence[int] = (), tosidig: bool = True, max_sider: int = MAX_PAGES
) -> Pdfkontroll:
    """`check.check_pdf` in a child of its own, at most 512 MB and 10 s of CPU; BarnFeil past that."""
    wire = run_isolated(f"{_HERE}.check:check_pdf_wire", data, list(giro_sider), tosidig, max_sider)
    return from_wire(wire)


def page_png(
    pdf: bytes,
    side: int,
    dpi: int = 96,
    *,
    vindu: bool = False,
    marger: bool = False,
    omrader: Sequence[Omrade] = (),
) -> bytes:
    """`pictures.page_png` in a child of its own."""
    areas = [[o.side, o.x, o.y, o.bredde, o.hoyde, o.kant, o.avstand] for o in omrader]
    png: bytes = run_isolated(f"{_HERE}.pictures:page_png_wire", pdf, side, dpi, vindu, marger, areas)
    return png


def count_pages(pdf: bytes) -> int:
    """Number of pages of a PDF; PdfFeil PDF_UGYLDIG if it cannot be opened."""
    return int(run_isolated(f"{_HERE}.pictures:count_pages", pdf))


class Sammenfletter:
    """Merges print files one by one in a child that lives on between them. One a process is enough; threads wait."""

    def __init__(self, grenser: Grenser = MERGE_LIMITS) -> None:
        self.room = Barnestue(grenser, LETTERS_PER_CHILD)

    def merge(self, dokumenter: Sequence[Utskriftsdokument], *, tosidig: bool) -> Utskriftsfil:
        """`merge.merge` in the child. Errors: PdfFeil, BarnFeil."""
        documents = [[d.pdf, list(d.giro_sider)] for d in dokumenter]
        pdf, sider, ark, starter, giro = self.room.call(f"{_HERE}.merge:merge_wire", documents, tosidig)
        return Utskriftsfil(pdf, sider, ark, tuple(starter), tuple(giro))

    def close(self) -> None:
        """End the child."""
        self.room.close()


def merge(dokumenter: Sequence[Utskriftsdokument], *, tosidig: bool) -> Utskriftsfil:
    """`merge.merge` in a child of its own."""
    sammenfletter = Sammenfletter()
    try:
        return sammenfletter.merge(dokumenter, tosidig=tosidig)
    finally:
        sammenfletter.close()
