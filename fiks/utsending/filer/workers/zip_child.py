"""Zip survey, run in a child process: nothing in the zip is trusted before every byte has been inspected.

Whether its maker is hostile or careless, the whole zip is refused, naming the first faulty entry.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from fiks.core.input_checks.magic_bytes import begins_as_pdf
from fiks.utsending.filer.errors import MAX_FILE_BYTES, MAX_FILES, MAX_UNZIPPED_BYTES, MIB, Filavslag, FilFeil
from fiks.utsending.filer.matching import base_name, display_name, name_fault

CHUNK = MIB
MAX_RATIO = 200
RATIO_FROM = 10 * MIB
_END, _END_MARK, _END_SEARCH = struct.Struct("<12xI"), b"PK\x05\x06", 22 + 65_535
_MAX_DIRECTORY, _IN_ZIP64 = 16 * MIB, 0xFFFFFFFF
_ENCRYPTED, _UTF8 = 0x1, 0x800
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_JUNK_FOLDER, _JUNK = "__MACOSX", frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError, ValueError, OSError)


def survey(path: str) -> list[list[Any]]:
    """Inflate every entry, counting the real output; return [place in the zip, base name, bytes] of each PDF.

    Folders and operating-system files are skipped. Raises `FilFeil` for the first entry that no honest zip of
    PDFs has. Memory: one chunk.
    """
    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            named = _named_entries(entries)
            return [[place, name, size] for place, name, size in _sizes(archive, entries, named)]
    except _BROKEN as error:
        raise FilFeil(Filavslag.ZIP_UGYLDIG) from error


def read_entries(path: str, places: Sequence[int]) -> list[bytes]:
    """Return the content of these entries of a zip that passed `survey`, in the order asked for."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            return [archive.read(entries[place]) for place in places]
    except _BROKEN as error:
        raise FilFeil(Filavslag.ZIP_UGYLDIG) from error


def _check_directory(path: str) -> None:
    """Refuse a zip whose central directory is too long, before it is read."""
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _END_SEARCH))
        tail = file.read()
    at = tail.rfind(_END_MARK)
    if at < 0 or len(tail) < at + _END.size:
        raise FilFeil(Filavslag.ZIP_UGYLDIG)
    listed = _END.unpack_from(tail, at)[0]
    if _MAX_DIRECTORY < listed < _IN_ZIP64:
        raise FilFeil(Filavslag.FILER_FOR_MANGE, grense=MAX_FILES)


def _named_entries(entries: Sequence[zipfile.ZipInfo]) -> list[tuple[int, str]]:
    """Return place and base name of each file entry; all checks that need no inflating."""
    if len(entries) > 2 * MAX_FILES:
        raise FilFeil(Filavslag.FILER_FOR_MANGE, grense=MAX_FILES)
    seen: set[str] = set()
    kept = []
    for place, entry in enumerate(entries):
        path = _path(entry)
        if _is_folder(entry, path) or _is_junk(path):
            continue
        name = _checked_name(entry, path)
        if name in seen:
            raise _refusal(Filavslag.ZIP_NAVN_DOBBELT, name)
        seen.add(name)
        kept.append((place, name))
    if not kept:
        raise FilFeil(Filavslag.ZIP_TOM)
    if len(kept) > MAX_FILES:
        raise FilFeil(Filavslag.FILER_FOR_MANGE, grense=MAX_FILES)
    return kept


def _path(entry: zipfile.ZipInfo) -> str:
    """Return the entry's name: UTF-8 if flagged or valid, else cp850 as Norwegian Windows writes."""
    if entry.flag_bits & _UTF8:
        return entry.orig_filename
    raw = entry.orig_filename.encode("cp437")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp850")


def _is_folder(entry: zipfile.ZipInfo, path: str) -> bool:
    return path.endswith("/") and entry.file_size == 0


def _is_junk(path: str) -> bool:
    """Return whether it is a file that macOS or Windows adds to zips by itself."""
    return path.startswith(f"{_JUNK_FOLDER}/") or base_name(path).lower() in _JUNK


def _checked_name(entry: zipfile.ZipInfo, path: str) -> str:
    """Return an entry's base name; FilFeil for a link, a path outside its folder, an encrypted entry, or no
    PDF.
    """
    name = base_name(path)
    if path.startswith(("/", "\\")) or path[1:2] == ":" or ".." in path.replace("\\", "/").split("/"):
        raise _refusal(Filavslag.ZIP_STI, name)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise _refusal(Filavslag.ZIP_LENKE, name)
    if fault := name_fault(path):
        raise _refusal(fault, name)
    if entry.flag_bits & _ENCRYPTED:
        raise _refusal(Filavslag.ZIP_PASSORD, name)
    if entry.compress_type not in _METHODS:
        raise _refusal(Filavslag.ZIP_PAKKEMATE, name)
    if entry.file_size > MAX_FILE_BYTES:
        raise _refusal(Filavslag.FIL_FOR_STOR, name, maks_mb=MAX_FILE_BYTES // MIB)
    return name


def _sizes(
    archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo], named: Sequence[tuple[int, str]]
) -> Iterator[tuple[int, str, int]]:
    total = 0
    for place, name in named:
        size = 0
        with archive.open(entries[place]) as content:
            while block := content.read(CHUNK):
                if size == 0 and not begins_as_pdf(block):
                    raise _refusal(Filavslag.FILTYPE_IKKE_PDF, name)
                size += len(block)
                total += len(block)
                _check_size(size, total, entries[place].compress_size, name)
        if size == 0:
            raise _refusal(Filavslag.FIL_TOM, name)
        yield place, name, size


def _check_size(size: int, total: int, packed: int, name: str) -> None:
    if total > MAX_UNZIPPED_BYTES:
        raise FilFeil(Filavslag.FILER_FOR_STORE, maks_mb=MAX_UNZIPPED_BYTES // MIB)
    if size > RATIO_FROM and size > MAX_RATIO * max(1, packed):
        raise _refusal(Filavslag.ZIP_BOMBE, name)


def _refusal(kode: str, name: str, **params: Any) -> FilFeil:
    """Return the refusal of a zip because of one entry, with its name masked."""
    return FilFeil(kode, navn=display_name(name), **params)
