"""WeasyPrint's internals: lays out a letter once and keeps it with holes in place of values.

This file and `weasyprint_fonts` fit one version only. With another, `can_stamp` is false and nothing here is
used.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pydyf
import weasyprint
from weasyprint import draw
from weasyprint.formatting_structure import boxes
from weasyprint.layout import inline
from weasyprint.pdf import VARIANTS, generate_pdf
from weasyprint.text.line_break import get_log_attrs, strut

from fiks.utsending.brev.errors import CannotStamp
from fiks.utsending.brev.language.charset import COMMON, LATIN, PROMILLE
from fiks.utsending.brev.stamping.layout import LaidOutLetter, Paragraph, Part
from fiks.utsending.brev.stamping.line_breaks import Run
from fiks.utsending.brev.stamping.pdf_writer import PdfObjects
from fiks.utsending.brev.stamping.shaping import PlanMiss
from fiks.utsending.brev.stamping.weasyprint_fonts import Faces

log = logging.getLogger(__name__)

_SAME = 1e-6
_ALIGNED = {"left": 0.0, "start": 0.0, "right": 1.0, "end": 1.0, "center": 0.5}


def lay_out(
    laying: Callable[[], Any],
    finish: Callable[[Any, Any], None],
    variant: str,
    tier: int,
    faces: Faces,
    values: int,
) -> LaidOutLetter:
    """Lay out a letter and return it with holes. `laying`: context that yields the checked WeasyPrint
    document.

    Spans with `data-v` are the values, numbered from 0. Each of the `values` must be found as text with a
    hole: a missed one would be painted into every letter. Raises CannotStamp, PlanMiss where only this letter
    cannot be kept, and what `laying` raises.
    """
    with _track_sources(), laying() as document:
        found = _Paragraphs(document)
        if found.values() != set(range(values)):
            raise CannotStamp("value")
        faces.seed(document, found.style(), found.tier(tier))
        paragraphs = found.finished(faces, found.tier(tier))
        pdf = _paint(document, variant)
        finish(document, pdf)
    objects, pages = _take_apart(pdf)
    return LaidOutLetter(paragraphs, objects, pages, found.holes)


@lru_cache(4_096)
def line_break_positions(text: str, language: str) -> tuple[int, ...]:
    """Return the indices before which Pango may break a text."""
    attributes = get_log_attrs(text, language)
    return tuple(n for n in range(1, len(text)) if attributes[n].is_line_break)


@contextmanager
def _track_sources() -> Iterator[None]:
    """While a document is laid out, give each text box its source box and byte offset."""
    original = inline.split_text_box

    def split(context: Any, box: Any, width: Any, skip: int, is_line_start: bool = True) -> Any:
        new, rest, preserved = original(context, box, width, skip, is_line_start=is_line_start)
        if new is not None:
            new.fiks_source = getattr(box, "fiks_source", (box, skip))
        return new, rest, preserved

    inline.split_text_box = split
    try:
        yield
    finally:
        inline.split_text_box = original


def _paint(document: Any, variant: str) -> Any:
    """Return the document's PDF objects, with a marker in place of each text that has a hole."""
    original = draw.draw_text

    def draw_text(stream: Any, box: Any, *rest: Any) -> None:
        hole = getattr(box, "fiks_hole", None)
        if hole is None:
            if _value_number(box) is not None:
                raise CannotStamp("value")
            original(stream, box, *rest)
            return
        stream.set_color(box.style["color"])
        stream.stream.append(b"\x00%d\x00" % hole)

    _, properties = VARIANTS[variant]
    options = {**weasyprint.DEFAULT_OPTIONS, **properties, "pdf_variant": variant}
    draw.draw_text = draw_text
    try:
        return generate_pdf(document, None, 1, **options)
    finally:
        draw.draw_text = original


