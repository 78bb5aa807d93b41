"""Parent side of a big PDF: the file lies once in memory, a child keeps it open, and a crash of the child
costs one letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from fiks.core.isolate import Barn, BarnFeil, Grenser, memory_file, path_of_open_file, retry_in_new_child
from fiks.pdf.cut.text_areas import Felt, Felttekst, Sidetekst, Tegn
from fiks.pdf.errors import PdfFeil
from fiks.pdf.findings import Alvorlighet, PdfFunn, PdfKode, Pdfkontroll, from_wire

_CHILD = "fiks.pdf.cut.child"
MAX_PAGES = 40_000
"""The most pages a big file may have."""
OPEN_LIMITS = Grenser(memory_mb=512, cpu_seconds=10, wall_seconds=30.0)
LIMITS = Grenser(memory_mb=1_024, cpu_seconds=20, wall_seconds=60.0)
LETTERS_A_CALL = 25
PAGES_A_CALL = 200


@dataclass(frozen=True, slots=True)
class Brevsider:
    """A letter's pages in the big file (from 1, inclusive), and which of its own pages go on giro paper."""

    fra: int
    til: int
    giro: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Utklipp:
    """A cut letter: `pdf` is None when it cannot be sent, and `kontroll` says why.

    `stumme`: its pages after the first with something drawn but no readable text, each with a digest of what
    is drawn.
    """

    pdf: bytes | None
    kontroll: Pdfkontroll
    stumme: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Filfakta:
    """Result of checking the whole file."""

    kontroll: Pdfkontroll
    merket: bool = False


class Storfil:
    """An open big PDF. Created from a stream of its bytes, closed as a context manager; one thread at a time.

    A missing child process (BarnUtilgjengelig) says nothing about the file, so every method raises it
    unchanged.
    """

    def __init__(self, chunks: Iterable[bytes], grenser: Grenser = LIMITS) -> None:
        self._stack = ExitStack()
        self._file = self._stack.enter_context(memory_file(chunks))
        self._path = path_of_open_file(self._file)
        self._grenser = grenser
        self._barn: Barn | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child and release the bytes."""
        if self._barn is not None:
            self._barn.kill()
            self._barn = None
        self._stack.close()

    def inspect(self, max_sider: int = MAX_PAGES) -> Filfakta:
        """Check whether the file is usable at all. A file that crashes two children is PDF_FOR_KOMPLISERT."""
        try:
            wire = retry_in_new_child(lambda: self._inspected(max_sider))
        except BarnFeil:
            return Filfakta(_too_complex())
        return Filfakta(from_wire(wire), bool(wire.get("merket")))

    def _inspected(self, max_sider: int) -> dict[str, Any]:
        barn = Barn(OPEN_LIMITS, files=(self._file,))
        try:
            wire: dict[str, Any] = barn.call(f"{_CHILD}:inspect_wire", self._path, max_sider)
        finally:
            barn.kill()
        return wire

    def texts(self, sider: Sequence[int], felter: Sequence[Felt]) -> Iterator[Sidetekst]:
        """Yield the text in these areas of each of these pages, in order; an unreadable page is `ulest`."""
        areas = [[f.x, f.y, f.bredde, f.hoyde] for f in felter]
        for wire in self._each(f"{_CHILD}:text_wire", list(sider), PAGES_A_CALL, [areas]):
            if wire is None:
                yield Sidetekst(tuple(Felttekst() for _ in felter), False, False, ulest=True)
                continue
            read, text, picture = wire
            yield Sidetekst(tuple(Felttekst(tuple(lines), n, cut) for lines, n, cut in read), text, picture)

    def characters(self, side: int) -> tuple[float, float, list[Tegn]]:
        """Return a page's width and height in mm, and its characters. Errors: PdfFeil, BarnFeil."""
        [(size, found)] = self._call(f"{_CHILD}:characters_wire", [side])
        return size[0], size[1], [Tegn(*values) for values in found]

    def page_png(self, side: int, dpi: int) -> bytes:
        """Return a page as PNG. Errors: PdfFeil, BarnFeil."""
        png: bytes = self._call(f"{_CHILD}:picture_wire", side, dpi)
        return png

    def cut(
        self, brev: Sequence[Brevsider], tittel: str, *, tosidig: bool, ved_merke: bool = False
    ) -> Iterator[Utklipp]:
        """Yield each letter, cut out and checked as a single upload is, in order.

        `ved_merke`: letters begin at a mark on a page. Later pages without readable text are then reported
        (`stumme`).
        """
        wanted = [[b.fra, b.til, list(b.giro)] for b in brev]
        for wire in self._each(f"{_CHILD}:cut_wire", wanted, LETTERS_A_CALL, [tittel, tosidig, ved_merke]):
            if wire is None:
                yield Utklipp(None, _too_complex())
            else:
                yield Utklipp(wire[0], from_wire(wire[1]), tuple((nr, digest) for nr, digest in wire[2]))

    def _each(self, name: str, wanted: list[Any], at_once: int, rest: list[Any]) -> Iterator[Any]:
        """Call the child for many items in batches. When a batch fails, each of its items is tried alone in
        turn; None for one that fails alone too.
        """
        done = 0
        while done < len(wanted):
            batch = wanted[done : done + at_once]
            try:
                answers = self._call(name, batch, *rest)
            except (BarnFeil, PdfFeil):
                for one in batch:
                    yield self._alone(name, one, rest)
                done += len(batch)
            else:
                yield from answers
                done += len(answers)

    def _alone(self, name: str, one: Any, rest: list[Any]) -> Any:
        """Call the child for one item, with a second child if the first dies; None when the item itself is at
        fault.
        """
        try:
            return retry_in_new_child(lambda: self._call(name, [one], *rest))[0]
        except (BarnFeil, PdfFeil):
            return None

    def _call(self, name: str, *args: Any) -> Any:
        if self._barn is None or not self._barn.alive():
            if self._barn is not None:
                self._barn.kill()
            self._barn = Barn(self._grenser, files=(self._file,))
        return self._barn.call(name, self._path, *args)


def _too_complex() -> Pdfkontroll:
    return Pdfkontroll(None, None, (PdfFunn(PdfKode.PDF_FOR_KOMPLISERT, Alvorlighet.FEIL),))
