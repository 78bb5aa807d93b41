"""Line cache: how a paragraph's lines were broken once, and for which other values they break the same way.

Most letters of a mailing break a paragraph between the same words. Whether another letter's values allow it
takes a few sums; only otherwise are its lines broken anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from fiks.utsending.brev.stamping.line_breaks import BreakFinder, Line, LineEnd, Run
from fiks.utsending.brev.stamping.shaping import UNITS, Face

_UNBREAKABLE = re.compile(r"[0-9A-Za-zÆØÅæøå\u00a0.,]+")
"""Characters between which no line ends within a value. There are others; values with those are checked in
full.
"""

Signature = tuple[object, ...]

DrawnLine = tuple[tuple[int, float, str], ...]
"""A drawn line: (run, distance from the left edge in pixels, operators)."""


def has_no_edge_spaces(text: str) -> bool:
    """Return whether a text has no space at either end, where lines may break."""
    return bool(text) and text[0] != " " != text[-1]


class _Item(NamedTuple):
    """A run on a line: its width and operators, or the number of the variable value (-1: fixed)."""

    run: int
    value: int
    face: Face
    width: int
    shown: str


@dataclass(slots=True, eq=False)
class _Course:
    """A line and its end. `used`: its width then, without variable values.

    `crowded`: the value that did not fit and begins the next line, its face, and the character before it.
    `within`: least and greatest width the line has had when something else did not fit.
    """

    items: tuple[_Item, ...]
    used: int
    crowded: tuple[int, Face, str] | None = None
    within: tuple[int, int] | None = None

    def same(self) -> tuple[object, ...]:
        """Return what the line has in common with the same line of other letters."""
        return self.items, self.used, self.crowded, self.within is None


class LinePattern:
    """The broken lines of a paragraph, and which values may vary.

    A value may vary if it stood whole on one line and no break depended on its text. `same`: the values that
    may not vary. `signature`: what the rest of the letter depends on in these lines.
    """

    def __init__(
        self,
        runs: Sequence[Run],
        breaks: BreakFinder,
        values: Sequence[str],
        lines: Sequence[Line],
        ends: Sequence[LineEnd],
        signature: Signature,
    ) -> None:
        self.runs, self.breaks, self.signature = runs, breaks, signature
        self.free = _variable_runs(runs, values, lines, ends)
        self.same = tuple(
            (run.text, values[run.text])
            for n, run in enumerate(runs)
            if isinstance(run.text, int) and n not in self.free
        )
        self.courses = [self._course(line, end, values) for line, end in zip(lines, ends, strict=True)]

    def _course(self, line: Line, end: LineEnd, values: Sequence[str]) -> _Course:
        used, items = end.used, []
        for piece in line:
            face, value = self.runs[piece.run].face, self.free.get(piece.run, -1)
            if value < 0:
                items.append(_Item(piece.run, -1, face, piece.width, face.shape(piece.shown).shown))
            else:
                items.append(_Item(piece.run, value, face, 0, ""))
                used -= piece.width
        if end.at < 0:
            return _Course(tuple(items), used)
        if not end.whole or end.at not in self.free:
            return _Course(tuple(items), used, within=(end.used, end.used))
        before = self.runs[line[-1].run]
        text = before.text if isinstance(before.text, str) else values[before.text]
        last = " " if before.spaced else text[-1]
        return _Course(tuple(items), used, (self.free[end.at], self.runs[end.at].face, last))

    def widen(self, other: LinePattern) -> bool:
        """Merge another pattern's observed widths if it has the same lines; return whether it has."""
        mine, theirs = self.courses, other.courses
        if (self.same, self.signature) != (other.same, other.signature):
            return False
        if [a.same() for a in mine] != [b.same() for b in theirs]:
            return False
        for a, b in zip(mine, theirs, strict=True):
            if a.within and b.within:
                a.within = min(a.within[0], b.within[0]), max(a.within[1], b.within[1])
        return True

    def rows(self, values: Sequence[str], width: float, align: float) -> tuple[DrawnLine, ...] | None:
        """Return the lines with these values; None if they may break otherwise. Raises PlanMiss."""
        for number, text in self.same:
            if values[number] != text:
                return None
        rows = []
        for course in self.courses:
            row = self._row(course, values, width, align)
            if row is None:
                return None
            rows.append(row)
        return tuple(rows)

    def _row(self, course: _Course, values: Sequence[str], width: float, align: float) -> DrawnLine | None:
        used, drawn, total = course.used, [], 0
        for run, number, face, wide, shown in course.items:
            if number >= 0:
                value = values[number]
                if not has_no_edge_spaces(value) or "\n" in value:
                    return None
                wide, shown, tall = face.shape(value)
                if tall:
                    return None
                used += wide
            drawn.append((run, wide, shown))
            total += wide
        if not self._ends(course, used, values, width):
            return None
        x, row = align * (width - total / UNITS) if align else 0.0, []
        for run, wide, shown in drawn:
            row.append((run, x, shown))
            x += wide / UNITS
        return tuple(row)

    def _ends(self, course: _Course, used: int, values: Sequence[str], width: float) -> bool:
        """Return whether a line this wide ends at the same place.

        Within one unit of the edge the answer is no, and `line_breaks` decides.
        """
        if course.within is not None:
            return course.within[0] <= used <= course.within[1]
        if used > width * UNITS - 1:
            return False
        if course.crowded is None:
            return True
        number, face, last = course.crowded
        value = values[number]
        if not _UNBREAKABLE.fullmatch(value) or not self.breaks(last + value[0]):
            return False
        return used + face.shape(value).width > width * UNITS + 1


def _variable_runs(
    runs: Sequence[Run], values: Sequence[str], lines: Sequence[Line], ends: Sequence[LineEnd]
) -> Mapping[int, int]:
    """Return {run: value number} of the values that may vary."""
    bound = set[int]()
    for end in ends:
        bound |= end.bound - {end.at} if end.whole else end.bound
    pieces = list(chain.from_iterable(lines))
    return {
        piece.run: number
        for piece in pieces
        if isinstance(number := runs[piece.run].text, int)
        and piece.run not in bound
        and piece.text == values[number]
    }
