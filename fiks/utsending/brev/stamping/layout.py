"""Data of a laid-out letter: paragraphs, PDF objects, and pages cut at the holes for values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fiks.utsending.brev.stamping.line_breaks import Run
from fiks.utsending.brev.stamping.pdf_writer import PdfObjects


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a paragraph on one page: baselines of its lines, and the hole of each run that begins or
    continues here.
    """

    baselines: tuple[float, ...]
    holes: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text block with values: its runs, left edge and width in pixels, and parts per page.

    `align`: 0 (left) to 1 (right). `lines`: (run, text) per laid-out line. `room`: number of lines that fit
    without moving anything else; 0 if every line count moves something.
    """

    runs: tuple[Run, ...]
    x: float
    width: float
    align: float
    parts: tuple[Part, ...]
    lines: tuple[tuple[tuple[int, str], ...], ...]
    room: int


@dataclass(frozen=True, slots=True)
class LaidOutLetter:
    """A laid-out letter: its paragraphs with values, its PDF objects, and each page cut at the holes."""

    paragraphs: tuple[Paragraph, ...]
    objects: PdfObjects
    pages: tuple[tuple[str | int, ...], ...]
    holes: int
