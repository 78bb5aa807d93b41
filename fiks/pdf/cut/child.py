"""Child process side of `Storfil`: keeps one big PDF open between calls, so that its thousands of pages are
found only once.

The libraries' memory of visited pages grows while a file is open, so the file is reopened when it has grown
much: memory does not follow the file's size.
"""

from __future__ import annotations

import gc
import hashlib
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2

from fiks.core.input_checks.magic_bytes import HEADER, begins_as_pdf
from fiks.pdf.check import UNREADABLE, check_pdf
from fiks.pdf.content_scan import active_codes
from fiks.pdf.cut.characters import characters, has_no_readable_text, open_document, read_page
from fiks.pdf.cut.letter_cutter import Brev, Saks
from fiks.pdf.cut.structure_tree import Struktur
from fiks.pdf.cut.text_areas import Felt
from fiks.pdf.errors import PdfFeil
from fiks.pdf.findings import Alvorlighet, PdfFunn, PdfKode, Pdfkontroll, to_wire
from fiks.pdf.page_images import draw_page

REOPEN_BYTES = 128 * 1024 * 1024
REOPEN_PAGES = 1_000
"""The file is reopened when the process has grown so many bytes and visited so many pages since the last
opening.
"""

SILENT_DPI, COMPARED_DPI = 40, 24
"""Resolution for comparing pages without text with each other, and for comparing any page before and after
the cut.
"""

MAX_OBJECTS = 6_000_000
CALL_SECONDS = 4.0
CALL_BYTES = 64 * 1024 * 1024
"""A call that has done this much returns what it has; it always does at least one letter."""


class _Age:
    """Use of an open file: pages visited, and growth of the process."""

    def __init__(self) -> None:
        self.pages = 0
        self._resident = _resident()

    def old(self) -> bool:
        return self.pages >= REOPEN_PAGES and _resident() - self._resident > REOPEN_BYTES


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


class _Open:
    """The big PDF this child keeps open."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._saks: Saks | None = None
        self._drawn: pypdfium2.PdfDocument | None = None
        self._cut = self._seen = _Age()

    def saks(self, pages: int) -> Saks:
        """Return the letter cutter; `pages` is the number of pages about to be cut."""
        if self._saks is not None and self._cut.old():
            self._saks.source.close()
            self._saks = None
            gc.collect()
        if self._saks is None:
            self._saks = Saks(pikepdf.Pdf.open(self.path, access_mode=pikepdf.AccessMode.stream))
            self._cut = _Age()
        self._cut.pages += pages
        return self._saks

    def page(self, number: int) -> pypdfium2.PdfPage:
        """Return page `number` (from 1) to be read or drawn; the caller closes it. PdfFeil SIDE_FINNES_IKKE."""
        if self._drawn is not None and self._seen.old():
            self._drawn.close()
            self._drawn = None
        if self._drawn is None:
            self._drawn, self._seen = open_document(self.path), _Age()
        if not 1 <= number <= len(self._drawn):
            raise PdfFeil("SIDE_FINNES_IKKE")
        self._seen.pages += 1
        return self._drawn[number - 1]


_files: dict[str, _Open] = {}


def _open(path: str) -> _Open:
    if path not in _files:
        _files[path] = _Open(path)
    return _files[path]


def inspect_wire(path: str, max_sider: int) -> dict[str, Any]:
    """Return what makes the whole file unusable; otherwise its number of pages (`sider`), and whether it is
    tagged.
    """
    try:
        with open(path, "rb") as file:
            if not begins_as_pdf(file.read(HEADER)):
                return _refused(PdfKode.PDF_UGYLDIG)
        with pikepdf.Pdf.open(path, access_mode=pikepdf.AccessMode.stream) as pdf:
            return _inspect(pdf, path, max_sider)
    except pikepdf.PasswordError:
        return _refused(PdfKode.PDF_PASSORD)
    except UNREADABLE:
        return _refused(PdfKode.PDF_UGYLDIG)


def _inspect(pdf: pikepdf.Pdf, path: str, max_sider: int) -> dict[str, Any]:
    if int(pdf.trailer.get("/Size", 0)) > MAX_OBJECTS:
        return _refused(PdfKode.PDF_FOR_KOMPLISERT)
    stated = pdf.Root.Pages.get("/Count", 0)
    if isinstance(stated, int) and stated > max_sider:
        return _refused(PdfKode.PDF_FOR_MANGE_SIDER)
    count = len(pdf.pages)
    if count == 0:
        return _refused(PdfKode.PDF_UGYLDIG)
    if count > max_sider:
        return _refused(PdfKode.PDF_FOR_MANGE_SIDER)
    found = sorted({code for node in _whole_file(pdf) for code in active_codes(node)})
    if found:
        return _refused(*found)
    with open_document(path) as drawn:
        if len(drawn) != count:
            return _refused(PdfKode.PDF_UGYLDIG)
    return to_wire(Pdfkontroll(count, None)) | {"merket": Struktur(pdf).there}


def _whole_file(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    """Return the dictionaries that say what the file as a whole does or carries."""
    root = pdf.Root
    found: list[pikepdf.Object] = [root]
    for key in ("/OpenAction", "/AA", "/Names", "/AcroForm", "/Collection"):
        node = root.get(key)
        if isinstance(node, pikepdf.Dictionary):
            found.append(node)
            found += [inner for _, inner in node.items() if isinstance(inner, pikepdf.Dictionary)]
    names = root.get("/Names")
    if isinstance(names, pikepdf.Dictionary) and "/JavaScript" in names:
        found.append(pikepdf.Dictionary(S=pikepdf.Name("/JavaScript")))
    return found


def _refused(*found: PdfKode) -> dict[str, Any]:
    return to_wire(Pdfkontroll(None, None, tuple(PdfFunn(code, Alvorlighet.FEIL) for code in found)))


def text_wire(path: str, sider: list[int], felter: list[list[float]]) -> list[Any]:
    """`characters.read_page` of several pages, as far as time allowed: [[[lines, unreadable, cut] per area],
    text, picture].
    """
    areas = [Felt(*felt) for felt in felter]
    began = time.monotonic()
    answer: list[Any] = []
    for number in sider:
        if answer and time.monotonic() - began > CALL_SECONDS:
            break
        page = _page(path, number)
        try:
            found = read_page(page, areas)
        finally:
            page.close()
        read = [[list(f.linjer), f.uleselig, f.kuttet] for f in found.felter]
        answer.append([read, found.tekst, found.bilde])
    return answer


def characters_wire(path: str, sider: list[int]) -> list[Any]:
    """Return each page's [width, height] in mm and its characters, as the values of `Tegn`."""
    answer = []
    for number in sider:
        page = _page(path, number)
        try:
            size = [round(v * 25.4 / 72, 2) for v in page.get_size()]
            answer.append([size, [_tegn_values(t) for t in characters(page)]])
        finally:
            page.close()
    return answer


