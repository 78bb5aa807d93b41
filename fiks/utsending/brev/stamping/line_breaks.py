"""Line breaking as WeasyPrint does it, without a layout.

A port of WeasyPrint 70 (`split_first_line`, `split_inline_box`) for our letters: left to right, no
hyphenation, no justification. Raises PlanMiss where WeasyPrint would break inside a word or let a word
overflow.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fiks.utsending.brev.stamping.shaping import UNITS, Face, PlanMiss

BreakFinder = Callable[[str], tuple[int, ...]]
"""Function that returns the allowed break positions of a text: indices from 0, neither first nor end."""

_ROUNDING = 1 + 1e-9
_NEAR = UNITS


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Text of one style. `child`: the part of the line it is in, counted at the outermost level.

    `text`: the fixed text, or the number of the value. `spaced`: a space after it was removed because another
    came before. `forced`: the line ends after it.
    """

    text: str | int
    face: Face
    child: int
    spaced: bool = False
    forced: bool = False


class Piece(NamedTuple):
    """The part of a run on one line: from character `start`, `width` units wide.

    `loose`: a line may end before it. A trailing space has no width, but is part of `shown` where the run
    ends with it.
    """

    run: int
    start: int
    text: str
    width: int
    loose: bool
    shown: str


Line = list[Piece]


class LineEnd(NamedTuple):
    """Why a line ends: run `at` did not fit when the line was `used` units wide.

    `at` is -1 at a newline, a forced end or the paragraph's end. `bound`: runs whose text determines the
    break. `whole`: run `at` begins the next line.
    """

    used: int
    at: int = -1
    bound: frozenset[int] = frozenset()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """Result of breaking the fixed runs from a line start to the next value.

    Whole lines and their ends, the line begun, its width, and the run that follows.
    """

    lines: Sequence[Line]
    ends: Sequence[LineEnd]
    line: Sequence[Piece]
    used: int
    at: int


StretchCache = dict[tuple[int, int], Stretch]
"""Cached stretches by (run, character) where they begin; independent of the values."""


class Breaker:
    """Breaks the runs of one paragraph with given texts into lines of `width` pixels."""

    def __init__(
        self,
        runs: Sequence[Run],
        texts: Sequence[str],
        width: float,
        breaks: BreakFinder,
        known: StretchCache,
    ) -> None:
        self.runs, self.texts, self.breaks, self.known = runs, texts, breaks, known
        self.limit = width * _ROUNDING
        self.lines: list[Line] = []
        self.ends: list[LineEnd] = []
        self.stuck_out = False
        """Whether only the space at a run's end had no room, which is not told by any line's end."""
        self.line: Line = []
        self.used = 0
        self.at, self.start = 0, 0

    def all(self) -> list[Line]:
        """Return every line in order. Raises PlanMiss for a word wider than the paragraph, and what
        `Face.shape` raises.
        """
        if (
            len(self.runs) == 1
            and "\n" not in self.texts[0]
            and (width := self.runs[0].face.shape(self.texts[0]).width) <= self.limit * UNITS
        ):
            self.ends.append(LineEnd(width))
            return [[Piece(0, 0, self.texts[0], width, loose=False, shown=self.texts[0])]]
        while self.at < len(self.runs):
            if self.line or isinstance(self.runs[self.at].text, int):
                self._take()
            else:
                self._take_fixed()
        if self.line:
            self._close(LineEnd(self.used))
        return self.lines

    def _take_fixed(self) -> None:
        """At a line start: take all runs up to the next value, from the cache if possible."""
        place = self.at, self.start
        found = self.known.get(place)
        if found is None:
            whole = len(self.lines)
            while self.at < len(self.runs) and isinstance(self.runs[self.at].text, str):
                self._take()
            if not self.stuck_out:
                self.known[place] = Stretch(
                    self.lines[whole:], self.ends[whole:], tuple(self.line), self.used, self.at
                )
            return
        self.lines += found.lines
        self.ends += found.ends
        self.line, self.used, self.at, self.start = list(found.line), found.used, found.at, 0

    def _take(self) -> None:
        """Put as much of the present run on the present line as fits."""
        run, (text, newline, _) = self.runs[self.at], self.texts[self.at][self.start :].partition("\n")
        if not self.line:
            self.start += len(text) - len(text.lstrip(" "))
            text = text.lstrip(" ")
        if not text:
            self._next(run, newline)
            return
        loose = bool(self.line) and self.start == 0 and self._loose(text[0])
        before, used = self.used, self.used / UNITS
        shown, width, rest = first_line(run.face, text, self.limit - used, self.breaks)
        if used + _width_without_spaces(run.face, shown) / UNITS > self.limit:
            if not self.line or self.runs[self.line[0].run].child == run.child:
                raise PlanMiss("word")
            self._go_back(loose)
            return
        if shown:
            self.line.append(Piece(self.at, self.start, shown, width, loose, shown))
            self.used += width
        if rest is None:
            self.stuck_out |= shown != text
            self.start += len(text)
            self._next(run, newline)
        else:
            self.start += rest
            self._close(LineEnd(before, self.at, frozenset({self.at})))

    def _next(self, run: Run, newline: str) -> None:
        """Continue after the newline at which a run was left, or with the next run."""
        if newline:
            self.start += 1
        else:
            self.at, self.start = self.at + 1, 0
        if newline or run.forced:
            self._close(LineEnd(self.used))

    def _loose(self, first: str) -> bool:
        """Return whether a line may end between its last character and the next one."""
        before = self.line[-1].run
        last = " " if self.runs[before].spaced else self.texts[before][-1]
        return bool(self.breaks(last + first))

    def _go_back(self, loose: bool) -> None:
        """The run does not fit at all: end the line at the last allowed break before it."""
        used, at = self.used, self.at
        if loose:
            self._close(LineEnd(used, at, frozenset({at, self.line[-1].run}), whole=True))
            return
        bound = {at}
        while self.line:
            piece = self.line.pop()
            bound |= {piece.run, self.line[-1].run if self.line else piece.run}
            stops = self.breaks(piece.text)
            if stops:
                face = self.runs[piece.run].face
                shown, width, rest = first_line(face, piece.text, piece.width / UNITS - 1, self.breaks)
                if rest is None:
                    raise PlanMiss("space")
                if shown:
                    self.line.append(Piece(piece.run, piece.start, shown, width, piece.loose, shown))
                self.at, self.start = piece.run, piece.start + rest
                self._close(LineEnd(used, at, frozenset(bound)))
                return
            if piece.loose:
                self.at, self.start = piece.run, piece.start
                self._close(LineEnd(used, at, frozenset(bound)))
                return
        raise PlanMiss("word")

    def _close(self, end: LineEnd) -> None:
        """End the line; trailing spaces are not drawn."""
        if self.line:
            last = self.line[-1]
            text = last.text.rstrip(" ")
            if text != last.text:
                width = self.runs[last.run].face.shape(text).width if text else 0
                self.line[-1] = Piece(
                    last.run, last.start, text, width, last.loose, last.text if text else ""
                )
        self.lines.append(self.line)
        self.ends.append(end)
        self.line, self.used = [], 0


