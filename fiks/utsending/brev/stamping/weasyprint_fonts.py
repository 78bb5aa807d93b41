"""WeasyPrint's fonts: the glyph set that every letter's fonts start with, and its widths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import uharfbuzz as hb
from weasyprint.draw import text as text_drawing
from weasyprint.formatting_structure import boxes
from weasyprint.matrix import Matrix
from weasyprint.pdf.stream import Stream
from weasyprint.text.fonts import font_features
from weasyprint.text.line_break import create_layout

from fiks.utsending.brev.errors import CannotStamp
from fiks.utsending.brev.language.charset import COMMON, LATIN, PROMILLE, SPACES
from fiks.utsending.brev.stamping.shaping import UNITS, Face, Skrift

WEIGHTS, NUMERALS = (400, 600), ("normal", ("tabular-nums",))
_SEED_SIZE = 16
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
            raise CannotStamp("style")
        if any(style[name] not in values for name, values in _PLAIN.items()):
            raise CannotStamp("style")
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