def _tegn_values(t: Any) -> list[Any]:
    box = [round(v, 2) for v in (t.venstre, t.topp, t.hoyre, t.bunn, t.linje, t.hoyde)]
    return [t.tekst, *box, t.lesbart]


def picture_wire(path: str, number: int, dpi: int) -> bytes:
    """Return page `number` (from 1) as PNG."""
    page = _page(path, number)
    try:
        return draw_page(page, dpi)
    finally:
        page.close()


def _page(path: str, number: int) -> pypdfium2.PdfPage:
    try:
        return _open(path).page(number)
    except pypdfium2.PdfiumError as error:
        raise PdfFeil("PDF_UGYLDIG") from error


def cut_wire(path: str, brev: list[list[Any]], tittel: str, tosidig: bool, ved_merke: bool) -> list[Any]:
    """Cut and check letters, as far as time allowed. Each of `brev` is [first page, last page, giro pages].

    Each answer is [PDF or None, check result, silent pages if `ved_merke`]; a silent page is [its number in
    the letter, a digest of what is drawn].
    """
    began, size = time.monotonic(), 0
    answer: list[Any] = []
    for fra, til, giro in brev:
        if answer and (time.monotonic() - began > CALL_SECONDS or size > CALL_BYTES):
            break
        pdf, result = _cut(path, Brev(fra, til), giro, tittel, tosidig)
        silent = list(_silent_pages(path, fra, til)) if pdf is not None and ved_merke else []
        size += len(pdf or b"")
        answer.append([pdf, to_wire(result), silent])
    return answer


def _cut(
    path: str, brev: Brev, giro: Sequence[int], tittel: str, tosidig: bool
) -> tuple[bytes | None, Pdfkontroll]:
    try:
        letter = _open(path).saks(brev.til - brev.fra + 1).cut(brev, tittel)
    except PdfFeil as error:
        return None, _bad(PdfKode(error.kode) if error.kode in PdfKode.__members__ else PdfKode.PDF_UGYLDIG)
    except UNREADABLE:
        return None, _bad(PdfKode.PDF_UGYLDIG)
    found = check_pdf(letter.pdf, giro_sider=giro, tosidig=tosidig)
    more = [PdfFunn(code, Alvorlighet.FEIL) for code in letter.koder]
    if letter.merking_tapt:
        more.append(PdfFunn(PdfKode.PDF_MERKING_TAPT, Alvorlighet.ADVARSEL))
    result = Pdfkontroll(found.sider, found.fonter_innebygd, (*more, *found.funn))
    if result.kan_sendes and (changed := tuple(_changed_pages(path, brev, letter.pdf))):
        result = replace(
            result, funn=(PdfFunn(PdfKode.PDF_SIDE_ENDRET, Alvorlighet.FEIL, changed), *result.funn)
        )
    return (letter.pdf if result.kan_sendes else None), result


def _changed_pages(path: str, brev: Brev, pdf: bytes) -> Iterator[int]:
    """Yield the pages of a letter that look different from the big file, numbered as the letter's own.

    A letter carries only what its pages are found to name, and a malformed page may use more: nothing of a
    page may be lost unnoticed.
    """
    with pypdfium2.PdfDocument(pdf) as letter:
        for nr in range(1, brev.til - brev.fra + 2):
            before, after = _page(path, brev.fra + nr - 1), letter[nr - 1]
            try:
                if _render_grey(before) != _render_grey(after):
                    yield nr
            finally:
                before.close()
                after.close()


def _render_grey(page: pypdfium2.PdfPage) -> bytes:
    """Return the page's pixels without annotations, since some annotations are never carried over."""
    drawn = page.render(scale=COMPARED_DPI / 72, grayscale=True, draw_annots=False, may_draw_forms=False)
    try:
        return bytes(drawn.buffer)
    finally:
        drawn.close()


def _silent_pages(path: str, fra: int, til: int) -> Iterator[list[Any]]:
    """Yield the pages after the first of a letter that have no readable text."""
    for nr in range(2, til - fra + 2):
        page = _page(path, fra + nr - 1)
        try:
            if has_no_readable_text(page):
                yield [nr, hashlib.sha256(draw_page(page, SILENT_DPI)).hexdigest()]
        finally:
            page.close()


def _bad(code: PdfKode) -> Pdfkontroll:
    return Pdfkontroll(None, None, (PdfFunn(code, Alvorlighet.FEIL),))
