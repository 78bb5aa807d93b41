"""Pages as pictures, with the envelope's window, the margins and findings drawn over; and where there is
ink."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2
from PIL import Image, ImageDraw

from fiks.print.pdf.errors import PdfFeil
from fiks.print.pdf.findings import Omrade

MM_PER_POINT = 25.4 / 72
WINDOW_MM = (20.0, 47.5, 90.0, 45.0)
"""The envelope window: x, y, width, height on an A4 sheet, C5 window envelope, the sheet lying in the
middle."""

MARGINS_MM = (10.0, 3.0)
MAX_DPI = 300
MAX_PIXELS = 40_000_000
INK_DPI = 127
INK_LEVEL = 245
_WINDOW, _MARGIN, _FINDING = (0, 98, 186, 255), (150, 90, 0, 255), (200, 0, 0, 255)


@dataclass(frozen=True, slots=True)
class Blekk:
    """A page as black and white: `mask` is white where something is drawn."""

    mask: Image.Image
    per_mm: float

    def box(
        self, left: float, top: float, right: float, bottom: float
    ) -> tuple[float, float, float, float] | None:
        """Return the box around all ink inside this rectangle as (left, top, right, bottom), all in mm;
        None if bare."""
        pixels = tuple(round(v * self.per_mm) for v in (left, top, right, bottom))
        found = self.mask.crop(pixels).getbbox()  # type: ignore[arg-type]
        if found is None:
            return None
        x, y = pixels[0], pixels[1]
        a, b, c, d = ((v + o) / self.per_mm for v, o in zip(found, (x, y, x, y), strict=True))
        return a, b, c, d

    def empty(self) -> bool:
        """Tell whether nothing at all is drawn."""
        return self.mask.getbbox() is None


def ink(page: pypdfium2.PdfPage) -> Blekk:
    """Draw a page in grey at 5 pixels a mm and keep what is darker than nearly white."""
    scale = _scale(page, INK_DPI)
    grey = page.render(scale=scale, grayscale=True).to_pil().convert("L")
    return Blekk(grey.point([255 if v < INK_LEVEL else 0 for v in range(256)]), scale / MM_PER_POINT)


def page_png(
    pdf: bytes,
    side: int,
    dpi: int = 96,
    *,
    vindu: bool = False,
    marger: bool = False,
    omrader: Sequence[Omrade] = (),
) -> bytes:
    """Return page `side` (from 1) as PNG; the same bytes for the same input.

    `vindu` draws the envelope's window, `marger` the free edges (10 mm long sides, 3 mm short sides),
    `omrader` the rectangles of findings that are on this page. Raises PdfFeil SIDE_FINNES_IKKE or
    PDF_UGYLDIG.
    """
    try:
        with pypdfium2.PdfDocument(pdf) as document:
            if not 1 <= side <= len(document):
                raise PdfFeil("SIDE_FINNES_IKKE")
            page = document[side - 1]
            scale = _scale(page, min(dpi, MAX_DPI))
            picture = page.render(scale=scale).to_pil().convert("RGB")
    except pypdfium2.PdfiumError as error:
        raise PdfFeil("PDF_UGYLDIG") from error
    _draw_over(picture, scale / MM_PER_POINT, vindu, marger, [o for o in omrader if o.side == side])
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=6)
    return out.getvalue()


def page_png_wire(pdf: bytes, side: int, dpi: int, vindu: bool, marger: bool, omrader: list[Any]) -> bytes:
    """`page_png` as the child process calls it."""
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
