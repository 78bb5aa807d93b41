"""Layout once, stamp many: a letter's shape and what is written into it for each receiver.

A shape is the letter's HTML without its values, so that two letters of one shape differ in values alone. A plan is a
shape laid out for one number of lines in each paragraph. What it holds never depends on whose letter it was made of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from fiks.utsending.brev.breaking import Breaker, Breaks, Line, Run
from fiks.utsending.brev.laid import Laid, Paragraph, Part
from fiks.utsending.brev.packing import Skeleton
from fiks.utsending.brev.shaping import UNITS, Miss, number
from fiks.utsending.brev.signs import COMMON, LATIN, PROMILLE

_VALUE = re.compile(r'<span data-v="[^"]*">([^<]*)</span>')
_REMEMBERED = 8
"""Values of a paragraph that are kept: enough for those that are the same in all letters, like a date or an account."""


Signature = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter's HTML taken apart: what is around the values, and the values in the order they stand in."""

    fixed: str
    values: tuple[str, ...]

    @classmethod
    def of(cls, html: str) -> Letter:
        """Take the HTML of `letter.compose` apart."""
        pieces = _VALUE.split(html)
        values = tuple(unescape(value) if "&" in value else value for value in pieces[1::2])
        return cls("\0".join(pieces[::2]), values)

    @property
    def tier(self) -> int:
        """Which signs the values need: 0 for COMMON, 1 for LATIN. Miss for any other sign."""
        signs = frozenset("".join(self.values)) - {PROMILLE}
        if signs <= COMMON:
            return 0
        if signs <= LATIN:
            return 1
        raise Miss("sign")


