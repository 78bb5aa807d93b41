"""Is this letter on the page the letter it should be? Compares its pixels with glyphs drawn straight from the fonts."""

from __future__ import annotations

import io
from functools import cache

import pypdfium2
from fontTools.ttLib import woff2
from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageStat

from tests.unit.brev.letters import FONTS

SIZE = (48, 64)
LATIN, EXT = "inter-latin-400-normal.woff2", "inter-latin-ext-400-normal.woff2"


@cache
def _font(name: str) -> ImageFont.FreeTypeFont:
    out = io.BytesIO()
    woff2.decompress(io.BytesIO((FONTS / name).read_bytes()), out)
    return ImageFont.truetype(io.BytesIO(out.getvalue()), 200)


@cache
def reference(sign: str) -> tuple[Image.Image, float]:
    """The sign from its own font file, cut to its ink and scaled; and its width by its height."""
    font = _font(LATIN if ord(sign) < 0x100 else EXT)
    picture = Image.new("L", (500, 500), 255)
    ImageDraw.Draw(picture).text((150, 100), sign, font=font, fill=0)
    return _cut(picture)


def drawn(pdf: bytes, text: str) -> list[tuple[Image.Image, float]]:
    """Each sign of a text as it stands on page 1, cut to its ink and scaled."""
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        textpage = page.get_textpage()
        index, count = textpage.search(text, match_case=True).get_next()
        height, scale = page.get_height(), 12
        sheet = page.render(scale=scale, grayscale=True).to_pil().convert("L")
        boxes = [
            textpage.get_charbox(n)
            for n in range(index, index + count)
            if textpage.get_text_range(n, 1).strip()
        ]
    cuts = [
        (left * scale, (height - top) * scale, right * scale, (height - bottom) * scale)
        for left, bottom, right, top in boxes
    ]
    return [_cut(sheet.crop(tuple(round(v) for v in (a - 2, b - 2, c + 2, d + 2)))) for a, b, c, d in cuts]


def nearest(sign: tuple[Image.Image, float], candidates: str) -> str:
    """The candidate whose glyph looks most like this one."""
    return min(candidates, key=lambda c: distance(sign, reference(c)))


def distance(one: tuple[Image.Image, float], other: tuple[Image.Image, float]) -> float:
    """Share of differing pixels, plus the difference in proportion."""
    difference = ImageStat.Stat(ImageChops.difference(one[0], other[0])).mean[0] / 255
    return difference + abs(one[1] - other[1])


def _cut(picture: Image.Image) -> tuple[Image.Image, float]:
    box = ImageChops.invert(picture).point([255 if v > 60 else 0 for v in range(256)]).getbbox()
    assert box is not None, "nothing is drawn here"
    ink = picture.crop(box)
    return ink.resize(SIZE, Image.Resampling.BILINEAR), ink.width / ink.height