def first_line(face: Face, text: str, available: float, breaks: BreakFinder) -> tuple[str, int, int | None]:
    """Return what of a text fits in this many pixels: (text, width, start of the next line).

    The start is None if nothing is left. The returned text may be too wide: then not even the first word
    fits. A line may also begin at the end of the text: WeasyPrint ends the line where the space after its
    last word would overflow.
    """
    whole = face.shape(text).width
    if whole / UNITS <= available:
        return text, whole, None
    stops = breaks(text)
    if not stops:
        shown = text.rstrip(" ") or text
        return shown, face.shape(shown).width, None
    limit = int(max(0.0, available) * UNITS)
    at = _pango_stop(face, text, limit, stops)
    if _width_without_spaces(face, text[:at]) <= limit:
        following = next((stop for stop in stops if stop > at), len(text))
        if text[following - 1] == " " and _width_without_spaces(face, text[:following]) <= limit:
            at = following
    shown = text[:at].rstrip(" ")
    return shown, face.shape(shown).width, at


def _pango_stop(face: Face, text: str, limit: int, stops: tuple[int, ...]) -> int:
    """Return where Pango ends the first line of a too wide text: the last break that fits, else the first.

    A space before a break may overflow, but not one at the end of the text. Raises PlanMiss where the text
    before the space fits only because of the space: in bold it kerns closer to a full stop or comma.
    WeasyPrint removes the space afterwards, and how it treats the then too wide line depends on the text
    before.
    """
    bare = face.bare(text, stops)
    n = bisect_right(bare, limit)
    while (
        n < len(stops) and bare[n] <= limit + _NEAR and _width_without_spaces(face, text[: stops[n]]) <= limit
    ):
        n += 1
    while n and _width_without_spaces(face, text[: stops[n - 1]]) > limit:
        if text[stops[n - 1] - 1] == " ":
            raise PlanMiss("kerning")
        n -= 1
    return stops[n - 1] if n else stops[0]


def _width_without_spaces(face: Face, text: str) -> int:
    """Return the width of a text without its trailing spaces."""
    text = text.rstrip(" ")
    return face.shape(text).width if text else 0
