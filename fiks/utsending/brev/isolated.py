"""Everything that draws a letter or opens a logo, as the rest of the house calls it: each runs in a child process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fiks.core.isolate import Barnestue, Grenser, run_isolated
from fiks.utsending.brev.context import Brevkontekst, Brevmal, Logo, context_to_wire, template_to_wire

_HERE = "fiks.utsending.brev"
RENDER_LIMITS = Grenser(memory_mb=1_536, cpu_seconds=60, wall_seconds=90.0)
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
        return int(self.room.call("fiks.print.pdf.pictures:count_pages", pdf))

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


def prepare_logo(data: bytes) -> Logo:
    """`logo.prepare_logo` in a child of its own: decode an uploaded PNG or JPEG and encode it anew."""
    png, mediatype = run_isolated(f"{_HERE}.logo:prepare_logo_wire", data)
    return Logo(png, mediatype)