def numbered(html: str) -> str:
    """The same HTML with the values' spans numbered in `data-v`."""
    count = iter(range(html.count("<span data-v=")))
    return _VALUE.sub(lambda match: f'<span data-v="{next(count)}">{match[1]}</span>', html)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A paragraph with its values: on each line (run, distance from the left edge in pixels, operators)."""

    lines: tuple[tuple[tuple[int, float, str], ...], ...]
    signature: Signature


class Block:
    """A paragraph of a shape: breaks and shapes its lines for given values, and remembers what it did."""

    def __init__(self, paragraph: Paragraph, breaks: Breaks) -> None:
        self.runs: tuple[Run, ...] = paragraph.runs
        self.wanted = tuple(run.text for run in self.runs if isinstance(run.text, int))
        self.width, self.align, self.breaks = paragraph.width, paragraph.align, breaks
        self.known: dict[tuple[str, ...], Drawn] = {}

    def drawn(self, values: Sequence[str]) -> Drawn:
        """The paragraph for all values of a letter. Raises Miss."""
        own = tuple([values[n] for n in self.wanted])
        found = self.known.get(own)
        if found is None:
            if len(self.known) >= _REMEMBERED:
                self.known.clear()
            found = self.known[own] = self._draw(values)
        return found

    def broken(self, values: Sequence[str]) -> list[list[tuple[int, str]]]:
        """The text of each run on each line."""
        return [[(piece.run, piece.text) for piece in line] for line in self._lines(values)]

    def _lines(self, values: Sequence[str]) -> list[Line]:
        texts = [run.text if isinstance(run.text, str) else values[run.text] for run in self.runs]
        return Breaker(self.runs, texts, self.width, self.breaks).all()

    def _draw(self, values: Sequence[str]) -> Drawn:
        lines, tall = [], []
        for n, line in enumerate(self._lines(values)):
            x = self.align * (self.width - sum(piece.width for piece in line) / UNITS)
            row = []
            for piece in line:
                glyphs = self.runs[piece.run].face.shape(piece.shown)
                row.append((piece.run, x, glyphs.shown))
                x += piece.width / UNITS
                if glyphs.tall and n not in tall:
                    tall.append(n)
            lines.append(tuple(row))
        return Drawn(tuple(lines), (len(lines), *tall))


class Plan:
    """One layout: stamps the letters whose paragraphs have just these lines."""

    def __init__(self, laid: Laid) -> None:
        self.left = [paragraph.x for paragraph in laid.paragraphs]
        self.parts: list[tuple[Part, ...]] = [paragraph.parts for paragraph in laid.paragraphs]
        self.pages, self.holes = laid.pages, laid.holes
        self.skeleton = Skeleton(laid.objects)
        self.known: list[dict[int, tuple[Drawn, list[tuple[int, str]]]]] = [{} for _ in laid.paragraphs]

    def stamp(self, drawn: Sequence[Drawn]) -> bytes:
        """The PDF with these paragraphs."""
        filled = [""] * self.holes
        for n, paragraph in enumerate(drawn):
            known = self.known[n].get(id(paragraph))
            shown = known[1] if known and known[0] is paragraph else self._filled(n, paragraph)
            for hole, text in shown:
                filled[hole] = text
        streams = [
            "".join([filled[piece] if type(piece) is int else piece for piece in page]).encode("latin-1")  # type: ignore[misc]
            for page in self.pages
        ]
        return self.skeleton.write(streams)

    def _filled(self, n: int, paragraph: Drawn) -> list[tuple[int, str]]:
        """What goes into each hole of paragraph `n`; kept for as long as the block remembers these values."""
        if len(self.known[n]) >= _REMEMBERED:
            self.known[n].clear()
        filled = list(self._place(n, paragraph).items())
        self.known[n][id(paragraph)] = paragraph, filled
        return filled

    def _place(self, n: int, paragraph: Drawn) -> dict[int, str]:
        filled: dict[int, str] = {}
        lines = iter(paragraph.lines)
        for part in self.parts[n]:
            for y in part.baselines:
                for run, x, shown in next(lines):
                    if not shown:
                        continue
                    text = f"BT\n1 0 0 -1 {number(self.left[n] + x)} {number(y)} Tm\n{shown}\nET\n"
                    hole = part.holes[run]
                    filled[hole] = filled.get(hole, "") + text
        return filled


class Shape:
    """The letters with the same fixed text: their paragraphs, and the plans that were made for them so far."""

    def __init__(self, laid: Laid, breaks: Breaks) -> None:
        self.blocks = [Block(paragraph, breaks) for paragraph in laid.paragraphs]
        self.divided: dict[Signature, tuple[tuple[int, tuple[int, ...]], ...]] = {}

    def note(self, drawn: Sequence[Drawn], laid: Laid) -> None:
        """Note which paragraphs a page break goes through when they have these lines."""
        self.divided[_lines(drawn)] = tuple(
            (n, tuple(len(part.baselines) for part in paragraph.parts))
            for n, paragraph in enumerate(laid.paragraphs)
            if len(paragraph.parts) > 1
        )

    def drawn(self, values: Sequence[str]) -> list[Drawn]:
        """Every paragraph for a letter's values. Raises Miss."""
        return [block.drawn(values) for block in self.blocks]

    def plan_key(self, drawn: Sequence[Drawn]) -> Signature | None:
        """Which plan these paragraphs need; None if no letter with these numbers of lines was laid out yet."""
        lines = _lines(drawn)
        divided = self.divided.get(lines)
        if divided is None:
            return None
        return lines if not divided else (*lines, *(_across(drawn[n], sizes) for n, sizes in divided))


def _lines(drawn: Sequence[Drawn]) -> Signature:
    return tuple([paragraph.signature for paragraph in drawn])


def _across(paragraph: Drawn, sizes: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """The runs that stand on each page of a paragraph that a page break goes through."""
    out, start = [], 0
    for size in sizes:
        lines = paragraph.lines[start : start + size]
        out.append(tuple(sorted({run for line in lines for run, _, _ in line})))
        start += size
    return tuple(out)


Brutt = tuple[list[list[tuple[int, str]]], list[list[tuple[int, str]]]]


@dataclass(frozen=True, slots=True)
class Linjer:
    """How many paragraphs were compared, and (theirs, ours) of those that were broken otherwise."""

    compared: int
    different: list[Brutt]


def compare_lines(laid: Laid, shape: Shape, values: Sequence[str]) -> Linjer:
    """Compare how WeasyPrint broke this letter's paragraphs with how we do. Those we miss are not compared."""
    compared, different = 0, list[Brutt]()
    for paragraph, block in zip(laid.paragraphs, shape.blocks, strict=True):
        try:
            ours = block.broken(values)
        except Miss:
            continue
        compared += 1
        theirs = [list(line) for line in paragraph.lines]
        if theirs != ours:
            different.append((theirs, ours))
    return Linjer(compared, different)
