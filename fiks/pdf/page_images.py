"""Page images, with the envelope window, margins and findings as overlays; and the position of ink on a page."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

import pypdfium2
from PIL import Image, ImageDraw

from fiks.pdf.errors import PdfFeil
from fiks.pdf.findings import LONG_SIDE_MARGIN_MM, SHORT_SIDE_MARGIN_MM, Omrade

MM_PER_POINT = 25.4 / 72
WINDOW_MM = (20.0, 47.5, 90.0, 45.0)
"""The envelope window: x, y, width, height on an A4 sheet in a C5 window envelope, the sheet centred."""

MARGINS_MM = (LONG_SIDE_MARGIN_MM, SHORT_SIDE_MARGIN_MM)
MAX_DPI = 300
MAX_PIXELS = 40_000_000
INK_DPI = 127
INK_LEVEL = 245
_INK = [255 if grey < INK_LEVEL else 0 for grey in range(256)]
_WINDOW, _MARGIN, _FINDING = (0, 98, 186, 255), (150, 90, 0, 255), (200, 0, 0, 255)


Boks = tuple[float, float, float, float]
"""Left, top, right, bottom in mm from the page's upper left corner."""


def ink_box(page: pypdfium2.PdfPage, left: float, top: float, right: float, bottom: float) -> Boks | None:
    """Return the box around all ink inside this rectangle (mm); None if it is blank.

    Only that part is rendered, in grey at 5 pixels a mm, on the same pixels as in an image of the whole page.
    Ink is anything darker than nearly white.
    """
    scale = _scale(page, INK_DPI)
    per_mm = scale / MM_PER_POINT
    width, height = math.ceil(page.get_width() * scale), math.ceil(page.get_height() * scale)
    x, x_end = (min(max(round(v * per_mm), 0), width) for v in (left, right))
    y, y_end = (min(max(round(v * per_mm), 0), height) for v in (top, bottom))
    if x >= x_end or y >= y_end:
        return None
    cut = (x, height - y_end, width - x_end, y)
    crop = tuple(max(0.0, (pixels - 0.5) / scale) for pixels in cut)  # pdfium rounds up to whole pixels
    drawn = page.render(scale=scale, grayscale=True, crop=crop).to_pil()
    if drawn.getextrema()[0] >= INK_LEVEL:
        return None
    found = drawn.point(_INK).getbbox()
    assert found is not None
    a, b, c, d = ((v + o) / per_mm for v, o in zip(found, (x, y, x, y), strict=True))
    return a, b, c, d


def is_blank(page: pypdfium2.PdfPage) -> bool:
    """Return whether nothing at all is drawn on the page."""
    width, height = (length * MM_PER_POINT for length in page.get_size())
    return ink_box(page, 0, 0, width + 1, height + 1) is None


def page_png(
    pdf: bytes,
    side: int,
    dpi: int = 96,
    *,
    vindu: bool = False,
    marger: bool = False,
    omrader: Sequence[Omrade] = (),
) -> bytes:
    """Render page `side` (from 1) as PNG; the same input gives the same bytes.

    `vindu` draws the envelope window, `marger` the free edges (10 mm long sides, 3 mm short sides),
    `omrader` the rectangles of findings on this page. Raises PdfFeil SIDE_FINNES_IKKE or PDF_UGYLDIG.
    """
    picture, per_mm = _render_page_of(pdf, side, dpi)
    _draw_over(picture, per_mm, vindu, marger, [o for o in omrader if o.side == side])
    return _png(picture)


def draw_page(page: pypdfium2.PdfPage, dpi: int) -> bytes:
    """Render a page of an open document as PNG, without overlays; the same input gives the same bytes."""
    return _png(_render(page, dpi)[0])


def strip_png_wire(pdf: bytes, side: int, dpi: int, top: float, bottom: float) -> bytes:
    """Render the strip of a page between two heights (mm from its upper edge) as PNG. PdfFeil as `page_png`."""
    picture, per_mm = _render_page_of(pdf, side, dpi)
    first = min(max(0, round(top * per_mm)), picture.height - 1)
    last = min(max(first + 1, round(bottom * per_mm)), picture.height)
    return _png(picture.crop((0, first, picture.width, last)))


def _render_page_of(pdf: bytes, side: int, dpi: int) -> tuple[Image.Image, float]:
    try:
        with pypdfium2.PdfDocument(pdf) as document:
            if not 1 <= side <= len(document):
                raise PdfFeil("SIDE_FINNES_IKKE")
            return _render(document[side - 1], dpi)
    except pypdfium2.PdfiumError as error:
        raise PdfFeil("PDF_UGYLDIG") from error


def _render(page: pypdfium2.PdfPage, dpi: int) -> tuple[Image.Image, float]:
    """Return the rendered image and its pixels per mm."""
    scale = _scale(page, min(dpi, MAX_DPI))
    return page.render(scale=scale).to_pil().convert("RGB"), scale / MM_PER_POINT


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=6)
    return out.getvalue()


def page_png_wire(pdf: bytes, side: int, dpi: int, vindu: bool, marger: bool, omrader: list[Any]) -> bytes:
    """`page_png` as called in the child process."""
    return page_png(pdf, side, dpi, vindu=vindu, marger=marger, omrader=[Omrade(*o) for o in omrader])


def count_pages(pdf: bytes) -> int:
    """Return the number of pages; PdfFeil PDF_UGYLDIG if it cannot be opened."""
    try:
        with pypdfium2.PdfDocument(pdf) as document:
            return len(document)
    except pypdfium2.PdfiumError as error:
        raise PdfFeil("PDF_UGYLDIG") from error


def _scale(page: pypdfium2.PdfPage, dpi: int) -> float:
    width, height = page.get_size()
    scale = dpi / 72
    pixels = width * height * scale * scale
    return float(scale if pixels <= MAX_PIXELS else scale * (MAX_PIXELS / pixels) ** 0.5)


def _draw_over(
    picture: Image.Image, per_mm: float, vindu: bool, marger: bool, omrader: Sequence[Omrade]
) -> None:
    pen = ImageDraw.Draw(picture)
    line = max(1, round(per_mm * 0.35))

    def frame(x: float, y: float, width: float, height: float, colour: tuple[int, int, int, int]) -> None:
        corners = [round(v * per_mm) for v in (x, y, x + width, y + height)]
        pen.rectangle(corners, outline=colour[:3], width=line)

    if marger:
        width, height = picture.width / per_mm, picture.height / per_mm
        x, y = MARGINS_MM if width <= height else MARGINS_MM[::-1]
        frame(x, y, width - 2 * x, height - 2 * y, _MARGIN)
    if vindu:
        frame(*WINDOW_MM, _WINDOW)
    for area in omrader:
        frame(area.x - 0.7, area.y - 0.7, area.bredde + 1.4, area.hoyde + 1.4, _FINDING)
