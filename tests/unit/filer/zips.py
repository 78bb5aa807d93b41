"""Zips for tests, honest and hostile. Everything is invented."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path

from testmiljo.folders import LILLEVIK

PER_RAD = LILLEVIK / "per_rad"
PDF = b"%PDF-1.7\n" + b"x" * 200
Entry = tuple[str | zipfile.ZipInfo, bytes]


def make_zip(folder: Path, entries: Sequence[Entry], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip of these entries, in this order, under names no check has been made of."""
    path = folder / "brev.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content, None if isinstance(name, str) else method)
    return path


def lillevik_zip(folder: Path) -> Path:
    """The ten letters of Lillevik in a folder inside a zip, as a person's computer makes it."""
    letters = [(f"brev/{path.name}", path.read_bytes()) for path in sorted(PER_RAD.glob("*.pdf"))]
    junk = [("brev/.DS_Store", b"\0\0"), ("__MACOSX/brev/._0001.pdf", b"\0\5\26\7"), ("brev/Thumbs.db", b"x")]
    return make_zip(folder, [("brev/", b""), *letters, *junk])


def named(name: str, mode: int = 0, system: int = 3) -> zipfile.ZipInfo:
    """An entry with this very name; `mode` as unix says it."""
    entry = zipfile.ZipInfo("x")
    entry.filename = entry.orig_filename = name
    entry.create_system = system
    entry.external_attr = mode << 16
    return entry


def link(name: str) -> zipfile.ZipInfo:
    return named(name, stat.S_IFLNK | 0o777)


def patched(path: Path, old: bytes, new: bytes) -> Path:
    """The zip with some bytes changed everywhere; both are as long."""
    assert len(old) == len(new)
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    return path


def locked(path: Path) -> Path:
    """The zip with every entry marked as encrypted."""
    content = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(mark)
        while place >= 0:
            content[place + at] |= 1
            place = content.find(mark, place + 4)
    path.write_bytes(bytes(content))
    return path
