"""Text to glyphs with HarfBuzz, written into a page just as WeasyPrint writes them with Pango.

Only signs of which we know that both do the same: Latin letters, digits and plain punctuation. Anything else is a
`Miss`, and the letter is laid out by WeasyPrint.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import uharfbuzz as hb

from fiks.utsending.brev.signs import SPACES

UNITS = 1024
"""Pango counts in 1/1024 pixel; so do all widths here."""

_CACHED = 2_048
_LETTER = re.compile(r"[^\W\d_]")
_AS_TEXT = hb.BufferSerializeFormat.TEXT
_PLAINLY = hb.BufferSerializeFlags.NO_CLUSTERS | hb.BufferSerializeFlags.NO_GLYPH_NAMES
_TOLD = re.compile(r"(\d+)(?:@(-?\d+),(-?\d+))?\+(-?\d+)")
"""A glyph as HarfBuzz tells of it: its number, how far it is moved (if it is), and its width."""


class Miss(Exception):
    """The plan does not fit this letter: WeasyPrint must lay it out."""


@dataclass(frozen=True, slots=True, eq=False)
class Skrift:
    """A font as it is embedded: its name in the page, its file, and of each glyph the width (1/1000 em) and the sign.

    `extent`: its ascent and descent (1/1000 em).
    """

    name: str
    face: hb.Face
    widths: Mapping[int, int]
    signs: Mapping[int, str]
    extent: tuple[int, int]


Extents = tuple[tuple[int, int], ...]
"""The ascents and descents of a text's fonts, in order; none where they are all Inter's.

A line with others may be placed otherwise, and with signs of that font alone not as with both.
"""


class Glyphs(NamedTuple):
    """A shaped text: its width in units and the operators that show it at the present place."""

    width: int
    shown: str
    tall: Extents = ()


class Face:
    """A list of fonts at one size: the first that has a sign draws it, as in Pango."""

    def __init__(
        self, fonts: Sequence[Skrift], size: int, features: Mapping[str, int], language: str
    ) -> None:
        """`size` in units a pixel em, `features` as OpenType tags, `language` as BCP 47."""
        self.size = size / UNITS
        self.features = dict(features)
        self.language = language
        self.fonts = {skrift: _scaled(skrift, size) for skrift in fonts}
        self.known = {skrift: _Known(skrift, self.size) for skrift in fonts}
        self.shown_size = number(self.size)
        self.first = fonts[0]
        self.rank = {skrift: n for n, skrift in enumerate(fonts)}
        self.main = frozenset(fonts[0].signs.values()) | SPACES
        self.owner = {sign: skrift for skrift in reversed(fonts) for sign in skrift.signs.values()}
        self.shape = lru_cache(_CACHED)(self._shape)
        self.bare = lru_cache(_CACHED)(self._bare)

    def _shape(self, text: str) -> Glyphs:
        """The text as glyphs. Raises Miss for a sign or a combination that we do not know."""
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
        """The width of what is before each of these places without the spaces at its end, within the whole text."""
        ends = self._ends(text)
        return tuple(ends[len(text[:stop].rstrip(" "))] for stop in stops)

    def _ends(self, text: str) -> tuple[int, ...]:
        """Where each sign ends, in units from the start; one more value (0) before the first."""
        script, at, ends = _script(text), 0, [0]
        for part, skrift in self._items(text):
            for width, _ in self._glyphs(part, skrift, script):
                at += width
                ends.append(at)
        return tuple(ends)

    def _items(self, text: str) -> Iterator[tuple[str, Skrift]]:
        """The text in pieces of one font each. Spaces stay with what is before them, unless what follows has a font
        earlier in the list."""
        start, end, current = 0, 0, None
        for n, sign in enumerate(text):
            if sign in SPACES:
                continue
            skrift = self.owner.get(sign)
            if skrift is None:
                raise Miss("sign")
            if current is not None and skrift is not current:
                cut = end if self.rank[skrift] < self.rank[current] else n
                yield text[start:cut], current
                start = cut
            current, end = skrift, n + 1
        yield text[start:], current or self.first

    def _glyphs(self, text: str, skrift: Skrift, script: str) -> list[tuple[int, str]]:
        """Each sign's width in units and its glyph as it is shown."""
        buffer, font = hb.Buffer(), self.fonts[skrift]
        buffer.add_str(text)
        buffer.direction, buffer.script, buffer.language = "ltr", script, self.language
        hb.shape(font, buffer, self.features)
        glyphs = buffer.serialize(font, _AS_TEXT, _PLAINLY)[1:-1].split("|")
        if len(glyphs) != len(text):
            raise Miss("glyphs")
        return list(map(self.known[skrift].__getitem__, zip(text, glyphs, strict=True)))

    def _run(self, text: str, skrift: Skrift, script: str) -> tuple[int, str]:
        widths, shown = zip(*self._glyphs(text, skrift, script), strict=True)
        return sum(widths), f"/{skrift.name} {self.shown_size} Tf\n[<{''.join(shown)}>] TJ"


class _Known(dict[tuple[str, str], tuple[int, str]]):
    """The glyphs of a font at a size: of each its width in units, and how it stands within angle brackets, which is its
    number and what it must be moved before and after.

    The key is the sign, and the glyph as HarfBuzz tells of it (number, offset if any, width).
    """

    def __init__(self, skrift: Skrift, size: float) -> None:
        super().__init__()
        self.skrift, self.size = skrift, size

    def __missing__(self, key: tuple[str, str]) -> tuple[int, str]:
        sign, told = key
        match = _TOLD.fullmatch(told)
        if match is None:
            raise Miss("glyph")
        glyph, shift, advance = int(match[1]), int(match[2] or 0), int(match[4])
        if self.skrift.signs.get(glyph) != sign or int(match[3] or 0):
            raise Miss("glyph")
        offset = shift / self.size
        kerning = int(self.skrift.widths[glyph] + offset - advance * 1000 / UNITS / self.size)
        before = f">{number(-offset)}<" if offset else ""
        made = advance, f"{before}{glyph:04x}{f'>{kerning}<' if kerning else ''}"
        if len(self) < _CACHED:
            self[key] = made
        return made


@lru_cache(8_192)
def number(value: float) -> str:
    """A number as PDF writes it, at most six decimals."""
    return f"{value:f}".rstrip("0").rstrip(".")


def _scaled(skrift: Skrift, size: int) -> hb.Font:
    font = hb.Font(skrift.face)
    font.scale = (size, size)
    return font


def _script(text: str) -> str:
    return "Latn" if _LETTER.search(text) else "Zyyy"
