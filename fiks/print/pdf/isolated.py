"""Everything that opens a PDF, as the rest of the house calls it: each runs in a child process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fiks.core.isolate import Barn, Barnestue, Grenser, memory_file, path_in_child, run_isolated
from fiks.print.pdf.documents import Utskriftsdokument, Utskriftsfil
from fiks.print.pdf.findings import Omrade, Pdfkontroll, from_wire

_HERE = "fiks.print.pdf"
_INSPECT = f"{_HERE}.check:inspect_pdf_wire"
MAX_PAGES = 200
MAX_LETTER_PAGES = 2_000
"""The most pages a document of a letter may have that is printed as it came."""
BY_PIPE = 16 * 1024 * 1024
INSPECT_LIMITS = Grenser(memory_mb=768, cpu_seconds=60, wall_seconds=120.0)
DOCUMENTS_PER_CHILD = 200
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


class Pdfleser:
    """Opens PDFs to see whether they can be printed. One a process is enough; threads wait.

    Small ones go to a child that lives on between them; a large one gets a child of its own, which reads it from
    memory it shares with us, so that it lies there once.
    """

    def __init__(self, grenser: Grenser = INSPECT_LIMITS) -> None:
        self.grenser = grenser
        self.room = Barnestue(grenser, DOCUMENTS_PER_CHILD)

    def inspect(
        self, chunks: Iterable[bytes], size: int, *, giro_sider: Sequence[int], tosidig: bool
    ) -> Pdfkontroll:
        """`check.inspect_pdf` on a stream of `size` bytes. Errors: BarnFeil, and what `chunks` raise."""
        rest = [list(giro_sider), tosidig, MAX_LETTER_PAGES]
        if size <= BY_PIPE:
            return from_wire(self.room.call(_INSPECT, b"".join(chunks), *rest))
        with memory_file(chunks) as file:
            barn = Barn(self.grenser, files=(file,))
            try:
                return from_wire(barn.call(_INSPECT, path_in_child(file), *rest))
            finally:
                barn.kill()

    def close(self) -> None:
        """End the child."""
        self.room.close()


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
