"""Check of a PDF: can it be sent and printed? Reads untrusted files: run it in the child
(`sandbox.check_pdf`).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

import pikepdf
import pypdfium2

from fiks.core.input_checks.magic_bytes import HEADER, begins_as_pdf
from fiks.pdf.content_scan import active_content, pages_without_fonts
from fiks.pdf.findings import (
    LONG_SIDE_MARGIN_MM,
    SHORT_SIDE_MARGIN_MM,
    Alvorlighet,
    Omrade,
    PdfFunn,
    PdfKode,
    Pdfkontroll,
    to_wire,
)
from fiks.pdf.page_images import MM_PER_POINT, ink_box, is_blank

A4_MM = (210.0, 297.0)
SIZE_TOLERANCE_MM = 2.0
MARGIN_TOLERANCE_MM = 0.2
MAX_PAGES = 200
MAX_OBJECTS = 200_000
MAX_SIDE_MM = 1_200.0
UNREADABLE = (
    pikepdf.PdfError,
    pypdfium2.PdfiumError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RecursionError,
)
"""Exceptions that a file which only looks like a PDF may cause."""
_F, _A = Alvorlighet.FEIL, Alvorlighet.ADVARSEL


def check_pdf(
    data: bytes, *, giro_sider: Sequence[int] = (), tosidig: bool = True, max_sider: int = MAX_PAGES
) -> Pdfkontroll:
    """Return every fault of a PDF; page rules are measured in mm on what is actually drawn.

    `giro_sider`: pages (from 1) meant for giro paper, whose back must be empty when printed on both sides.
    Rules: A4 portrait, 10 mm free at the long sides and 3 mm at the short ones, fonts embedded (KS' own
    demands for print).
    """
    if not begins_as_pdf(data):
        return _unreadable(PdfKode.PDF_UGYLDIG)
    try:
        with pikepdf.Pdf.open(io.BytesIO(data)) as pdf:
            return _check(pdf, data, giro_sider, tosidig, max_sider)
    except pikepdf.PasswordError:
        return _unreadable(PdfKode.PDF_PASSORD)
    except UNREADABLE:
        return _unreadable(PdfKode.PDF_UGYLDIG)


def inspect_pdf(
    source: BinaryIO, *, giro_sider: Sequence[int] = (), tosidig: bool = True, max_sider: int = MAX_PAGES
) -> Pdfkontroll:
    """Return only the faults that make printing impossible; margins, sizes, fonts and active content are not
    checked.

    `source` is read in parts, so that a large file need not be in memory. Otherwise as `check_pdf`.
    """
    try:
        if not begins_as_pdf(source.read(HEADER)):
            return _unreadable(PdfKode.PDF_UGYLDIG)
        with pikepdf.Pdf.open(source, access_mode=pikepdf.AccessMode.stream) as pdf:
            return _inspect(pdf, source, giro_sider, tosidig, max_sider)
    except pikepdf.PasswordError:
        return _unreadable(PdfKode.PDF_PASSORD)
    except UNREADABLE:
        return _unreadable(PdfKode.PDF_UGYLDIG)


def inspect_pdf_wire(
    source: bytes | str, giro_sider: list[int], tosidig: bool, max_sider: int
) -> dict[str, Any]:
    """`inspect_pdf` as called in the child process, on content or on a file's path."""
    with io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb") as file:
        found = inspect_pdf(file, giro_sider=giro_sider, tosidig=tosidig, max_sider=max_sider)
    return to_wire(found)


def _inspect(
    pdf: pikepdf.Pdf, source: BinaryIO, giro_sider: Sequence[int], tosidig: bool, max_sider: int
) -> Pdfkontroll:
    too_much = _refuse_by_size(pdf, max_sider)
    if too_much is not None:
        return too_much
    with pypdfium2.PdfDocument(source) as drawn:
        if len(drawn) != len(pdf.pages):
            return _unreadable(PdfKode.PDF_UGYLDIG)
        return Pdfkontroll(len(drawn), None, tuple(_giro(drawn, giro_sider, tosidig)))


def check_pdf_wire(data: bytes, giro_sider: list[int], tosidig: bool, max_sider: int) -> dict[str, Any]:
    """`check_pdf` as called in the child process."""
    return to_wire(check_pdf(data, giro_sider=giro_sider, tosidig=tosidig, max_sider=max_sider))


def _unreadable(code: PdfKode) -> Pdfkontroll:
    return Pdfkontroll(None, None, (PdfFunn(code, _F),))


def _check(
    pdf: pikepdf.Pdf, data: bytes, giro_sider: Sequence[int], tosidig: bool, max_sider: int
) -> Pdfkontroll:
    too_much = _refuse_by_size(pdf, max_sider)
    if too_much is not None:
        return too_much
    count = len(pdf.pages)
    funn = [PdfFunn(code, _F) for code in active_content(pdf)]
    bare = pages_without_fonts(pdf)
    with pypdfium2.PdfDocument(data) as drawn:
        if len(drawn) != count:
            return _unreadable(PdfKode.PDF_UGYLDIG)
        funn += _layout(drawn)
        funn += _giro(drawn, giro_sider, tosidig)
    if bare:
        funn.append(PdfFunn(PdfKode.PDF_FONT_IKKE_INNEBYGD, _A, bare))
    return Pdfkontroll(count, not bare, tuple(funn))


