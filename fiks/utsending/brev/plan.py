"""Layout once, stamp many: a letter's shape and what is written into it for each receiver.

A shape is the letter's HTML without its values, so that two letters of one shape differ in values alone. A plan is a
shape laid out for one number of lines in each paragraph whose length moves others. What it holds never depends on whose
letter it was made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from fiks.utsending.brev.breaking import Breaker, Breaks, Known, Line, Run
from fiks.utsending.brev.laid import Laid, Paragraph
from fiks.utsending.brev.packing import Skeleton
from fiks.utsending.brev.shaping import UNITS, Glyphs, Miss, number
from fiks.utsending.brev.signs import BESIDE, COMMON, LATIN

_REMEMBERED = 8
"""Values of a paragraph that are kept: enough for those that are the same in all letters, like a date or an account."""


Signature = tuple[object, ...]

ROOMY: Signature = ()
"""The signature of any number of lines that there is room for (`Paragraph.room`), of usual height."""

_TIERS = tuple(re.compile(f"[{re.escape(''.join(sorted(signs | BESIDE)))}]*") for signs in (COMMON, LATIN))


def tier_of(values: Iterable[str]) -> int:
    """Which signs the values need: 0 for COMMON, 1 for LATIN. Miss for any other sign."""
    text = "".join(values)
    for tier, signs in enumerate(_TIERS):
        if signs.fullmatch(text):
            return tier
    raise Miss("sign")


def _is_firm(text: str) -> bool:
    """Whether a text has no spaces at its ends, where lines may end."""
    return bool(text) and text[0] != " " != text[-1]


def _is_plain(runs: Sequence[Run]) -> bool:
    """Whether nothing but a newline ends a line of these runs as long as there is room."""
    first, last = (run.text if isinstance(run.text, str) else "" for run in (runs[0], runs[-1]))
    return not (first.startswith(" ") or last.endswith(" ") or any(run.forced for run in runs[:-1]))


@dataclass(slots=True, eq=False)
class Drawn:
    """A paragraph with its values: on each line (run, distance from the left edge in pixels, operators).

    `placed`: the plan it was placed in last, and what goes into each hole there.
    """

    lines: tuple[tuple[tuple[int, float, str], ...], ...]
    signature: Signature
    placed: tuple[Plan, list[tuple[int, str]]] | None = None


class Block:
    """A paragraph of a shape: breaks and shapes its lines for given values, and remembers what it did."""

    def __init__(self, paragraph: Paragraph, breaks: Breaks) -> None:
        self.runs: tuple[Run, ...] = paragraph.runs
        self.width, self.align, self.breaks = paragraph.width, paragraph.align, breaks
        self.roomy = self.width * UNITS - 1
        self.room = paragraph.room
        self.varying = [
            (n, run.text, run.face) for n, run in enumerate(self.runs) if isinstance(run.text, int)
        ]
        self.own = itemgetter(*(number for _, number, _ in self.varying))
        self.plain = _is_plain(self.runs)
        self.glyphs: list[Glyphs] = []
        self.known: dict[object, Drawn] = {}
        self.stretches: Known = {}

    def drawn(self, values: Sequence[str]) -> Drawn:
        """The paragraph for all values of a letter. Raises Miss."""
        own = self.own(values)
        found = self.known.get(own)
        if found is None:
            if len(self.known) >= _REMEMBERED:
                self.known.clear()
            found = self.known[own] = self._plainly(values) or self._draw(values)
        return found

    def broken(self, values: Sequence[str]) -> list[list[tuple[int, str]]]:
        """The text of each run on each line."""
        return [[(piece.run, piece.text) for piece in line] for line in self._lines(values)]

    def _texts(self, values: Sequence[str]) -> list[str]:
        return [run.text if type(run.text) is str else values[run.text] for run in self.runs]  # type: ignore[index]

    def _lines(self, values: Sequence[str]) -> list[Line]:
        return Breaker(self.runs, self._texts(values), self.width, self.breaks, self.stretches).all()

    def _plainly(self, values: Sequence[str]) -> Drawn | None:
        """What `_draw` gives where every line plainly has room, as most have; None where it must be looked into."""
        rows = self._rows(values) if self.plain else None
        if rows is None:
            return None
        lines, tall = [], []
        for n, row in enumerate(rows):
            total = sum([glyphs.width for glyphs in row])
            if total > self.roomy:
                return None
            x, line = self.align * (self.width - total / UNITS), []
            for run, (width, shown, high) in enumerate(row):
                line.append((run, x, shown))
                x += width / UNITS
                if high and n not in tall:
                    tall.append(n)
            lines.append(tuple(line))
        return Drawn(tuple(lines), self._signature(len(lines), tall))

    def _rows(self, values: Sequence[str]) -> list[list[Glyphs]] | None:
        """The glyphs of each line where lines end at newlines alone; None where a space stands at a value's end."""
        if len(self.runs) == 1:
            [(_, number, face)] = self.varying
            texts = values[number].split("\n")
            return [[face.shape(text)] for text in texts] if all(map(_is_firm, texts)) else None
        if not self.glyphs:
            self.glyphs = [run.face.shape(run.text if isinstance(run.text, str) else "") for run in self.runs]
        row = self.glyphs.copy()
        for n, number, face in self.varying:
            text = values[number]
            if not _is_firm(text):
                return None
            row[n] = face.shape(text)
        return [row]

    def _signature(self, lines: int, tall: Sequence[int]) -> Signature:
        """What of these lines the rest of the letter depends on, and so which plan they need."""
        return ROOMY if lines <= self.room and not tall else (lines, *tall)

    def _draw(self, values: Sequence[str]) -> Drawn:
        lines, tall = [], []
        for n, line in enumerate(self._lines(values)):
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
                if glyphs.tall and n not in tall:
                    tall.append(n)
            lines.append(tuple(row))
        return Drawn(tuple(lines), self._signature(len(lines), tall))


