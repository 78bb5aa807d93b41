"""A big PDF on our side: it lies once in memory, a child holds it open, and what kills the child costs one letter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from fiks.core.isolate import Barn, BarnFeil, Grenser, memory_file, path_of_open, twice
from fiks.print.pdf.cut.text import Felt, Felttekst, Sidetekst, Tegn
from fiks.print.pdf.errors import PdfFeil
from fiks.print.pdf.findings import Alvorlighet, PdfFunn, PdfKode, Pdfkontroll, from_wire

_CHILD = "fiks.print.pdf.cut.child"
MAX_PAGES = 40_000
"""The most pages a big file may have."""
OPEN_LIMITS = Grenser(memory_mb=512, cpu_seconds=10, wall_seconds=30.0)
LIMITS = Grenser(memory_mb=1_024, cpu_seconds=20, wall_seconds=60.0)
LETTERS_A_CALL = 25
PAGES_A_CALL = 200


@dataclass(frozen=True, slots=True)
class Brevsider:
    """The pages of a letter in the big file (from 1, inclusive), and which of its own go on giro paper."""

    fra: int
    til: int
    giro: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Utklipp:
    """A letter as it was cut: `pdf` is None when it cannot be sent, and `kontroll` says why.

    `stumme`: its pages after the first with something drawn and nothing to read, each with a digest of what is drawn.
    """

    pdf: bytes | None
    kontroll: Pdfkontroll
    stumme: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Filfakta:
    """What was found out about the whole file."""

    kontroll: Pdfkontroll
    merket: bool = False


class Storfil:
    """An open big PDF. Made of a stream of its bytes and closed as a context; one thread at a time.

    That no child can be had (BarnUtilgjengelig) says nothing of the file: everything here raises it as it is.
    """

    def __init__(self, chunks: Iterable[bytes], grenser: Grenser = LIMITS) -> None:
        self._stack = ExitStack()
        self._file = self._stack.enter_context(memory_file(chunks))
        self._path = path_of_open(self._file)
        self._grenser = grenser
        self._barn: Barn | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child and let the bytes go."""
        if self._barn is not None:
            self._barn.kill()
            self._barn = None
        self._stack.close()

    def inspect(self, max_sider: int = MAX_PAGES) -> Filfakta:
        """Can the file be used at all? A file that brings two children down is PDF_FOR_KOMPLISERT."""
        try:
            wire = twice(lambda: self._inspected(max_sider))
        except BarnFeil:
            return Filfakta(_too_much())
        return Filfakta(from_wire(wire), bool(wire.get("merket")))

    def _inspected(self, max_sider: int) -> dict[str, Any]:
        barn = Barn(OPEN_LIMITS, files=(self._file,))
        try:
            wire: dict[str, Any] = barn.call(f"{_CHILD}:inspect_wire", self._path, max_sider)
        finally:
            barn.kill()
        return wire

    def texts(self, sider: Sequence[int], felter: Sequence[Felt]) -> Iterator[Sidetekst]:
        """The text in these areas of each of these pages, in order; what cannot be read at all is `ulest`."""
        areas = [[f.x, f.y, f.bredde, f.hoyde] for f in felter]
        for wire in self._each(f"{_CHILD}:text_wire", list(sider), PAGES_A_CALL, [areas]):
            if wire is None:
                yield Sidetekst(tuple(Felttekst() for _ in felter), False, False, ulest=True)
                continue
            read, text, picture = wire
            yield Sidetekst(tuple(Felttekst(tuple(lines), n, cut) for lines, n, cut in read), text, picture)

    def characters(self, side: int) -> tuple[float, float, list[Tegn]]:
        """Width and height of a page in mm, and its characters. Errors: PdfFeil, BarnFeil."""
        [(size, found)] = self._call(f"{_CHILD}:characters_wire", [side])
        return size[0], size[1], [Tegn(*values) for values in found]

    def page_png(self, side: int, dpi: int) -> bytes:
        """A page as PNG. Errors: PdfFeil, BarnFeil."""
        png: bytes = self._call(f"{_CHILD}:picture_wire", side, dpi)
        return png

    def cut(
        self, brev: Sequence[Brevsider], tittel: str, *, tosidig: bool, ved_merke: bool = False
    ) -> Iterator[Utklipp]:
        """Each letter cut out and checked as a single upload is, in order.

        `ved_merke`: letters begin where a page says so. Later pages that say nothing are told of then (`stumme`).
        """
        wanted = [[b.fra, b.til, list(b.giro)] for b in brev]
        for wire in self._each(f"{_CHILD}:cut_wire", wanted, LETTERS_A_CALL, [tittel, tosidig, ved_merke]):
            if wire is None:
                yield Utklipp(None, _too_much())
            else:
                yield Utklipp(wire[0], from_wire(wire[1]), tuple((nr, digest) for nr, digest in wire[2]))

    def _each(self, name: str, wanted: list[Any], at_once: int, rest: list[Any]) -> Iterator[Any]:
        """Ask for many things a few at a time. Where that fails each is asked for alone, when its turn has come; None
        for one that fails so too.
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
        """One of many things, of a second child if the first dies; None when it is the thing's own fault."""
        try:
            return twice(lambda: self._call(name, [one], *rest))[0]
        except (BarnFeil, PdfFeil):
            return None

    def _call(self, name: str, *args: Any) -> Any:
        if self._barn is None or not self._barn.alive():
            if self._barn is not None:
                self._barn.kill()
            self._barn = Barn(self._grenser, files=(self._file,))
        return self._barn.call(name, self._path, *args)


def _too_much() -> Pdfkontroll:
    return Pdfkontroll(None, None, (PdfFunn(PdfKode.PDF_FOR_KOMPLISERT, Alvorlighet.FEIL),))
