"""WeasyPrint's fonts: the glyph set that every letter's fonts start with, and its widths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any
from unicodedata import combining

import uharfbuzz as hb
from weasyprint.draw import text as text_drawing
from weasyprint.formatting_structure import boxes
from weasyprint.matrix import Matrix
from weasyprint.pdf.stream import Stream
from weasyprint.text.fonts import font_features
from weasyprint.text.line_break import create_layout

from fiks.utsending.brev.shaping import UNITS, Face, Skrift
from fiks.utsending.brev.signs import COMMON, LATIN, PROMILLE, SPACES
from fiks.utsending.brev.versions import works_here

WEIGHTS, NUMERALS = (400, 600), ("normal", ("tabular-nums",))
_SEED_SIZE = 16
_ROUNDED_ALIKE = 0.12
_DRAWN_FOR_OTHERS = "× "
"""Characters whose glyphs Inter also uses for others: × for x between digits, a space for other spaces."""
_FEATURES = (
    "font_kerning",
    "font_variant_ligatures",
    "font_variant_position",
    "font_variant_caps",
    "font_variant_numeric",
    "font_variant_alternates",
    "font_variant_east_asian",
    "font_feature_settings",
)
_PLAIN: Mapping[str, Sequence[object]] = {
    "direction": ["ltr"],
    "font_language_override": ["normal"],
    "font_style": ["normal"],
    "hyphens": ["none", "manual"],
    "letter_spacing": ["normal"],
    "text_decoration_line": ["none"],
    "text_transform": ["none"],
    "visibility": ["visible"],
    "white_space": ["normal", "pre-line"],
    "word_spacing": [0],
}


class Unplannable(Exception):
    """No letter of this shape can be stamped: the template violates a precondition."""


class Faces:
    """Fonts of one engine, restricted to the characters that every letter's fonts hold (`tier`: 0 COMMON, 1
    LATIN).
    """

    def __init__(self) -> None:
        self.fonts: dict[tuple[int, int], tuple[Skrift, ...]] = {}
        self.made: dict[tuple[object, ...], Face] = {}

    def seed(self, document: Any, style: Any, tier: int) -> None:
        """Draw the tier's characters first, so that the document's fonts start alike in every letter.

        Drawing a text afterwards raises CannotStamp if it could be extracted differently without these
        characters.
        """
        scratch = Stream(document.fonts, (0, 0, 0, 0), {}, {}, None, {}, None)
        known: dict[int, list[Any]] = {}
        for weight in WEIGHTS:
            before = set(document.fonts)
            for numerals in NUMERALS:
                styled = style.copy()
                styled["font_size"], styled["font_weight"] = _SEED_SIZE, weight
                styled["font_variant_numeric"] = numerals
                _draw_signs(scratch, styled, _signs(tier))
            known[weight] = [font for key, font in document.fonts.items() if key not in before]
        for weight, fonts in known.items():
            if (tier, weight) not in self.fonts:
                self.fonts[tier, weight] = tuple(_skrift(font) for font in fonts)
        for font in document.fonts.values():
            font.to_unicode.settle()

    def face(self, style: Any, tier: int) -> Face:
        """Return the face of a style. Raises CannotStamp for a style we cannot shape."""
        weight, size = style["font_weight"], int(style["font_size"] * UNITS)
        features = font_features(*(style[name] for name in _FEATURES))
        if weight not in WEIGHTS or features not in ({}, {"tnum": 1}):
            raise Unplannable("style")
        if any(style[name] not in values for name, values in _PLAIN.items()):
            raise Unplannable("style")
        key = tier, weight, size, tuple(features.items()), style["lang"]
        if key not in self.made:
            self.made[key] = Face(self.fonts[tier, weight], size, features, style["lang"] or "")
        return self.made[key]


@cache
def _signs(tier: int) -> str:
    """Return a text with every character, and non-letters next to characters that may change their glyph."""
    signs = sorted((COMMON, LATIN)[tier])
    marks = [sign for sign in signs if not sign.isalpha() and sign not in SPACES]
    return f"{' '.join(signs)} {PROMILLE} {PROMILLE} " + " ".join(
        f"A{m}A {m}A A{m} 1{m}1 a{m}a {m}a a{m}" for m in marks
    )


def _draw_signs(stream: Any, style: Any, signs: str) -> None:
    box = boxes.TextBox("span", style, None, signs)
    box.pango_layout = create_layout(signs, style, None, None, 0)
    text_drawing.draw_first_line(stream, box, "clip", "none", Matrix(d=-1))


def _skrift(font: Any) -> Skrift:
    """Return what shaping needs of a seeded font; glyphs that stand for several characters are left out."""
    signs = {glyph: text for glyph, text in font.to_unicode.items() if len(text) == 1}
    face = hb.Face(hb.Blob(font.file_content), font.index)
    return Skrift(font.hash, face, dict(font.widths), signs, (font.ascent, font.descent))


class _Read(dict[int, str]):
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
            raise Unplannable("reading")
        else:
            self.setdefault(glyph, text)


class _Fonts(dict[object, Any]):
    """A document's fonts with widths and text extraction fixed in advance.

    Otherwise rounding and extraction would depend on where a glyph is first drawn, and so on preceding
    values.
    """

    def __setitem__(self, key: object, font: Any) -> None:
        drawn: Mapping[int, str] = {}
        if font.family.startswith("Inter"):
            widths, drawn = _alike(font.file_content, font.index)
            font.widths.update(widths)
        font.to_unicode = _Read(drawn)
        super().__setitem__(key, font)


def round_alike(document: Any) -> None:
    """Make glyph widths and text extraction the same in every letter. Call it before painting."""
    if works_here():
        document.fonts = _Fonts()


@lru_cache(16)
def _alike(data: bytes, index: int) -> tuple[Mapping[int, int], Mapping[int, str]]:
    """Return widths of glyphs that could round up or down, and the character of glyphs shared by several."""
    face = hb.Face(hb.Blob(data), index)
    font, widths = hb.Font(face), {}
    for glyph in range(face.glyph_count):
        width = font.get_glyph_h_advance(glyph) * 1000 / face.upem
        if abs(width % 1 - 0.5) < _ROUNDED_ALIKE:
            widths[glyph] = round(width)
    return widths, {glyph: sign for sign in _DRAWN_FOR_OTHERS for glyph in _glyphs(font, sign)}


def _glyphs(font: hb.Font, sign: str) -> Iterator[int]:
    """Yield the glyphs a font uses for a character in any context; none if it lacks it."""
    for text in (f"1{sign}1", f"A{sign}A", f"a{sign}a"):
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        hb.shape(font, buffer)
        yield from (info.codepoint for info in buffer.glyph_infos if info.cluster == 1 and info.codepoint)
