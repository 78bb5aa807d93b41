"""Text of a page and the position of each character, in mm from the upper left corner of the page as viewed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SAME_LINE = 0.4
WORD_GAP = 0.12
COLUMN_GAP = 0.8
CONTINUES = 0.3
ON_EDGE = 0.25
"""Thresholds as shares of the type height: same baseline, space, column gap, continuing words, line across an
edge.
"""


@dataclass(frozen=True, slots=True, repr=False)
class Tegn:
    """One character and its box. `linje` is its baseline, `hoyde` the type size. No repr: it is content.

    `lesbart` is False when the font does not say which character the glyph is.
    """

    tekst: str
    venstre: float
    topp: float
    hoyre: float
    bunn: float
    linje: float
    hoyde: float
    lesbart: bool = True

    def within(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Return whether the centre of the character lies in this rectangle."""
        x, y = (self.venstre + self.hoyre) / 2, (self.topp + self.bunn) / 2
        return left <= x <= right and top <= y <= bottom


@dataclass(frozen=True, slots=True)
class Felt:
    """A rectangle on a page, in mm from the upper left corner."""

    x: float
    y: float
    bredde: float
    hoyde: float


WHOLE_PAGE = Felt(0.0, 0.0, 1_200.0, 1_200.0)
"""The whole page's text, read at once without positions."""


@dataclass(frozen=True, slots=True, repr=False)
class Felttekst:
    """The text in an area. `uleselig` counts unreadable characters; `kuttet`: text continues past the edge."""

    linjer: tuple[str, ...] = ()
    uleselig: int = 0
    kuttet: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Sidetekst:
    """A page's areas, in the order asked for. `tekst`: the page has any text; `bilde`: it has no text, but
    pictures.

    `ulest`: the page could not be read. It may contain anything; its areas are empty only for that reason.
    """

    felter: tuple[Felttekst, ...]
    tekst: bool
    bilde: bool
    ulest: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Linje:
    """A run of text in one column of a line, with its box."""

    tekst: str
    venstre: float
    topp: float
    hoyre: float
    bunn: float
    linje: float
    hoyde: float


def read_area(tegn: Sequence[Tegn], felt: Felt) -> Felttekst:
    """Return the text in one area: lines from the top, words separated by one space."""
    left, top, right, bottom = felt.x, felt.y, felt.x + felt.bredde, felt.y + felt.hoyde
    inside = [t for t in tegn if t.within(left, top, right, bottom)]
    visible = [t for t in inside if not t.tekst.isspace()]
    if not visible:
        return Felttekst(kuttet=_on_edge(tegn, felt))
    lines = [text for text in map(_text, _rows(inside)) if text]
    unreadable = sum(not t.lesbart for t in visible)
    return Felttekst(tuple(lines), unreadable, _goes_on(tegn, visible, felt) or _on_edge(tegn, felt))


def _goes_on(tegn: Iterable[Tegn], inside: Sequence[Tegn], felt: Felt) -> bool:
    """Return whether the words of a line in the area continue outside it, to the left or right."""
    left, right, top, bottom = felt.x, felt.x + felt.bredde, felt.y, felt.y + felt.hoyde
    ends = [(row[0].linje, row[0].hoyde, row[0].venstre, row[-1].hoyre) for row in _rows(inside)]
    for one in tegn:
        if one.tekst.isspace() or one.within(left, top, right, bottom):
            continue
        for line, height, begins, stops in ends:
            same = abs(line - one.linje) <= SAME_LINE * height
            if same and max(one.venstre - stops, begins - one.hoyre) < CONTINUES * height:
                return True
    return False


def _on_edge(tegn: Iterable[Tegn], felt: Felt) -> bool:
    """Return whether a line of text lies across the upper or lower edge, mostly outside."""
    left, right, top, bottom = felt.x, felt.x + felt.bredde, felt.y, felt.y + felt.hoyde
    for one in tegn:
        if one.tekst.isspace() or not left <= (one.venstre + one.hoyre) / 2 <= right:
            continue
        middle = (one.topp + one.bunn) / 2
        share = min(one.bunn, bottom) - max(one.topp, top)
        if not top <= middle <= bottom and share > ON_EDGE * (one.bunn - one.topp):
            return True
    return False


def text_lines(tegn: Sequence[Tegn]) -> list[Linje]:
    """Return the page's text in runs: characters on one baseline without a column gap, from the top, then
    from the left.
    """
    found = []
    for row in _rows(tegn):
        run: list[Tegn] = []
        for one in (t for t in row if not t.tekst.isspace()):
            if run and one.venstre - run[-1].hoyre > COLUMN_GAP * one.hoyde:
                found.append(_run(run))
                run = []
            run.append(one)
        if run:
            found.append(_run(run))
    return found


def _run(tegn: Sequence[Tegn]) -> Linje:
    return Linje(
        _text(tegn),
        min(t.venstre for t in tegn),
        min(t.topp for t in tegn),
        max(t.hoyre for t in tegn),
        max(t.bunn for t in tegn),
        tegn[0].linje,
        max(t.hoyde for t in tegn),
    )


def _rows(tegn: Iterable[Tegn]) -> list[list[Tegn]]:
    """Group characters by baseline, from the top; each row from the left."""
    rows: list[list[Tegn]] = []
    for one in sorted(tegn, key=lambda t: t.linje):
        if rows and one.linje - rows[-1][0].linje <= SAME_LINE * max(one.hoyde, 0.1):
            rows[-1].append(one)
        else:
            rows.append([one])
    for row in rows:
        row.sort(key=lambda t: t.venstre)
    return rows


def _text(row: Sequence[Tegn]) -> str:
    parts: list[str] = []
    before: Tegn | None = None
    for one in row:
        if before is not None and one.venstre - before.hoyre > WORD_GAP * one.hoyde:
            parts.append(" ")
        parts.append(one.tekst)
        before = one
    return unicodedata.normalize("NFC", " ".join("".join(parts).split()))
