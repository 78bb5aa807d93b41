"""Inspects a workbook before any parser sees it: no zip bomb, no entities, no formulas."""

from __future__ import annotations

import errno
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from fiks.utsending.liste.findings import Filkode, ListeFeil
from fiks.utsending.liste.source.records import MAX_KOLONNER, MAX_RADER

MAX_ENTRIES = 1_000
MAX_INFLATED = 512 * 1024 * 1024
MAX_RATIO = 200
RATIO_FROM = 10 * 1024 * 1024
CHUNK = 1024 * 1024
SHOWN_CELLS = 5
OTHER_KINDS = {"content.xml", "xl/workbook.bin"}
"""Parts that make a reader take the zip for another kind of workbook (ods, xlsb), whose cells are not scanned
here.
"""

# Attributes stand in any order, in either kind of quotes, and a cell or row need not say which it is (`r`).
_PREFIX = rb"(?:[^\s<>/:\"'=]+:)?"
_MAY_BE_FORMULA = re.compile(rb"<" + _PREFIX + rb"f[\s/>]")
_CELL_OR_FORMULA = re.compile(rb"<(/?)" + _PREFIX + rb"(c|f)(?=[\s/>])([^>]*)>")
_ERROR = re.compile(rb"<" + _PREFIX + rb"""c(\s(?:[^>]*\s)?t\s*=\s*["']e["'][^>]*)>""")
_FAR = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\br\s*=\s*["']([A-Z]{3}\d{1,7})["'][^>]*(?<!/)>""")
_DEEP = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\br\s*=\s*["'][A-Z]{1,3}(?:[2-9]\d{5}|\d{7})["'][^>]*(?<!/)>""")
_HIDDEN = re.compile(rb"""row(\s(?:[^<>]*\s)?hidden\s*=\s*["'](?:1|true)["'][^<>]*)>""")
_CELL_NAME = re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3}\d{1,7})["']""")
_ROW_NUMBER = re.compile(rb"""\sr\s*=\s*["'](\d{1,7})["']""")
_CELL_BEGINS = (b"<c ", b"<c>", b":c ", b":c>")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    UnicodeDecodeError,
    ValueError,
    OSError,
)
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_REL_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def check_zip(path: Path) -> None:
    """Inflate every part, counting the real output, and refuse what no honest workbook has.

    Raises `ListeFeil`: FIL_ZIPBOMBE, FIL_PASSORD, FIL_UGYLDIG, INNHOLD_PASSER_IKKE. Memory: one chunk.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise ListeFeil(Filkode.FIL_ZIPBOMBE, grense=MAX_ENTRIES)
            names = archive.namelist()
            if "xl/workbook.xml" not in names or not OTHER_KINDS.isdisjoint(map(str.casefold, names)):
                raise ListeFeil(Filkode.INNHOLD_PASSER_IKKE)
            _count_inflated(archive, entries)
    except _BROKEN as error:
        raise _fault(error) from error


def _fault(error: Exception) -> Exception:
    """Return the error for an unreadable workbook: MemoryError where memory ran out (also in a library), else
    FIL_UGYLDIG.
    """
    match error:
        case OSError(errno=errno.ENOMEM) | ElementTree.ParseError(code=1):  # code 1: expat's "out of memory"
            return MemoryError()
        case zlib.error() if str(error).startswith("Error -4 "):  # Z_MEM_ERROR
            return MemoryError()
    return ListeFeil(Filkode.FIL_UGYLDIG)


def _count_inflated(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    total = 0
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise ListeFeil(Filkode.FIL_PASSORD)
        size = 0
        with archive.open(entry) as part:
            while block := part.read(CHUNK):
                if size == 0 and entry.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in block[:4096]:
                    raise ListeFeil(Filkode.FIL_UGYLDIG)
                size += len(block)
                total += len(block)
                if total > MAX_INFLATED or (
                    size > RATIO_FROM and size > MAX_RATIO * max(1, entry.compress_size)
                ):
                    raise ListeFeil(Filkode.FIL_ZIPBOMBE, grense=MAX_INFLATED)


@dataclass(slots=True)
class Sheetscan:
    """What a sheet has that calamine does not report.

    Forbidden cells: the first few of each kind by name ("" for nameless cells); the numbers of hidden rows,
    and how many hidden rows have no number.
    """

    formulas: dict[str, None] = field(default_factory=dict)
    errors: dict[str, None] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    hidden_unnumbered: int = 0

    def refuse(self, ark: str) -> None:
        """Raise `ListeFeil` FORMELCELLE or FEILVERDI_I_CELLE with `celler`; _I_ARK with `ark` when no cell
        has a name.

        A formula's cached value may be stale and hides what it points to, so it is never used.
        """
        for cells, kode, unnamed in (
            (self.formulas, Filkode.FORMELCELLE, Filkode.FORMEL_I_ARK),
            (self.errors, Filkode.FEILVERDI_I_CELLE, Filkode.FEILVERDI_I_ARK),
        ):
            if named := [cell for cell in cells if cell]:
                raise ListeFeil(kode, celler=", ".join(named[:SHOWN_CELLS]))
            if cells:
                raise ListeFeil(unnamed, ark=ark)


def scan_sheet(path: Path, sheet: str) -> Sheetscan:
    """Scan a sheet's XML before it is loaded; a cell far right or far down would exhaust memory on load.

    Raises `ListeFeil`: FOR_MANGE_KOLONNER, FOR_MANGE_RADER, FIL_UGYLDIG.
    """
    scan = Sheetscan()
    for block in _blocks(path, sheet):
        if _FAR.search(block):
            raise ListeFeil(Filkode.FOR_MANGE_KOLONNER, grense=MAX_KOLONNER)
        if _DEEP.search(block):
            raise ListeFeil(Filkode.FOR_MANGE_RADER, grense=MAX_RADER)
        if len(scan.formulas) <= SHOWN_CELLS and (b"<f" in block or b":f" in block):
            scan.formulas.update(dict.fromkeys(_formulas(block)))
        if len(scan.errors) <= SHOWN_CELLS and (b'"e"' in block or b"'e'" in block):
            scan.errors.update((_cell_name(found[1]), None) for found in _ERROR.finditer(block))
        if b"hidden" in block:
            _note_hidden(scan, block)
    return scan


def _formulas(block: bytes) -> Iterator[str]:
    """Yield the names of cells with a formula. A formula outside a cell (rule, chart) changes no value."""
    if not _MAY_BE_FORMULA.search(block):
        return
    cell: bytes | None = None
    for found in _CELL_OR_FORMULA.finditer(block):
        closes, tag, attributes = found.groups()
        if tag == b"c":
            cell = None if closes or attributes.endswith(b"/") else attributes
        elif cell is not None and not closes:
            yield _cell_name(cell)


def _cell_name(attributes: bytes) -> str:
    found = _CELL_NAME.search(attributes)
    return found[1].decode() if found else ""


def _note_hidden(scan: Sheetscan, block: bytes) -> None:
    for found in _HIDDEN.finditer(block):
        if number := _ROW_NUMBER.search(found[1]):
            scan.hidden.add(int(number[1]))
        elif not found[1].endswith(b"/"):
            scan.hidden_unnumbered += 1


def _blocks(path: Path, sheet: str) -> Iterator[bytes]:
    """Yield the sheet's XML in chunks that end at a row's end, or else before a cell, so that no cell is
    split.

    A cell larger than a chunk is passed on as it comes: it is refused for its length later.
    """
    with zipfile.ZipFile(path) as archive:
        part = _part_of(archive, sheet)
        if part is None:
            raise ListeFeil(Filkode.FIL_UGYLDIG)
        rest = b""
        with archive.open(part) as stream:
            while block := stream.read(CHUNK):
                block = rest + block
                cut = block.rfind(b"row>") + 4
                if cut < 4:
                    cut = _last_cell_start(block) if len(block) > 4 * CHUNK else 0
                yield block[:cut]
                rest = block[cut:]
        yield rest


def _last_cell_start(block: bytes) -> int:
    begins = max(map(block.rfind, _CELL_BEGINS))
    return block.rfind(b"<", 0, begins + 1) if begins > 0 else len(block)


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the zip entry that holds the sheet of this name."""
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        rels = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, OSError, ElementTree.ParseError) as error:
        raise _fault(error) from error
    targets = {rel.get("Id"): rel.get("Target", "") for rel in rels}
    for element in book.iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            target = targets.get(element.get(_REL) or element.get(_REL_STRICT), "")
            name = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            return name if name in archive.namelist() else None
    return None
