"""Glyph widths and text extraction that do not depend on a letter's values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from unicodedata import combining

import uharfbuzz as hb

from fiks.utsending.brev.errors import CannotStamp
from fiks.utsending.brev.weasyprint_version import can_stamp

_ROUNDING_MARGIN = 0.12
_SHARED_GLYPH_SIGNS = "× "
"""Characters whose glyphs Inter also uses for others: × for x between digits, a space for other spaces."""


class _StableReadings(dict[int, str]):
    """Text extraction map (ToUnicode) of a font: each glyph gets the text where it was first drawn.

    Two spellings may share a glyph; those in `drawn` always get the character they look like.
    """

    def __init__(self, drawn: Mapping[int, str]) -> None:
        super().__init__()
        self.drawn = drawn
        self.settled: Mapping[int, str] | None = None

    def settle(self) -> None:
        """From now on no glyph here may stand for other text, and none for a combining mark.

        Whether a space is extracted after a mark depends on what else the font holds.
        """
        self.settled = dict(self)

    def __contains__(self, glyph: object) -> bool:
        """Return True if WeasyPrint may skip the entry; after `settle` it must report every glyph."""
        return self.settled is None and super().__contains__(glyph)

    def __setitem__(self, glyph: int, text: str) -> None:
        text = self.drawn.get(glyph, text)
        if self.settled is None:
            super().__setitem__(glyph, text)
        elif any(map(combining, text)) or self.settled.get(glyph, text) != text:
            raise CannotStamp("reading")
        else:
            self.setdefault(glyph, text)


class _StableFonts(dict[object, Any]):
    """A document's fonts with widths and text extraction fixed in advance.

    Otherwise rounding and extraction would depend on where a glyph is first drawn, and so on preceding
    values.
    """

    def __setitem__(self, key: object, font: Any) -> None:
        drawn: Mapping[int, str] = {}
        if font.family.startswith("Inter"):
            widths, drawn = _stable_glyphs(font.file_content, font.index)
            font.widths.update(widths)
        font.to_unicode = _StableReadings(drawn)
        super().__setitem__(key, font)


def stabilise_glyphs(document: Any) -> None:
    """Make glyph widths and text extraction the same in every letter. Call it before painting."""
    if can_stamp():
        document.fonts = _StableFonts()


@lru_cache(16)
def _stable_glyphs(data: bytes, index: int) -> tuple[Mapping[int, int], Mapping[int, str]]:
    """Return widths of glyphs that could round up or down, and the character of glyphs shared by several."""
    face = hb.Face(hb.Blob(data), index)
    font, widths = hb.Font(face), {}
    for glyph in range(face.glyph_count):
        width = font.get_glyph_h_advance(glyph) * 1000 / face.upem
        if abs(width % 1 - 0.5) < _ROUNDING_MARGIN:
            widths[glyph] = round(width)
    return widths, {glyph: sign for sign in _SHARED_GLYPH_SIGNS for glyph in _glyphs(font, sign)}


def _glyphs(font: hb.Font, sign: str) -> Iterator[int]:
    """Yield the glyphs a font uses for a character in any context; none if it lacks it."""
    for text in (f"1{sign}1", f"A{sign}A", f"a{sign}a"):
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        hb.shape(font, buffer)
        yield from (info.codepoint for info in buffer.glyph_infos if info.cluster == 1 and info.codepoint)
