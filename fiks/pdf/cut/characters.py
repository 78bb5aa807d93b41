"""A page's characters with their positions, by PDFium. Reads untrusted files: run in the child."""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections.abc import Sequence
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from fiks.pdf.cut.text_areas import WHOLE_PAGE, Felt, Felttekst, Sidetekst, Tegn, read_area
from fiks.pdf.page_images import MM_PER_POINT, is_blank

MAX_CHARACTERS = 50_000
UPRIGHT = 10.0
"""Degrees a line may lean and still be read as a line."""

NEAR_MM = 10.0
"""How far outside an area characters are read, to see whether its text continues."""

_LIGATURES = range(0xFB00, 0xFB07)
_PRIVATE = range(0xE000, 0xF900)
_SOFT_HYPHEN = 0x02


def open_document(path: str) -> pypdfium2.PdfDocument:
    """Open a file by a path that stands for an open file, not a place on disk. Raises PdfiumError."""
    raw = pdfium.FPDF_LoadDocument(path.encode() + b"\0", None)
    if not raw:
        raise pypdfium2.PdfiumError("cannot be opened")
    return pypdfium2.PdfDocument(raw)


def characters(page: pypdfium2.PdfPage, near: Sequence[Felt] | None = None) -> list[Tegn]:
    """Return the page's upright characters in drawing order, at most MAX_CHARACTERS; with `near`, only those
    near the areas.
    """
    textpage = page.get_textpage()
    try:
        return _characters(textpage, _ViewTransform(page), near)
    finally:
        textpage.close()


def _characters(
    textpage: pypdfium2.PdfTextPage, seen: _ViewTransform, near: Sequence[Felt] | None
) -> list[Tegn]:
    count = min(textpage.count_chars(), MAX_CHARACTERS)
    found = (_character(textpage.raw, index, seen, near) for index in range(count))
    return [tegn for tegn in found if tegn is not None]


class _ViewTransform:
    """Transforms the page's own coordinates to the page as viewed: cropped, rotated, mm from the upper left
    corner.
    """

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self.left, self.bottom, self.right, self.top = page.get_bbox()
        self.turn = page.get_rotation()

    def point(self, x: float, y: float) -> tuple[float, float]:
        if self.turn == 90:
            across, down = y - self.bottom, x - self.left
        elif self.turn == 180:
            across, down = self.right - x, y - self.bottom
        elif self.turn == 270:
            across, down = self.top - y, self.right - x
        else:
            across, down = x - self.left, self.top - y
        return across * MM_PER_POINT, down * MM_PER_POINT


def _character(raw: Any, index: int, seen: _ViewTransform, near: Sequence[Felt] | None) -> Tegn | None:
    box = pdfium.FS_RECTF()
    if not pdfium.FPDFText_GetLooseCharBox(raw, index, box):
        return None
    first, second = seen.point(box.left, box.top), seen.point(box.right, box.bottom)
    left, right = sorted((first[0], second[0]))
    top, bottom = sorted((first[1], second[1]))
    if near is not None and not any(_is_near(left, top, felt) for felt in near):
        return None
    if pdfium.FPDFText_IsGenerated(raw, index) == 1:
        return None
    angle = math.degrees(pdfium.FPDFText_GetCharAngle(raw, index)) + seen.turn
    if min(angle % 360, -angle % 360) > UPRIGHT:
        return None
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(raw, index, x, y)
    text, readable = _read(pdfium.FPDFText_GetUnicode(raw, index))
    mapped = pdfium.FPDFText_HasUnicodeMapError(raw, index) != 1
    line = seen.point(x.value, y.value)[1]
    return Tegn(text, left, top, right, bottom, line, bottom - top, readable and mapped)


def _is_near(x: float, y: float, felt: Felt) -> bool:
    return (
        felt.x - NEAR_MM <= x <= felt.x + felt.bredde + NEAR_MM
        and felt.y - NEAR_MM <= y <= felt.y + felt.hoyde + NEAR_MM
    )


def _read(code: int) -> tuple[str, bool]:
    """Return a character as text, and whether it is readable."""
    if code == _SOFT_HYPHEN:
        return "-", True
    if code in (0, 0xFFFD) or code in _PRIVATE or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return "\ufffd", False
    text = chr(code)
    if text.isspace():
        return " ", True
    if unicodedata.category(text) in ("Cc", "Cn"):
        return "\ufffd", False
    return (unicodedata.normalize("NFKC", text) if code in _LIGATURES else text), True


def has_picture(page: pypdfium2.PdfPage) -> bool:
    """Return whether the page shows a picture; a page without text is then a scanned one."""
    return any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=4))


def has_no_readable_text(page: pypdfium2.PdfPage) -> bool:
    """Return whether something is drawn on the page, but no readable letter or digit."""
    textpage = page.get_textpage()
    try:
        text = textpage.get_text_range()
    finally:
        textpage.close()
    return not any(one.isalnum() and _read(ord(one))[1] for one in text) and not is_blank(page)


def read_page(page: pypdfium2.PdfPage, felter: Sequence[Felt]) -> Sidetekst:
    """Return the text in each of these areas of a page."""
    textpage = page.get_textpage()
    try:
        text = textpage.get_text_range()
        drawn = [felt for felt in felter if felt != WHOLE_PAGE]
        tegn = _characters(textpage, _ViewTransform(page), drawn) if drawn else []
    finally:
        textpage.close()
    whole = Felttekst(tuple(line for part in text.splitlines() if (line := " ".join(part.split()))))
    found = tuple(whole if felt == WHOLE_PAGE else read_area(tegn, felt) for felt in felter)
    return Sidetekst(found, bool(whole.linjer), not whole.linjer and has_picture(page))