class Plan:
    """One layout: stamps the letters whose paragraphs have just these lines."""

    def __init__(self, laid: Laid) -> None:
        self.left = [paragraph.x for paragraph in laid.paragraphs]
        self.parts = [
            [([number(y) for y in part.baselines], part.holes) for part in paragraph.parts]
            for paragraph in laid.paragraphs
        ]
        self.pages = len(laid.pages)
        self.skeleton = Skeleton(laid.objects)
        self.blank = [[piece if isinstance(piece, str) else "" for piece in page] for page in laid.pages]
        self.where: list[list[tuple[int, int]]] = [[] for _ in range(laid.holes)]
        for sheet, page in enumerate(laid.pages):
            for at, piece in enumerate(page):
                if isinstance(piece, int):
                    self.where[piece].append((sheet, at))

    def stamp(self, drawn: Sequence[Drawn]) -> bytes:
        """The PDF with these paragraphs, without the plan's head."""
        pages = [page.copy() for page in self.blank]
        for n, paragraph in enumerate(drawn):
            placed = paragraph.placed
            if placed is None or placed[0] is not self:
                placed = paragraph.placed = self, self._place(n, paragraph)
            for hole, text in placed[1]:
                for page, at in self.where[hole]:
                    pages[page][at] = text
        return self.skeleton.write(["".join(page).encode("latin-1") for page in pages])

    def _place(self, n: int, paragraph: Drawn) -> list[tuple[int, str]]:
        """What goes into each hole of paragraph `n`."""
        filled: dict[int, str] = {}
        left, lines = self.left[n], iter(paragraph.lines)
        for baselines, holes in self.parts[n]:
            for below, line in zip(baselines, lines, strict=False):
                for run, x, shown in line:
                    if shown:
                        hole = holes[run]
                        text = f"BT\n1 0 0 -1 {number(left + x)} {below} Tm\n{shown}\nET\n"
                        filled[hole] = filled[hole] + text if hole in filled else text
        if next(lines, None) is not None:
            raise Miss("lines")
        return list(filled.items())


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
