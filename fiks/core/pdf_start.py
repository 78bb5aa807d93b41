"""How a file that may be a PDF begins: what can be told of it before it is opened."""

from __future__ import annotations

HEADER = 1024
"""A PDF's mark stands within so many bytes of the file's begin."""
_MARK = b"%PDF-"


def begins_as_pdf(start: bytes | bytearray) -> bool:
    """Whether a file that begins so may be a PDF; `start` is its first `HEADER` bytes or more."""
    return _MARK in start[:HEADER]
