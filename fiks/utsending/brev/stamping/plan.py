"""Layout once, stamp many: the shape of a letter and the plan into which values are stamped.

A shape is the letter's HTML without values: two letters of one shape differ only in values. A plan is a shape
laid out for given line counts of those paragraphs whose length moves others. Its content never depends on the
letter it was made from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise

from fiks.utsending.brev.language.charset import ALWAYS_ALLOWED, COMMON, LATIN
from fiks.utsending.brev.stamping.layout import LaidOutLetter
from fiks.utsending.brev.stamping.line_breaks import BreakFinder
from fiks.utsending.brev.stamping.line_cache import Signature
from fiks.utsending.brev.stamping.paragraph import DrawnParagraph, ParagraphPress
from fiks.utsending.brev.stamping.pdf_writer import PdfSkeleton
from fiks.utsending.brev.stamping.shaping import PlanMiss, pdf_number

_TIERS = tuple(
    re.compile(f"[{re.escape(''.join(sorted(signs | ALWAYS_ALLOWED)))}]*") for signs in (COMMON, LATIN)
)


def tier_of(values: Iterable[str]) -> int:
    """Return the character set the values need: 0 for COMMON, 1 for LATIN. Raises PlanMiss for other
    characters.
    """
    text = "".join(values)
    for tier, signs in enumerate(_TIERS):
        if signs.fullmatch(text):
            return tier
    raise PlanMiss("sign")


class Plan:
    """One layout; stamps letters whose paragraphs have exactly these line counts."""

    def __init__(self, laid: LaidOutLetter) -> None:
        self.left = [paragraph.x for paragraph in laid.paragraphs]
        self.pages = len(laid.pages)
        self.skeleton = PdfSkeleton(laid.objects)
        pieces = list(chain.from_iterable(laid.pages))
        self.blank = [piece if isinstance(piece, str) else "" for piece in pieces]
        self.sheets = list(pairwise(accumulate(map(len, laid.pages), initial=0)))
        self.where: list[list[int]] = [[] for _ in range(laid.holes)]
        for at, piece in enumerate(pieces):
            if isinstance(piece, int):
                self.where[piece].append(at)
        self.parts = [
            [([f" {pdf_number(y)} Tm\n" for y in part.baselines], part.holes) for part in paragraph.parts]
            for paragraph in laid.paragraphs
        ]

    def stamp(self, drawn: Sequence[DrawnParagraph]) -> bytes:
        """Return the PDF with these paragraphs, without the plan's head."""
        pieces = self.blank.copy()
        for n, paragraph in enumerate(drawn):
            placed = paragraph.placed
            if placed is None or placed[0] is not self:
                placed = paragraph.placed = self, self._place(n, paragraph)
            for at, text in placed[1]:
                pieces[at] = text
        return self.skeleton.write(
            ["".join(pieces[start:end]).encode("latin-1") for start, end in self.sheets]
        )

    def _place(self, n: int, paragraph: DrawnParagraph) -> list[tuple[int, str]]:
        """Return (position, operators) for everything in paragraph `n`."""
        filled: dict[int, str] = {}
        left, lines = self.left[n], iter(paragraph.lines)
        for baselines, holes in self.parts[n]:
            for below, line in zip(baselines, lines, strict=False):
                for run, x, shown in line:
                    if shown:
                        hole = holes[run]
                        text = f"BT\n1 0 0 -1 {pdf_number(left + x)}{below}{shown}\nET\n"
                        filled[hole] = filled[hole] + text if hole in filled else text
        if next(lines, None) is not None:
            raise PlanMiss("lines")
        return [(at, text) for hole, text in filled.items() for at in self.where[hole]]


class Shape:
    """Letters with the same fixed text: their paragraphs and where page breaks divide them."""

    def __init__(self, laid: LaidOutLetter, breaks: BreakFinder) -> None:
        self.blocks = [ParagraphPress(paragraph, breaks) for paragraph in laid.paragraphs]
        self.divided: dict[Signature, tuple[tuple[int, tuple[int, ...]], ...]] = {}

    def fits(self, laid: LaidOutLetter) -> bool:
        """Return whether another letter's paragraphs match these one by one; only then is it a plan of this
        shape.
        """
        return len(laid.paragraphs) == len(self.blocks) and all(
            block.fits(paragraph) for block, paragraph in zip(self.blocks, laid.paragraphs, strict=True)
        )

    def note(self, drawn: Sequence[DrawnParagraph], laid: LaidOutLetter) -> None:
        """Record which paragraphs a page break divides when they have these lines."""
        self.divided[_line_signature(drawn)] = tuple(
            (n, tuple(len(part.baselines) for part in paragraph.parts))
            for n, paragraph in enumerate(laid.paragraphs)
            if len(paragraph.parts) > 1
        )

    def drawn(self, values: Sequence[str]) -> list[DrawnParagraph]:
        """Return every paragraph drawn with a letter's values. Raises PlanMiss."""
        return [block.drawn(values) for block in self.blocks]

    def plan_key(self, drawn: Sequence[DrawnParagraph]) -> Signature | None:
        """Return the key of the plan these paragraphs need; None if no such layout exists yet."""
        lines = _line_signature(drawn)
        divided = self.divided.get(lines)
        if divided is None:
            return None
        return lines if not divided else (*lines, *(_runs_by_page(drawn[n], sizes) for n, sizes in divided))


def _line_signature(drawn: Sequence[DrawnParagraph]) -> Signature:
    return tuple([paragraph.signature for paragraph in drawn])


def _runs_by_page(paragraph: DrawnParagraph, sizes: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Return the runs on each page of a paragraph that a page break divides."""
    out, start = [], 0
    for size in sizes:
        lines = paragraph.lines[start : start + size]
        out.append(tuple(sorted({run for line in lines for run, _, _ in line})))
        start += size
    return tuple(out)


Brutt = tuple[list[list[tuple[int, str]]], list[list[tuple[int, str]]]]


@dataclass(frozen=True, slots=True)
class Linjer:
    """Number of compared paragraphs, and (theirs, ours) of those with different line breaks."""

    compared: int
    different: list[Brutt]


def compare_lines(laid: LaidOutLetter, shape: Shape, values: Sequence[str]) -> Linjer:
    """Compare WeasyPrint's line breaks of this letter with ours. Paragraphs that raise PlanMiss are not
    compared.
    """
    compared, different = 0, list[Brutt]()
    for paragraph, block in zip(laid.paragraphs, shape.blocks, strict=True):
        try:
            ours = block.broken(values)
        except PlanMiss:
            continue
        compared += 1
        theirs = [list(line) for line in paragraph.lines]
        if theirs != ours:
            different.append((theirs, ours))
    return Linjer(compared, different)
