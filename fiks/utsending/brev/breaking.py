"""Lines of a paragraph as WeasyPrint would break them, without laying anything out.

A port of what WeasyPrint 70 does (`split_first_line`, `split_inline_box`) for what our letters are: left to right,
nothing hyphenated or justified. Where it would break inside a word, or let a word stick out, there is a `Miss`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fiks.utsending.brev.shaping import UNITS, Face, Miss

Breaks = Callable[[str], tuple[int, ...]]
"""Where a text may be broken: before these signs, counted from 0, neither first nor end."""

_ROUNDING = 1 + 1e-9
_NEAR = UNITS


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A stretch of text of one style. `child`: the part of the line it is in, counted at the outermost level.

    `text`: as it stands in every letter, or the number of the value that stands there. `spaced`: a space after it
    was taken away because one came before it. `forced`: the line ends after it.
    """

    text: str | int
    face: Face
    child: int
    spaced: bool = False
    forced: bool = False


class Piece(NamedTuple):
    """What stands of a run on one line: from sign `start` of it, `width` units wide. `loose`: a line may end before.

    A space at the end of a line has no width, but is `shown` where the run ends with it.
    """

    run: int
    start: int
    text: str
    width: int
    loose: bool
    shown: str


Line = list[Piece]


class End(NamedTuple):
    """Why a line ends: run `at` came when the line was `used` units wide, and had no room; -1 if none came, since a
    newline, a forced end or the paragraph's end did.

    `bound`: the runs by whose text it ends there and not elsewhere. `whole`: run `at` begins the next line.
    """

    used: int
    at: int = -1
    bound: frozenset[int] = frozenset()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """What comes of the fixed runs from a place where a line begins, up to the next value: whole lines and how they
    end, the line that is begun, its width, and the run that follows."""

    lines: Sequence[Line]
    ends: Sequence[End]
    line: Sequence[Piece]
    used: int
    at: int


Known = dict[tuple[int, int], Stretch]
"""The stretches of a paragraph by (run, sign) that they begin at: the same whatever its values are."""


class Breaker:
    """Breaks the runs of one paragraph, whose text is given, into lines of `width` pixels."""

    def __init__(
        self, runs: Sequence[Run], texts: Sequence[str], width: float, breaks: Breaks, known: Known
    ) -> None:
        self.runs, self.texts, self.breaks, self.known = runs, texts, breaks, known
        self.limit = width * _ROUNDING
        self.lines: list[Line] = []
        self.ends: list[End] = []
        self.stuck_out = False
        """Whether only the space at a run's end had no room, which is not told by any line's end."""
        self.line: Line = []
        self.used = 0
        self.at, self.start = 0, 0

    def all(self) -> list[Line]:
        """Every line in order. Raises Miss where a word is wider than the paragraph, and what `Face.shape` raises."""
        if (
            len(self.runs) == 1
            and "\n" not in self.texts[0]
            and (width := self.runs[0].face.shape(self.texts[0]).width) <= self.limit * UNITS
        ):
            self.ends.append(End(width))
            return [[Piece(0, 0, self.texts[0], width, loose=False, shown=self.texts[0])]]
        while self.at < len(self.runs):
            if self.line or isinstance(self.runs[self.at].text, int):
                self._take()
            else:
                self._take_fixed()
        if self.line:
            self._close(End(self.used))
        return self.lines

    def _take_fixed(self) -> None:
        """At the beginning of a line: take all runs up to the next value, or what came of it the last time."""
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
        """Put as much of the present run as there is room for on the present line."""
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
        if used + _bare(run.face, shown) / UNITS > self.limit:
            if not self.line or self.runs[self.line[0].run].child == run.child:
                raise Miss("word")
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
            self._close(End(before, self.at, frozenset({self.at})))

    def _next(self, run: Run, newline: str) -> None:
        """Go on after the newline at which a run was left, or with the next run."""
        if newline:
            self.start += 1
        else:
            self.at, self.start = self.at + 1, 0
        if newline or run.forced:
            self._close(End(self.used))

    def _loose(self, first: str) -> bool:
        """Whether a line may end between what stands on it and the sign that comes."""
        before = self.line[-1].run
        last = " " if self.runs[before].spaced else self.texts[before][-1]
        return bool(self.breaks(last + first))

    def _go_back(self, loose: bool) -> None:
        """The run does not fit at all: end the line at the last place before it where it may end."""
        used, at = self.used, self.at
        if loose:
            self._close(End(used, at, frozenset({at, self.line[-1].run}), whole=True))
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
                    raise Miss("space")
                if shown:
                    self.line.append(Piece(piece.run, piece.start, shown, width, piece.loose, shown))
                self.at, self.start = piece.run, piece.start + rest
                self._close(End(used, at, frozenset(bound)))
                return
            if piece.loose:
                self.at, self.start = piece.run, piece.start
                self._close(End(used, at, frozenset(bound)))
                return
        raise Miss("word")

    def _close(self, end: End) -> None:
        """End the line; spaces at its end are not drawn."""
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


def first_line(face: Face, text: str, available: float, breaks: Breaks) -> tuple[str, int, int | None]:
    """What of a text stands on a line with this many pixels left: (text, its width, where the next line begins).

    None if nothing is left. What is returned may be too wide: then not even the first word fits. A line may also begin
    at the end of the text: WeasyPrint ends the line where the space after its last word would stick out.
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
    if _bare(face, text[:at]) <= limit:
        following = next((stop for stop in stops if stop > at), len(text))
        if text[following - 1] == " " and _bare(face, text[:following]) <= limit:
            at = following
    shown = text[:at].rstrip(" ")
    return shown, face.shape(shown).width, at


def _pango_stop(face: Face, text: str, limit: int, stops: tuple[int, ...]) -> int:
    """Where Pango ends the first line of a text that is too wide: the last stop that fits, else the first.

    A space before a stop may stick out, but not one at the end of the text. Raises Miss where what is before the space
    has room only as long as the space is there: in bold it comes closer to a full stop or a comma. WeasyPrint takes the
    space away afterwards, and what it does with a line that is too wide then follows from what stands before.
    """
    bare = face.bare(text, stops)
    n = bisect_right(bare, limit)
    while n < len(stops) and bare[n] <= limit + _NEAR and _bare(face, text[: stops[n]]) <= limit:
        n += 1
    while n and _bare(face, text[: stops[n - 1]]) > limit:
        if text[stops[n - 1] - 1] == " ":
            raise Miss("kerning")
        n -= 1
    return stops[n - 1] if n else stops[0]


def _bare(face: Face, text: str) -> int:
    """The width of a text without the spaces at its end."""
    text = text.rstrip(" ")
    return face.shape(text).width if text else 0
