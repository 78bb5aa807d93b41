"""What must hold of a workbook before anything parses it: no bomb, no entities, no formulas."""

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

from .findings import Filkode, ListeFeil
from .records import MAX_KOLONNER, MAX_RADER

MAX_ENTRIES = 1_000
MAX_INFLATED = 512 * 1024 * 1024
MAX_RATIO = 200
RATIO_FROM = 10 * 1024 * 1024
CHUNK = 1024 * 1024
SHOWN_CELLS = 5

_FORMULA = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3}\d{1,7})"[^>]*>\s*<(?:\w+:)?f[ />]')
_ERROR = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3}\d{1,7})"')
_FAR = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{3}\d{1,7})"[^>]*(?<!/)>')
_DEEP = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="[A-Z]{1,3}(?:[2-9]\d{5}|\d{7})"[^>]*(?<!/)>')
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
    """Inflate every part, counting what really comes out, and refuse what no real workbook has.

    Raises `ListeFeil`: FIL_ZIPBOMBE, FIL_PASSORD, FIL_UGYLDIG, INNHOLD_PASSER_IKKE. Memory: one chunk.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise ListeFeil(Filkode.FIL_ZIPBOMBE, grense=MAX_ENTRIES)
            if "xl/workbook.xml" not in archive.namelist():
                raise ListeFeil(Filkode.INNHOLD_PASSER_IKKE)
            _count_inflated(archive, entries)
    except _BROKEN as error:
        raise _fault(error) from error


def _fault(error: Exception) -> Exception:
    """What a workbook that could not be read is: broken, or too heavy where memory ran out, also inside a library."""
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
    """Cells of a sheet that may not be used, the first few of each kind."""

    formulas: dict[str, None] = field(default_factory=dict)
    errors: dict[str, None] = field(default_factory=dict)

    def refuse(self) -> None:
        """Raises `ListeFeil` FORMELCELLE or FEILVERDI_I_CELLE with `celler`.

        The cached value of a formula may be stale and hides what it points to, so it is never used.
        """
        for kode, cells in ((Filkode.FORMELCELLE, self.formulas), (Filkode.FEILVERDI_I_CELLE, self.errors)):
            if cells:
                raise ListeFeil(kode, celler=", ".join(list(cells)[:SHOWN_CELLS]))


def scan_sheet(path: Path, sheet: str) -> Sheetscan:
    """Look through a sheet's XML before it is loaded; a cell far out or far down would make the load explode.

    Raises `ListeFeil`: FOR_MANGE_KOLONNER, FOR_MANGE_RADER, FIL_UGYLDIG.
    """
    scan = Sheetscan()
    for block in _blocks(path, sheet):
        if _FAR.search(block):
            raise ListeFeil(Filkode.FOR_MANGE_KOLONNER, grense=MAX_KOLONNER)
        if _DEEP.search(block):
            raise ListeFeil(Filkode.FOR_MANGE_RADER, grense=MAX_RADER)
        if len(scan.formulas) <= SHOWN_CELLS and (b"<f" in block or b":f" in block):
            scan.formulas.update((m.decode(), None) for m in _FORMULA.findall(block))
        if len(scan.errors) <= SHOWN_CELLS and b't="e"' in block:
            scan.errors.update((m.decode(), None) for m in _ERROR.findall(block))
    return scan


def _blocks(path: Path, sheet: str) -> Iterator[bytes]:
    """The sheet's XML in chunks that end where a row ends, so that no cell is cut in two.

    A cell too large for a chunk is passed on as it comes: it is refused for its length later.
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
                    cut = len(block) if len(block) > 4 * CHUNK else 0
                yield block[:cut]
                rest = block[cut:]
        yield rest


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The file inside the workbook that holds the sheet of this name."""
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
