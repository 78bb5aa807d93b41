"""Magic bytes of a PDF: the check made before a file is opened."""

from __future__ import annotations

HEADER = 1024
"""The magic bytes stand within this many bytes of the file's beginning."""
_MARK = b"%PDF-"


def begins_as_pdf(start: bytes | bytearray) -> bool:
    """Return whether a file with this beginning may be a PDF; `start` is its first `HEADER` bytes or more."""
    return _MARK in start[:HEADER]
