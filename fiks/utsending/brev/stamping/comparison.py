"""PDF comparison: whether two PDFs of a letter look and read the same."""

from __future__ import annotations

import pypdfium2
from PIL import ImageChops

SCALE = 2
"""144 dots an inch."""


def same_letter(one: bytes, other: bytes) -> bool:
    """Compare every page as an image, pixel by pixel, and as text."""
    with pypdfium2.PdfDocument(one) as first, pypdfium2.PdfDocument(other) as second:
        if len(first) != len(second):
            return False
        return all(_same_page(a, b) for a, b in zip(first, second, strict=True))


def _same_page(one: pypdfium2.PdfPage, other: pypdfium2.PdfPage) -> bool:
    if one.get_textpage().get_text_bounded() != other.get_textpage().get_text_bounded():
        return False
    pictures = [page.render(scale=SCALE, grayscale=True).to_pil() for page in (one, other)]
    if pictures[0].size != pictures[1].size:
        return False
    return ImageChops.difference(*pictures).getbbox() is None
