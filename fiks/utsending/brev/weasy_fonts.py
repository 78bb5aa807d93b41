"""What we know of WeasyPrint's fonts and versions: which glyphs a letter's fonts begin with, and how wide they are."""

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
"""Signs whose glyphs Inter also has for others: × for an x between digits, a space for those of another width."""
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
    """No letter of this shape can be stamped: the template breaks a promise."""


class Faces:
    """The fonts of one engine, seen through the signs that every letter's fonts hold (`tier`: 0 COMMON, 1 LATIN)."""

    def __init__(self) -> None:
        self.fonts: dict[tuple[int, int], tuple[Skrift, ...]] = {}
        self.made: dict[tuple[object, ...], Face] = {}

    def seed(self, document: Any, style: Any, tier: int) -> None:
        """Let the document's fonts begin with the same signs in each letter, whoever it is to.

        A text that is drawn thereafter raises Unplannable if without these signs it could be read otherwise.
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
        """The face of a style; Unplannable if it is no style whose text we can shape."""
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
    """A text with every sign, and each that is no letter in the company that may change its look."""
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
    """What of a seeded font shaping needs; signs that stand for more than themselves are left out."""
    signs = {glyph: text for glyph, text in font.to_unicode.items() if len(text) == 1}
    face = hb.Face(hb.Blob(font.file_content), font.index)
    return Skrift(font.hash, face, dict(font.widths), signs, (font.ascent, font.descent))


class _Read(dict[int, str]):
    """What a font's glyphs are read as: what stood there where each was first drawn. Two spellings may have one glyph;
    those in `drawn` are read as what they look like, whatever stood there."""

    def __init__(self, drawn: Mapping[int, str]) -> None:
        super().__init__()
        self.drawn = drawn
        self.settled: Mapping[int, str] | None = None

    def settle(self) -> None:
        """From now on a glyph that is here may stand for nothing else, and none for a mark on the sign before it:
        whether a space is read after one follows from what else the font holds."""
        self.settled = dict(self)

    def __contains__(self, glyph: object) -> bool:
        """Whether WeasyPrint need not say what it draws; when all is settled, it must."""
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
    """A document's fonts. What a glyph's width is rounded to, and what it is read as, would else follow from where it
    is first drawn, and so from the values that stand before it."""

    def __setitem__(self, key: object, font: Any) -> None:
        drawn: Mapping[int, str] = {}
        if font.family.startswith("Inter"):
            widths, drawn = _alike(font.file_content, font.index)
            font.widths.update(widths)
        font.to_unicode = _Read(drawn)
        super().__setitem__(key, font)


def round_alike(document: Any) -> None:
    """Let glyphs be as wide and be read alike in every letter, where that could be this or that. Before painting."""
    if works_here():
        document.fonts = _Fonts()


@lru_cache(16)
def _alike(data: bytes, index: int) -> tuple[Mapping[int, int], Mapping[int, str]]:
    """The widths of the glyphs that could be rounded up or down, and what those drawn for others are read as."""
    face = hb.Face(hb.Blob(data), index)
    font, widths = hb.Font(face), {}
    for glyph in range(face.glyph_count):
        width = font.get_glyph_h_advance(glyph) * 1000 / face.upem
        if abs(width % 1 - 0.5) < _ROUNDED_ALIKE:
            widths[glyph] = round(width)
    return widths, {glyph: sign for sign in _DRAWN_FOR_OTHERS for glyph in _glyphs(font, sign)}


def _glyphs(font: hb.Font, sign: str) -> Iterator[int]:
    """What a font draws for a sign in any company; nothing if it does not have it."""
    for text in (f"1{sign}1", f"A{sign}A", f"a{sign}a"):
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        hb.shape(font, buffer)
        yield from (info.codepoint for info in buffer.glyph_infos if info.cluster == 1 and info.codepoint)
