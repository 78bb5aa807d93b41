"""The print file of one letter: its documents in one PDF, every page A4 portrait, every document on a sheet
of its own.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pikepdf

from fiks.pdf.errors import PdfFeil
from fiks.pdf.print_file import Utskriftsdokument, Utskriftsfil

A4 = (595.276, 841.89)
_TOLERANCE = 5.7
MAX_DOCUMENTS = 200


def merge(dokumenter: Sequence[Utskriftsdokument], *, tosidig: bool) -> Utskriftsfil:
    """Merge documents in order; the same input gives the same bytes.

    Pages that are not A4 portrait are rotated and scaled to fit, centred. With `tosidig` each document and
    each giro page begins on a front side and a giro page's back stays blank. Raises PdfFeil UTSKRIFT_TOM,
    UTSKRIFT_FOR_STOR, PDF_PASSORD or PDF_UGYLDIG.
    """
    if not 0 < len(dokumenter) <= MAX_DOCUMENTS:
        raise PdfFeil("UTSKRIFT_TOM" if not dokumenter else "UTSKRIFT_FOR_STOR")
    starts: list[int] = []
    giro: list[int] = []
    with pikepdf.Pdf.new() as out:
        for dokument in dokumenter:
            starts.append(len(out.pages) + 1)
            giro += _append(out, dokument, tosidig)
        pages = len(out.pages)
        buffer = io.BytesIO()
        out.save(
            buffer,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            recompress_flate=False,
        )
    sheets = (pages + 1) // 2 if tosidig else pages
    return Utskriftsfil(buffer.getvalue(), pages, sheets, tuple(starts), tuple(giro))


def merge_wire(dokumenter: list[Any], tosidig: bool) -> list[Any]:
    """`merge` as called in the child process."""
    done = merge([Utskriftsdokument(pdf, tuple(giro)) for pdf, giro in dokumenter], tosidig=tosidig)
    return [done.pdf, done.sider, done.ark, list(done.starter), list(done.giro_sider)]


def _append(out: pikepdf.Pdf, dokument: Utskriftsdokument, tosidig: bool) -> list[int]:
    giro: list[int] = []
    try:
        with pikepdf.Pdf.open(io.BytesIO(dokument.pdf)) as source:
            for number, page in enumerate(source.pages, 1):
                is_giro = number in dokument.giro_sider
                if is_giro and tosidig:
                    _pad(out)
                _copy(out, source, page)
                if is_giro:
                    giro.append(len(out.pages))
                    if tosidig:
                        _pad(out)
    except pikepdf.PasswordError as error:
        raise PdfFeil("PDF_PASSORD") from error
    except pikepdf.PdfError as error:
        raise PdfFeil("PDF_UGYLDIG") from error
    if tosidig:
        _pad(out)
    return giro


def _pad(out: pikepdf.Pdf) -> None:
    """Add a blank page if the next one would be a back side."""
    if len(out.pages) % 2:
        out.add_blank_page(page_size=A4)


def _copy(out: pikepdf.Pdf, source: pikepdf.Pdf, page: pikepdf.Page) -> None:
    box = [float(v) for v in page.cropbox]
    width, height = abs(box[2] - box[0]), abs(box[3] - box[1])
    turn = int(page.obj.get("/Rotate", 0)) % 360
    upright = turn == 0 and abs(width - A4[0]) < _TOLERANCE and abs(height - A4[1]) < _TOLERANCE
    if upright and "/UserUnit" not in page.obj:
        out.pages.append(page)
        _strip_interactive(out.pages[-1])
        return
    form = out.copy_foreign(page.as_form_xobject(handle_transformations=False))
    seen = (height, width) if turn in (90, 270) else (width, height)
    extra = 90 if seen[0] > seen[1] else 0
    _place(out, form, box, (turn + extra) % 360)


def _strip_interactive(page: pikepdf.Page) -> None:
    """Remove links, tags, actions and attachments, which a printed page does not need."""
    for key in ("/AA", "/StructParents", "/Tabs", "/Metadata", "/AF", "/B"):
        if key in page.obj:
            del page.obj[key]
    annotations = page.obj.get("/Annots")
    if annotations is not None:
        kept = [a for a in annotations if a.get("/Subtype") not in ("/Link", "/FileAttachment", "/Popup")]
        page.obj["/Annots"] = pikepdf.Array(kept)


def _place(out: pikepdf.Pdf, form: pikepdf.Object, box: list[float], turn: int) -> None:
    """Draw a page's content on a new A4 page, rotated clockwise by `turn` degrees, scaled to fit and centred."""
    x, y = min(box[0], box[2]), min(box[1], box[3])
    width, height = abs(box[2] - box[0]), abs(box[3] - box[1])
    seen_width, seen_height = (height, width) if turn in (90, 270) else (width, height)
    scale = min(A4[0] / seen_width, A4[1] / seen_height)
    left, bottom = (A4[0] - seen_width * scale) / 2, (A4[1] - seen_height * scale) / 2
    a, b, c, d, e, f = {
        0: (1, 0, 0, 1, -x, -y),
        90: (0, -1, 1, 0, -y, x + width),
        180: (-1, 0, 0, -1, x + width, y + height),
        270: (0, 1, -1, 0, y + height, -x),
    }[turn]
    numbers = (a * scale, b * scale, c * scale, d * scale, e * scale + left, f * scale + bottom)
    matrix = " ".join(f"{n:.5f}" for n in numbers)
    out.add_blank_page(page_size=A4)
    page = out.pages[-1]
    page.obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Side=form))
    page.obj["/Contents"] = out.make_stream(f"q {matrix} cm /Side Do Q".encode())
