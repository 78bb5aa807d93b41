"""Everything that opens a PDF or draws a letter, as the rest of the house calls it: each runs in a child
process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from fiks.utsending.brev.context import Brevkontekst, Brevmal, Logo, context_to_wire, template_to_wire
from fiks.utsending.brev.documents import Utskriftsdokument, Utskriftsfil
from fiks.utsending.brev.findings import Omrade, Pdfkontroll, from_wire
from fiks.utsending.brev.isolate import Barnestue, Grenser, run_isolated

_HERE = "fiks.utsending.brev"
MAX_PAGES = 200
RENDER_LIMITS = Grenser(memory_mb=1_536, cpu_seconds=60, wall_seconds=90.0)
MERGE_LIMITS = Grenser(memory_mb=2_048, cpu_seconds=120, wall_seconds=180.0)
LETTERS_PER_CHILD = 1_000


class Brevtrykker:
    """Draws letters one by one in a child that lives on between them. Make one per worker process, at first
    use.

    `fonts`: folder with Inter and InterExt (woff2). Errors of `letter`: MalFeil, BrevFeil, RenderFeil,
    BarnFeil.
    """

    def __init__(self, fonts: Path, grenser: Grenser = RENDER_LIMITS) -> None:
        self.fonts = str(fonts.resolve())
        self.room = Barnestue(grenser, LETTERS_PER_CHILD)

    def letter(self, mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst) -> bytes:
        """Return the letter as tagged PDF/A-3a; the same bytes for the same input, in any process."""
        return self._draw(mal, row, kontekst, prove=False)

    def test_letter(self, mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst) -> bytes:
        """Return the letter marked PRØVEBREV on every page."""
        return self._draw(mal, row, kontekst, prove=True)

    def count_pages(self, pdf: bytes) -> int:
        """Number of pages of a letter drawn here, in the same child: no new process. Not for a stranger's file."""
        return int(self.room.call(f"{_HERE}.pictures:count_pages", pdf))

    def warm(self) -> None:
        """Start the child and load its fonts."""
        self.room.call(f"{_HERE}.render:warm_wire", self.fonts)

    def close(self) -> None:
        """End the child."""
        self.room.close()

    def _draw(self, mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst, *, prove: bool) -> bytes:
        args = (template_to_wire(mal), dict(row), context_to_wire(kontekst), self.fonts, prove)
        pdf: bytes = self.room.call(f"{_HERE}.render:render_wire", *args)
        return pdf


def check_pdf(
    data: bytes, *, giro_sider: Sequence[int] = (), tosidig: bool = True, max_sider: int = MAX_PAGES
) -> Pdfkontroll:
    """`pdfcheck.check_pdf` in a child of its own, at most 512 MB and 10 s of CPU; BarnFeil past that."""
    wire = run_isolated(f"{_HERE}.pdfcheck:check_pdf_wire", data, list(giro_sider), tosidig, max_sider)
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
    """Number of pages of a PDF; BrevFeil PDF_UGYLDIG if it cannot be opened."""
    return int(run_isolated(f"{_HERE}.pictures:count_pages", pdf))


class Sammenfletter:
    """Merges print files one by one in a child that lives on between them. One a process is enough; threads wait."""

    def __init__(self, grenser: Grenser = MERGE_LIMITS) -> None:
        self.room = Barnestue(grenser, LETTERS_PER_CHILD)

    def merge(self, dokumenter: Sequence[Utskriftsdokument], *, tosidig: bool) -> Utskriftsfil:
        """`merge.merge` in the child. Errors: BrevFeil, BarnFeil."""
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


def prepare_logo(data: bytes) -> Logo:
    """`logo.prepare_logo` in a child of its own: decode an uploaded PNG or JPEG and encode it anew."""
    png, mediatype = run_isolated(f"{_HERE}.logo:prepare_logo_wire", data)
    return Logo(png, mediatype)