def _take_apart(pdf: Any) -> tuple[PdfObjects, tuple[tuple[str | int, ...], ...]]:
    pdf.add_object(pdf.info)
    sheets = [o for o in pdf.objects if isinstance(o, pydyf.Dictionary) and o.get("Type") == "/Page"]
    numbers = [int(sheet["Contents"].split()[0]) for sheet in sheets]
    packed: dict[int, bytes] = {}
    plain: dict[int, bytes] = {}
    for thing in pdf.objects:
        if thing.free != "f" and thing.number not in numbers:
            (packed if thing.compressible else plain)[thing.number] = thing.data
    objects = PdfObjects(packed, plain, numbers, pdf.catalog.number, pdf.info.number, len(pdf.objects))
    return objects, tuple(_cut(pdf.objects[number]) for number in numbers)


def _cut(stream: Any) -> tuple[str | int, ...]:
    """Return a page's operators as text, with hole numbers in between."""
    raw = b"\n".join(pydyf._to_bytes(item) for item in stream.stream).replace(b">0<", b"")
    pieces = raw.decode("latin-1").split("\x00")
    return tuple(int(piece) if n % 2 else piece for n, piece in enumerate(pieces))


@dataclass(slots=True, eq=False)
class _Building:
    """A paragraph while its lines are gathered page by page."""

    box: Any
    seen: set[tuple[int, int]] = field(default_factory=set)
    sources: list[Any] = field(default_factory=list)
    children: list[int] = field(default_factory=list)
    forced: set[int] = field(default_factory=set)
    parts: list[tuple[list[float], dict[int, Any]]] = field(default_factory=list)
    lines: list[list[tuple[int, str]]] = field(default_factory=list)

    def values(self) -> set[int]:
        """Return the numbers of the values in the paragraph."""
        return {int(number) for number in map(_value_number, self.sources) if number is not None}


class _Paragraphs:
    """Finds the blocks with values in a laid-out document, and makes each of their runs one text with a hole.

    A block with a value on any page is found on all its pages, and `found` is in the order of the values:
    neither depends on this letter's page breaks.
    """

    def __init__(self, document: Any) -> None:
        self.holes = 0
        begun: dict[tuple[int, str], _Building] = {}
        parts = [
            box
            for page in document.pages
            for box in page._page_box.descendants(placeholders=True)
            if _is_paragraph(box)
        ]
        valued = {_name(box) for box in parts if any(_value_number(text) is not None for text in _texts(box))}
        for box in parts:
            if _name(box) in valued:
                self._gather(box, begun.setdefault(_name(box), _Building(box)))
        self.found = sorted(begun.values(), key=lambda building: min(building.values()))
        if not self.found:
            raise CannotStamp("no values")

    def _gather(self, box: Any, begun: _Building) -> None:
        baselines: list[float] = []
        shown: dict[int, Any] = {}
        begun.parts.append((baselines, shown))
        for line in box.children:
            texts = list(_texts(line))
            if not texts:
                raise CannotStamp("empty line")
            baselines.append(texts[0].position_y + texts[0].baseline)
            begun.lines.append([self._run(begun, line, text, shown) for text in texts])
            if any(str(b.element_tag).startswith("br") for b in line.descendants()):
                begun.forced.add(begun.lines[-1][-1][0])
        box.children = [_join_lines(box.children)]

    @staticmethod
    def _run(begun: _Building, line: Any, text: Any, shown: dict[int, Any]) -> tuple[int, str]:
        source, start = text.fiks_source
        if (id(source), start) in begun.seen:
            raise PlanMiss("repeated")
        begun.seen.add((id(source), start))
        if source not in begun.sources:
            begun.sources.append(source)
            begun.children.append(_child(line, text))
        run = begun.sources.index(source)
        shown.setdefault(run, text)
        return run, text.text

    def values(self) -> set[int]:
        """Return the numbers of all values in the paragraphs."""
        return set().union(*(begun.values() for begun in self.found))

    def style(self) -> Any:
        """Return a style of the letter's text, of any size and weight."""
        return self.found[0].sources[0].style

    def tier(self, tier: int) -> int:
        """Return the character tier the fixed text beside values needs, at least `tier`."""
        signs = set().union(*(s.text for p in self.found for s in p.sources if _value_number(s) is None)) - {
            PROMILLE
        }
        if not signs <= LATIN:
            raise CannotStamp("signs")
        return tier if signs <= COMMON else 1

    def finished(self, faces: Faces, tier: int) -> tuple[Paragraph, ...]:
        """Return the paragraphs with their faces, and a hole for every run."""
        return tuple(self._finish(begun, faces, tier) for begun in self.found)

    def _finish(self, begun: _Building, faces: Faces, tier: int) -> Paragraph:
        style = begun.box.style
        all_lines, last_line = style["text_align_all"], style["text_align_last"]
        if all_lines not in _ALIGNED or last_line not in ("auto", all_lines):
            raise CannotStamp("justified")
        runs = [
            Run(
                source.text if (value := _value_number(source)) is None else int(value),
                faces.face(source.style, tier),
                begun.children[n],
                bool(source.trailing_collapsible_space),
                n in begun.forced,
            )
            for n, source in enumerate(begun.sources)
        ]
        room, parts = _room(begun), []
        for baselines, shown in begun.parts:
            holes = {}
            for run, text in shown.items():
                text.fiks_hole = holes[run] = self.holes
                self.holes += 1
            parts.append(Part(_even_baselines(baselines, style, room), holes))
        lines = tuple(tuple(line) for line in begun.lines)
        align = _ALIGNED[all_lines]
        return Paragraph(
            tuple(runs), begun.box.content_box_x(), begun.box.width, align, tuple(parts), lines, room
        )


