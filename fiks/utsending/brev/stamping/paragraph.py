"""A paragraph of a shape: breaks and shapes its lines for one letter's values after another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from operator import itemgetter

from fiks.utsending.brev.stamping.layout import Paragraph
from fiks.utsending.brev.stamping.line_breaks import Breaker, BreakFinder, StretchCache
from fiks.utsending.brev.stamping.line_cache import DrawnLine, LinePattern, Signature, has_no_edge_spaces
from fiks.utsending.brev.stamping.shaping import UNITS, Extents

_REMEMBERED = 8
"""Cached values of a paragraph: enough for those that are the same in all letters, such as a date."""
_PATTERNS = 6
"""Cached line patterns: enough for an amount with one digit more, or a property type of two words."""

FITS_ROOM: Signature = ()
"""Signature of any number of lines of usual height that fits `Paragraph.room`."""


@dataclass(slots=True, eq=False)
class DrawnParagraph:
    """A paragraph with its values.

    `placed`: the plan it was last placed in, and the text for each hole there.
    """

    lines: tuple[DrawnLine, ...]
    signature: Signature
    placed: tuple[object, list[tuple[int, str]]] | None = None


class ParagraphPress:
    """Breaks and shapes a paragraph's lines for given values, with caches."""

    def __init__(self, paragraph: Paragraph, breaks: BreakFinder) -> None:
        self.runs, self.width, self.align = paragraph.runs, paragraph.width, paragraph.align
        self.breaks, self.room = breaks, paragraph.room
        self.roomy = self.width * UNITS - 1
        self.own = itemgetter(*(run.text for run in self.runs if isinstance(run.text, int)))
        self.known: dict[object, DrawnParagraph] = {}
        self.stretches: StretchCache = {}
        self.patterns: list[LinePattern] = []

    def fits(self, paragraph: Paragraph) -> bool:
        """Return whether another letter's laid-out paragraph is the same as this one."""
        mine, theirs = self.runs, paragraph.runs
        return (self.width, self.align, self.room) == (paragraph.width, paragraph.align, paragraph.room) and [
            (run.text, run.face, run.spaced, run.forced) for run in mine
        ] == [(run.text, run.face, run.spaced, run.forced) for run in theirs]

    def drawn(self, values: Sequence[str]) -> DrawnParagraph:
        """Return the paragraph for all values of a letter. Raises PlanMiss."""
        own = self.own(values)
        found = self.known.get(own)
        if found is None:
            if len(self.known) >= _REMEMBERED:
                self.known.clear()
            as_others = self._alone(own) if len(self.runs) == 1 else self._as_before(values)
            found = self.known[own] = as_others or self.anew(values)
        return found

    def broken(self, values: Sequence[str]) -> list[list[tuple[int, str]]]:
        """Return (run, text) of each line."""
        return [[(piece.run, piece.text) for piece in line] for line in self._breaker(values).all()]

    def anew(self, values: Sequence[str]) -> DrawnParagraph:
        """Break and shape the paragraph without the cache, and cache its line pattern. Raises PlanMiss."""
        breaker, rows = self._breaker(values), []
        tall, high = set[tuple[int, Extents]](), set[int]()
        lines = breaker.all()
        for n, line in enumerate(lines):
            x = (
                self.align * (self.width - sum([piece.width for piece in line]) / UNITS)
                if self.align
                else 0.0
            )
            row = []
            for piece in line:
                glyphs = self.runs[piece.run].face.shape(piece.shown)
                row.append((piece.run, x, glyphs.shown))
                x += piece.width / UNITS
                if glyphs.tall:
                    tall.add((n, glyphs.tall))
                    high.add(piece.run)
            rows.append(tuple(row))
        signature = self._signature(len(rows), tall)
        if len(self.runs) > 1 and not breaker.stuck_out:
            pattern = LinePattern(self.runs, self.breaks, values, lines, breaker.ends, signature)
            if high.isdisjoint(pattern.free):
                self._note(pattern)
        return DrawnParagraph(tuple(rows), signature)

    def _breaker(self, values: Sequence[str]) -> Breaker:
        texts = [run.text if isinstance(run.text, str) else values[run.text] for run in self.runs]
        return Breaker(self.runs, texts, self.width, self.breaks, self.stretches)

    def _alone(self, value: str) -> DrawnParagraph | None:
        """Fast path: a paragraph of one value whose lines clearly fit, as most do; else None."""
        face, rows, tall = self.runs[0].face, [], set[tuple[int, Extents]]()
        for n, text in enumerate(value.split("\n")):
            if not has_no_edge_spaces(text):
                return None
            width, shown, high = face.shape(text)
            if width > self.roomy:
                return None
            rows.append(((0, self.align * (self.width - width / UNITS), shown),))
            if high:
                tall.add((n, high))
        return DrawnParagraph(tuple(rows), self._signature(len(rows), tall))

    def _as_before(self, values: Sequence[str]) -> DrawnParagraph | None:
        """Return the lines by a cached pattern; None if no pattern applies. Raises PlanMiss."""
        for n, pattern in enumerate(self.patterns):
            rows = pattern.rows(values, self.width, self.align)
            if rows is not None:
                if n:
                    self.patterns.insert(0, self.patterns.pop(n))
                return DrawnParagraph(rows, pattern.signature)
        return None

    def _note(self, pattern: LinePattern) -> None:
        if not any(one.widen(pattern) for one in self.patterns):
            self.patterns.insert(0, pattern)
            del self.patterns[_PATTERNS:]

    def _signature(self, lines: int, tall: Collection[tuple[int, Extents]]) -> Signature:
        """Return what the rest of the letter depends on in these lines, and so which plan they need."""
        return FITS_ROOM if lines <= self.room and not tall else (lines, *sorted(tall))
