"""A letter that was laid out once, as it is kept: what stands around the values, and where they go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fiks.utsending.brev.breaking import Run
from fiks.utsending.brev.packing import Objects


@dataclass(frozen=True, slots=True)
class Part:
    """What of a paragraph is on one page: the baseline of each line, and for each run that begins here or goes on
    here the number of its hole."""

    baselines: tuple[float, ...]
    holes: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A block of text with values in it: its runs, its left edge and width in pixels, its parts page by page.

    `align` is 0 (left) to 1 (right); `lines` the text of each run on each line, as it was laid out. `room`: how many
    lines can stand there and move nothing else in the letter; 0 if any number of them does.
    """

    runs: tuple[Run, ...]
    x: float
    width: float
    align: float
    parts: tuple[Part, ...]
    lines: tuple[tuple[tuple[int, str], ...], ...]
    room: int


@dataclass(frozen=True, slots=True)
class Laid:
    """A letter that was laid out: its paragraphs with values, its objects, and each page cut at the holes."""

    paragraphs: tuple[Paragraph, ...]
    objects: Objects
    pages: tuple[tuple[str | int, ...], ...]
    holes: int
