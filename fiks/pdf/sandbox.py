"""PDF operations for the rest of the house, each run in a sandboxed child process."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence

from fiks.core.isolate import Barn, Barnestue, Grenser, memory_file, path_of_open_file, run_isolated
from fiks.pdf.findings import Omrade, Pdfkontroll, from_wire
from fiks.pdf.print_file import Utskriftsdokument, Utskriftsfil

_HERE = "fiks.pdf"
_INSPECT = f"{_HERE}.check:inspect_pdf_wire"
MAX_PAGES = 200
MAX_LETTER_PAGES = 2_000
"""Most pages of a letter's document that is printed as it came."""
BY_PIPE = 16 * 1024 * 1024
INSPECT_LIMITS = Grenser(memory_mb=768, cpu_seconds=60, wall_seconds=120.0)
CHECK_LIMITS = Grenser(memory_mb=512, cpu_seconds=10, wall_seconds=15.0)
DOCUMENTS_PER_CHILD = 200
MERGE_LIMITS = Grenser(memory_mb=2_048, cpu_seconds=120, wall_seconds=180.0)
LETTERS_PER_CHILD = 1_000
PART_LETTERS, PART_BYTES = 50, 8 * 1024 * 1024


def check_pdf(
    data: bytes, *, giro_sider: Sequence[int] = (), tosidig: bool = True, max_sider: int = MAX_PAGES
) -> Pdfkontroll:
    """`check.check_pdf` in a child of its own, at most 512 MB and 10 s of CPU; BarnFeil beyond that."""
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
    """`page_images.page_png` in a child of its own."""
    areas = [[o.side, o.x, o.y, o.bredde, o.hoyde, o.kant, o.avstand] for o in omrader]
    png: bytes = run_isolated(f"{_HERE}.page_images:page_png_wire", pdf, side, dpi, vindu, marger, areas)
    return png


def count_pages(pdf: bytes) -> int:
    """Return the number of pages of a PDF; PdfFeil PDF_UGYLDIG if it cannot be opened."""
    return int(run_isolated(f"{_HERE}.page_images:count_pages", pdf))


class _Leseplass:
    """A child process that opens one PDF after another and lives on in between. One per process is enough;
    threads wait.

    A file that kills the child affects only itself: the next file gets a new child.
    """

    def __init__(self, grenser: Grenser, calls: int = DOCUMENTS_PER_CHILD) -> None:
        self.room = Barnestue(grenser, calls)

    def close(self) -> None:
        """End the child."""
        self.room.close()


class Pdfleser(_Leseplass):
    """Inspects PDFs: can they be printed?

    Small files go to a child that lives on; a large one gets a child of its own that reads it from shared
    memory, so that it is in memory only once.
    """

    def __init__(self, grenser: Grenser = INSPECT_LIMITS) -> None:
        super().__init__(grenser)
        self.grenser = grenser

    def inspect(
        self, chunks: Iterable[bytes], size: int, *, giro_sider: Sequence[int], tosidig: bool
    ) -> Pdfkontroll:
        """`check.inspect_pdf` on a stream of `size` bytes. Errors: BarnFeil, and those of `chunks`."""
        rest = [list(giro_sider), tosidig, MAX_LETTER_PAGES]
        if size <= BY_PIPE:
            return from_wire(self.room.call(_INSPECT, b"".join(chunks), *rest))
        with memory_file(chunks) as file:
            barn = Barn(self.grenser, files=(file,))
            try:
                return from_wire(barn.call(_INSPECT, path_of_open_file(file), *rest))
            finally:
                barn.kill()


class Pdfkontrollor(_Leseplass):
    """Checks PDFs as single uploads are checked."""

    def __init__(self, grenser: Grenser = CHECK_LIMITS) -> None:
        super().__init__(grenser)

    def check(self, data: bytes, *, tosidig: bool, max_sider: int = MAX_PAGES) -> Pdfkontroll:
        """`check.check_pdf` in the child, without giro pages. Errors: BarnFeil."""
        return from_wire(self.room.call(f"{_HERE}.check:check_pdf_wire", data, [], tosidig, max_sider))

    def giro(self, data: bytes, giro_sider: Sequence[int], *, tosidig: bool) -> Pdfkontroll:
        """Return only the faults of these giro pages (`check.inspect_pdf`). Errors: BarnFeil."""
        return from_wire(self.room.call(_INSPECT, data, list(giro_sider), tosidig, MAX_PAGES))


