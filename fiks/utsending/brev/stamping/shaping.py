"""Shaping: text to glyphs with HarfBuzz, written as WeasyPrint writes them with Pango.

Only characters for which both are known to agree: Latin letters, digits and plain punctuation. Anything else
raises PlanMiss, and WeasyPrint lays the letter out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import uharfbuzz as hb

from fiks.utsending.brev.language.charset import SPACES

UNITS = 1024
"""Pango's unit is 1/1024 pixel; all widths here use it."""

_CACHED = 2_048
_LETTER = re.compile(r"[^\W\d_]")
_AS_TEXT = hb.BufferSerializeFormat.TEXT
_PLAINLY = hb.BufferSerializeFlags.NO_CLUSTERS | hb.BufferSerializeFlags.NO_GLYPH_NAMES
_GLYPH_FORM = re.compile(r"(\d+)(?:@(-?\d+),(-?\d+))?\+(-?\d+)")
"""A glyph in HarfBuzz' text form: number, offset (if any), advance."""


class PlanMiss(Exception):
    """The plan does not fit this letter: WeasyPrint must lay it out."""


@dataclass(frozen=True, slots=True, eq=False)
class Skrift:
    """An embedded font: name in the page, file, and width (1/1000 em) and character of each glyph.

    `extent`: ascent and descent (1/1000 em).
    """

    name: str
    face: hb.Face
    widths: Mapping[int, int]
    signs: Mapping[int, str]
    extent: tuple[int, int]


Extents = tuple[tuple[int, int], ...]
"""Sorted ascents and descents of a text's fonts; empty where all are Inter's.

A line with another font may be placed differently, and one with only that font differently again.
"""


class Glyphs(NamedTuple):
    """A shaped text: width in units, and the operators that show it at the present position."""

    width: int
    shown: str
    tall: Extents = ()


class Face:
    """A list of fonts at one size: the first font that has a character draws it, as in Pango."""

    def __init__(
        self, fonts: Sequence[Skrift], size: int, features: Mapping[str, int], language: str
    ) -> None:
        """`size` in units per pixel em, `features` as OpenType tags, `language` as BCP 47."""
        self.size = size / UNITS
        self.features = dict(features)
        self.language = language
        self.fonts = {skrift: _scaled(skrift, size) for skrift in fonts}
        self.known = {skrift: _GlyphCache(skrift, self.size) for skrift in fonts}
        self.shown_size = pdf_number(self.size)
        self.first = fonts[0]
        self.rank = {skrift: n for n, skrift in enumerate(fonts)}
        self.main = frozenset(fonts[0].signs.values()) | SPACES
        self.owner = {sign: skrift for skrift in reversed(fonts) for sign in skrift.signs.values()}
        self.shape = lru_cache(_CACHED)(self._shape)
        self.bare = lru_cache(_CACHED)(self._bare)

    def _shape(self, text: str) -> Glyphs:
        """Return the text as glyphs. Raises PlanMiss for an unknown character or combination."""
        if not text:
            return Glyphs(0, "")
        script = _script(text)
        if self.main.issuperset(text):
            width, shown = self._run(text, self.first, script)
            return Glyphs(width, shown if text.strip() else "")
        parts = [(skrift, self._run(part, skrift, script)) for part, skrift in self._items(text)]
        extents = {skrift.extent for skrift, _ in parts}
        return Glyphs(
            sum(width for _, (width, _) in parts),
            "\n".join(shown for _, (_, shown) in parts),
            tuple(sorted(extents)) if extents != {self.first.extent} else (),
        )

    def _bare(self, text: str, stops: tuple[int, ...]) -> tuple[int, ...]:
        """Return the width before each of these positions without trailing spaces, measured within the whole
        text.
        """
        ends = self._ends(text)
        return tuple(ends[len(text[:stop].rstrip(" "))] for stop in stops)

    def _ends(self, text: str) -> tuple[int, ...]:
        """Return where each character ends, in units from the start; the first value is 0."""
        script, at, ends = _script(text), 0, [0]
        for part, skrift in self._items(text):
            for width, _ in self._glyphs(part, skrift, script):
                at += width
                ends.append(at)
        return tuple(ends)

    def _items(self, text: str) -> Iterator[tuple[str, Skrift]]:
        """Yield the text in pieces of one font each.

        Spaces stay with the preceding piece, unless the following font ranks earlier in the list.
        """
        start, end, current = 0, 0, None
        for n, sign in enumerate(text):
            if sign in SPACES:
                continue
            skrift = self.owner.get(sign)
            if skrift is None:
                raise PlanMiss("sign")
            if current is not None and skrift is not current:
                cut = end if self.rank[skrift] < self.rank[current] else n
                yield text[start:cut], current
                start = cut
            current, end = skrift, n + 1
        yield text[start:], current or self.first

    def _glyphs(self, text: str, skrift: Skrift, script: str) -> list[tuple[int, str]]:
        """Return each character's width in units and its glyph operators."""
        buffer, font = hb.Buffer(), self.fonts[skrift]
        buffer.add_str(text)
        buffer.direction, buffer.script, buffer.language = "ltr", script, self.language
        hb.shape(font, buffer, self.features)
        glyphs = buffer.serialize(font, _AS_TEXT, _PLAINLY)[1:-1].split("|")
        if len(glyphs) != len(text):
            raise PlanMiss("glyphs")
        return list(map(self.known[skrift].__getitem__, zip(text, glyphs, strict=True)))

    def _run(self, text: str, skrift: Skrift, script: str) -> tuple[int, str]:
        widths, shown = zip(*self._glyphs(text, skrift, script), strict=True)
        return sum(widths), f"/{skrift.name} {self.shown_size} Tf\n[<{''.join(shown)}>] TJ"


class _GlyphCache(dict[tuple[str, str], tuple[int, str]]):
    """Glyph cache of a font at a size: width in units, and the glyph with its adjustments within angle
    brackets.

    The key is the character, and the glyph in HarfBuzz' text form (number, offset if any, advance).
    """

    def __init__(self, skrift: Skrift, size: float) -> None:
        super().__init__()
        self.skrift, self.size = skrift, size

    def __missing__(self, key: tuple[str, str]) -> tuple[int, str]:
        sign, told = key
        match = _GLYPH_FORM.fullmatch(told)
        if match is None:
            raise PlanMiss("glyph")
        glyph, shift, advance = int(match[1]), int(match[2] or 0), int(match[4])
        if self.skrift.signs.get(glyph) != sign or int(match[3] or 0):
            raise PlanMiss("glyph")
        offset = shift / self.size
        kerning = int(self.skrift.widths[glyph] + offset - advance * 1000 / UNITS / self.size)
        before = f">{pdf_number(-offset)}<" if offset else ""
        made = advance, f"{before}{glyph:04x}{f'>{kerning}<' if kerning else ''}"
        if len(self) < _CACHED:
            self[key] = made
        return made


@lru_cache(8_192)
def pdf_number(value: float) -> str:
    """Format a number for PDF, at most six decimals."""
    return f"{value:f}".rstrip("0").rstrip(".")


def _scaled(skrift: Skrift, size: int) -> hb.Font:
    font = hb.Font(skrift.face)
    font.scale = (size, size)
    return font


def _script(text: str) -> str:
    return "Latn" if _LETTER.search(text) else "Zyyy"