def _is_paragraph(box: Any) -> bool:
    """Return whether a box contains lines and nothing else."""
    if not isinstance(box, boxes.BlockContainerBox) or not box.children:
        return False
    return all(isinstance(child, boxes.LineBox) for child in box.children)


def _name(box: Any) -> tuple[int, str]:
    """Return the key shared by all parts of a paragraph; a bullet has its own tag."""
    return id(box.element), box.element_tag


def _room(begun: _Building) -> int:
    """Return how many lines fit in an absolutely positioned box of fixed height; 0 for any other box."""
    box = begun.box
    if box.style["position"] != "absolute" or box.style["height"] == "auto" or len(begun.parts) > 1:
        return 0
    return int(box.height / strut(box.style)[0])


def _even_baselines(baselines: Sequence[float], style: Any, room: int) -> tuple[float, ...]:
    """Return baselines for as many lines as fit; only the found ones where they are unevenly spaced.

    Computed from the first baseline, so that they do not depend on the letter they were found in.
    """
    even = tuple(baselines[0] + n * strut(style)[0] for n in range(room))
    if len(baselines) > room or any(abs(a - b) > _SAME for a, b in zip(baselines, even, strict=False)):
        return tuple(baselines)
    return even


def _texts(box: Any) -> Iterator[Any]:
    return (inner for inner in box.descendants() if isinstance(inner, boxes.TextBox))


def _value_number(text: Any) -> str | None:
    """Return the value's number if the text is a value, else None."""
    return None if text.element is None else text.element.get("data-v")


def _child(line: Any, text: Any) -> int:
    """Return an id of the outermost inline part a text stands in; the same on its next line."""
    for child in line.children:
        if child is text:
            return id(text.fiks_source[0])
        if any(inner is text for inner in child.descendants()):
            return id(child.element)
    raise CannotStamp("line")


def _join_lines(lines: Sequence[Any]) -> Any:
    """Merge all lines into one with each run and inline box once, so that tags do not depend on line breaks."""
    children: list[Any] = []
    for line in lines:
        _join(children, line.children)
    return lines[0].copy_with_children(children)


def _join(before: list[Any], following: Sequence[Any]) -> None:
    for n, box in enumerate(following):
        last = before[-1] if n == 0 and before else None
        if isinstance(box, boxes.TextBox):
            if not (isinstance(last, boxes.TextBox) and last.fiks_source[0] is box.fiks_source[0]):
                before.append(box)
        elif isinstance(last, boxes.InlineBox) and last.element is box.element:
            inner = list(last.children)
            _join(inner, box.children)
            before[-1] = last.copy_with_children(inner)
        elif isinstance(box, boxes.InlineBox):
            before.append(box)
        else:
            raise CannotStamp("line")