class Sidetegner(_Leseplass):
    """Renders pages and horizontal strips of them."""

    def __init__(self, grenser: Grenser = CHECK_LIMITS) -> None:
        super().__init__(grenser)

    def page_png(self, pdf: bytes, side: int, dpi: int) -> bytes:
        """`page_images.page_png` in the child, without overlays. Errors: PdfFeil, BarnFeil."""
        png: bytes = self.room.call(f"{_HERE}.page_images:page_png_wire", pdf, side, dpi, False, False, [])
        return png

    def strip_png(self, pdf: bytes, side: int, dpi: int, top: float, bottom: float) -> bytes:
        """`page_images.strip_png_wire` in the child. Errors: PdfFeil, BarnFeil."""
        png: bytes = self.room.call(f"{_HERE}.page_images:strip_png_wire", pdf, side, dpi, top, bottom)
        return png


class Sammenfletter(_Leseplass):
    """Merges print files, one letter at a time, or bundles many letters."""

    def __init__(self, grenser: Grenser = MERGE_LIMITS) -> None:
        super().__init__(grenser, LETTERS_PER_CHILD)
        self._one_package = threading.Lock()

    def merge(self, dokumenter: Sequence[Utskriftsdokument], *, tosidig: bool) -> Utskriftsfil:
        """`merge.merge` in the child. Errors: PdfFeil, BarnFeil."""
        documents = [[d.pdf, list(d.giro_sider)] for d in dokumenter]
        pdf, sider, ark, starter, giro = self.room.call(f"{_HERE}.merge:merge_wire", documents, tosidig)
        return Utskriftsfil(pdf, sider, ark, tuple(starter), tuple(giro))

    def bundle(self, brev: Iterable[bytes]) -> tuple[bytes, list[int]]:
        """`bundle.bundle` in the child. Errors: PdfFeil, BarnFeil, and those of `brev`.

        Letters are read from `brev` and bundled a part at a time, then the parts are bundled. So few letters
        are open in memory at once, and a part is small because its letters share their fonts. One package at
        a time, so that threads do not hold the letters of many while they wait for the child.
        """
        with self._one_package:
            return self._bundle_parts(brev)

    def _bundle_parts(self, brev: Iterable[bytes]) -> tuple[bytes, list[int]]:
        parts: list[bytes] = []
        places: list[tuple[int, int]] = []
        for part in _parts(brev):
            pdf, starts = self._bundle(part)
            places += [(len(parts), start) for start in starts]
            parts.append(pdf)
        if len(parts) == 1:
            return parts[0], [start for _, start in places]
        pdf, first = self._bundle(parts)
        return pdf, [first[part] + start - 1 for part, start in places]

    def _bundle(self, brev: Sequence[bytes]) -> tuple[bytes, list[int]]:
        pdf, starts = self.room.call(f"{_HERE}.bundle:bundle_wire", list(brev))
        return pdf, list(starts)


def _parts(brev: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Split letters in order into parts of at most PART_LETTERS and PART_BYTES (a single letter may exceed
    it); one empty part for no letters.
    """
    part: list[bytes] = []
    size = 0
    for one in brev:
        if part and (len(part) == PART_LETTERS or size + len(one) > PART_BYTES):
            yield part
            part, size = [], 0
        part.append(one)
        size += len(one)
    yield part


def merge(dokumenter: Sequence[Utskriftsdokument], *, tosidig: bool) -> Utskriftsfil:
    """`merge.merge` in a child of its own."""
    sammenfletter = Sammenfletter()
    try:
        return sammenfletter.merge(dokumenter, tosidig=tosidig)
    finally:
        sammenfletter.close()