def _refuse_by_size(pdf: pikepdf.Pdf, max_sider: int) -> Pdfkontroll | None:
    """Return the verdict on a file without pages, or with too many pages or objects to be rendered; otherwise
    None.
    """
    count = len(pdf.pages)
    if count == 0:
        return _unreadable(PdfKode.PDF_UGYLDIG)
    if len(pdf.objects) > MAX_OBJECTS:
        return Pdfkontroll(count, None, (PdfFunn(PdfKode.PDF_FOR_KOMPLISERT, _F),))
    if count > max_sider:
        return Pdfkontroll(count, None, (PdfFunn(PdfKode.PDF_FOR_MANGE_SIDER, _F),))
    return None


def _layout(drawn: pypdfium2.PdfDocument) -> list[PdfFunn]:
    sizes = [_size_mm(drawn, n) for n in range(len(drawn))]
    huge = [n + 1 for n, (w, h) in enumerate(sizes) if not 0 < max(w, h) <= MAX_SIDE_MM]
    if huge:
        return [PdfFunn(PdfKode.PDF_STORRELSE, _F, tuple(huge))]
    wrong = [n + 1 for n, (w, h) in enumerate(sizes) if not _near_a4(min(w, h), max(w, h))]
    lying = [n + 1 for n, (w, h) in enumerate(sizes) if w > h]
    areas = [area for n, size in enumerate(sizes) for area in _margin_breaks(drawn, n, size)]
    funn = [PdfFunn(PdfKode.PDF_STORRELSE, _A, tuple(wrong))] if wrong else []
    funn += [PdfFunn(PdfKode.PDF_LIGGENDE, _A, tuple(lying))] if lying else []
    if areas:
        funn.append(PdfFunn(PdfKode.PDF_MARG, _A, tuple(sorted({a.side for a in areas})), tuple(areas)))
    return funn


def _size_mm(drawn: pypdfium2.PdfDocument, page: int) -> tuple[float, float]:
    width, height = drawn.get_page_size(page)
    return width * MM_PER_POINT, height * MM_PER_POINT


def _near_a4(short: float, long: float) -> bool:
    return abs(short - A4_MM[0]) <= SIZE_TOLERANCE_MM and abs(long - A4_MM[1]) <= SIZE_TOLERANCE_MM


def _margin_breaks(drawn: pypdfium2.PdfDocument, page: int, size: tuple[float, float]) -> Iterable[Omrade]:
    """Yield what is drawn too near an edge: one rectangle for each such edge, in mm."""
    width, height = size
    sides, ends = (
        (LONG_SIDE_MARGIN_MM, SHORT_SIDE_MARGIN_MM)
        if width <= height
        else (SHORT_SIDE_MARGIN_MM, LONG_SIDE_MARGIN_MM)
    )
    sheet = drawn[page]
    strips = {
        "venstre": (0.0, 0.0, sides, height),
        "hoyre": (width - sides, 0.0, width, height),
        "topp": (0.0, 0.0, width, ends),
        "bunn": (0.0, height - ends, width, height),
    }
    for edge, strip in strips.items():
        box = ink_box(sheet, *strip)
        if box is None:
            continue
        left, top, right, bottom = box
        gap = {"venstre": left, "hoyre": width - right, "topp": top, "bunn": height - bottom}[edge]
        limit = sides if edge in ("venstre", "hoyre") else ends
        if gap < limit - MARGIN_TOLERANCE_MM:
            x, y, wide, tall = (round(v, 1) for v in (left, top, right - left, bottom - top))
            yield Omrade(page + 1, x, y, wide, tall, edge, round(max(0.0, gap), 1))


def _giro(drawn: pypdfium2.PdfDocument, giro_sider: Sequence[int], tosidig: bool) -> list[PdfFunn]:
    count = len(drawn)
    missing = tuple(page for page in giro_sider if not 1 <= page <= count)
    funn = [PdfFunn(PdfKode.PDF_GIRO_SIDE, _F, missing)] if missing else []
    if tosidig:
        backs = tuple(page for page in giro_sider if 1 <= page <= count and _has_full_back(drawn, page))
        funn += [PdfFunn(PdfKode.PDF_GIRO_BAKSIDE, _A, backs)] if backs else []
    return funn


def _has_full_back(drawn: pypdfium2.PdfDocument, page: int) -> bool:
    """Return whether a giro page cannot go on giro paper as it lies: it is a back side, or its own back is
    not blank.
    """
    if page % 2 == 0:
        return True
    return page < len(drawn) and not is_blank(drawn[page])
