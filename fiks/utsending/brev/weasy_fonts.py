"""What we know of WeasyPrint's fonts and versions: which glyphs a letter's fonts begin with, and how wide they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

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
        """Let the document's fonts begin with the same signs in each letter, whoever it is to."""
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


class _Fonts(dict[object, Any]):
    """A document's fonts. What a glyph's width is rounded to would else follow from the size it is first drawn at, and
    so from the values that stand before it."""

    def __setitem__(self, key: object, font: Any) -> None:
        if font.family.startswith("Inter"):
            font.widths.update(_close_to_half(font.file_content, font.index))
        super().__setitem__(key, font)


def round_alike(document: Any) -> None:
    """Give glyphs whose width could be rounded up or down the same width in every letter. Before painting."""
    if works_here():
        document.fonts = _Fonts()


@lru_cache(16)
def _close_to_half(data: bytes, index: int) -> dict[int, int]:
    face = hb.Face(hb.Blob(data), index)
    font, widths = hb.Font(face), {}
    for glyph in range(face.glyph_count):
        width = font.get_glyph_h_advance(glyph) * 1000 / face.upem
        if abs(width % 1 - 0.5) < _ROUNDED_ALIKE:
            widths[glyph] = round(width)
    return widths
