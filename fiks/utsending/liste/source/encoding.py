"""Detects a text file's encoding: Unicode, Windows, or an old DOS or Mac encoding."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from fiks.utsending.liste.mojibake import IMPOSSIBLE_SIGNS

CHUNK = 1024 * 1024
NORWEGIAN = "æøåÆØÅ"
WINDOWS = "cp1252"
REPLACEMENT_SIGN = "\ufffd"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ASCII = bytes(range(0x80))
_HIGH = range(0x80, 0x100)
_IN_NAMES = frozenset([*map(chr, range(0xC0, 0x17F)), *"§°«»´·½–—‘’“”…\xa0"]) - {"×", "÷"}
LEGACY_ENCODINGS = ("cp850", "mac_roman")
"""Old single-byte encodings. Nordic DOS (cp865) has its letters where cp850 has them."""


def detect_encoding(path: Path) -> str:
    """Return utf-8-sig, utf-16-le, utf-16-be, utf-8, cp1252, cp850 or mac_roman; UTF-8 only if every byte
    fits.
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
        for bom, name in _BOMS:
            if head.startswith(bom):
                return name
        if head[:1] and head.count(0) * 3 > len(head):
            return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            decoder.decode(head)
            while block := stream.read(CHUNK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return _detect_single_byte(path)
    return "utf-8"


def _detect_single_byte(path: Path) -> str:
    """Return Windows-1252, unless the file has no Norwegian letter in it and clearly is in a legacy encoding.

    Clearly: at least two of that encoding's Norwegian letters decode to characters that no name has in
    Windows-1252, one of them within a word or undefined there, and no byte is unlikely in a list. With less
    evidence the text rules report the cells that look wrong.
    """
    seen, worded = set[int](), set[str]()
    with path.open("rb") as stream:
        while block := stream.read(CHUNK):
            seen.update(block.translate(None, _ASCII))
            worded.update(koding for koding in LEGACY_ENCODINGS if _WORDED[koding].search(block))
    if seen & set(NORWEGIAN.encode(WINDOWS)):
        return WINDOWS
    fits = [koding for koding in worded if len(seen & _TELLTALES[koding]) > 1 and seen <= _POSSIBLE[koding]]
    return fits[0] if len(fits) == 1 else WINDOWS


def _read_as(koding: str, byte: int) -> str:
    return bytes([byte]).decode(koding, "replace")


def _telltale_bytes(koding: str, signs: str) -> set[int]:
    """Return the bytes of a legacy encoding's Norwegian letters that Windows-1252 decodes to one of these
    signs.
    """
    return {byte for byte in NORWEGIAN.encode(koding) if _read_as(WINDOWS, byte) in signs}


_TELLTALES = {
    koding: _telltale_bytes(koding, f"{IMPOSSIBLE_SIGNS}{REPLACEMENT_SIGN}") for koding in LEGACY_ENCODINGS
}
_WORDED = {
    koding: re.compile(
        b"[A-Za-z][%b][A-Za-z]|[%b]"
        % (bytes(_TELLTALES[koding]), bytes(_telltale_bytes(koding, REPLACEMENT_SIGN)))
    )
    for koding in LEGACY_ENCODINGS
}
_POSSIBLE = {
    koding: {byte for byte in _HIGH if _read_as(koding, byte) in _IN_NAMES} for koding in LEGACY_ENCODINGS
}
