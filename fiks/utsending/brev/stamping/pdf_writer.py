"""PDF writer: keeps everything but the page streams as finished bytes."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from isal import isal_zlib

_HEADER = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"
_ENTRY = 7
_FAST, _FASTEST = 1, 0
"""Compression levels for the parts written per letter: pages, and the cross-reference stream, which hardly
shrinks.
"""


@dataclass(frozen=True, slots=True)
class PdfObjects:
    """The objects of a PDF: `packed` go into one object stream, `plain` are streams; missing numbers are the
    pages.
    """

    packed: Mapping[int, bytes]
    plain: Mapping[int, bytes]
    pages: Sequence[int]
    root: int
    info: int
    size: int


class PdfSkeleton:
    """Writes a PDF around its page streams; same streams, same bytes.

    `head`: the common first part of all files, most of the bytes: fonts, tags, pictures.
    """

    def __init__(self, objects: PdfObjects) -> None:
        self.pages = tuple(objects.pages)
        self.xref = objects.size + 1
        entries = [(0, 0, 0)] * (self.xref + 1)
        head = [_HEADER]
        at = len(_HEADER)
        for number, data in sorted(objects.plain.items()):
            entries[number] = (1, at, 0)
            head.append(b"%d 0 obj\n%b\nendobj\n" % (number, data))
            at += len(head[-1])
        for index, number in enumerate(sorted(objects.packed)):
            entries[number] = (2, objects.size, index)
        entries[objects.size] = (1, at, 0)
        head.append(_object_stream(objects.size, objects.packed))
        self.head = b"".join(head)
        for number in (*self.pages, self.xref):
            entries[number] = (1, 0, 0)
        self.entries = b"".join(
            b"%c%b%b" % (kind, place.to_bytes(4, "big"), index.to_bytes(2, "big"))
            for kind, place, index in entries
        )
        self.trailer = b"/Root %d 0 R /Info %d 0 R /Size %d /W [1 4 2] /Type /XRef /Filter /FlateDecode" % (
            objects.root,
            objects.info,
            self.xref + 1,
        )

    def write(self, streams: Sequence[bytes]) -> bytes:
        """Return the bytes after the head, with these page streams in page order."""
        out, entries, at = [], bytearray(self.entries), len(self.head)
        digest = hashlib.md5(usedforsecurity=False)
        for number, raw in zip(self.pages, streams, strict=True):
            data = isal_zlib.compress(raw, _FAST)
            digest.update(data)
            out.append(
                b"%d 0 obj\n<</Filter /FlateDecode /Length %d>>\nstream\n%b\nendstream\nendobj\n"
                % (number, len(data), data)
            )
            _place(entries, number, at)
            at += len(out[-1])
        _place(entries, self.xref, at)
        data = isal_zlib.compress(bytes(entries), _FASTEST)
        name = digest.hexdigest().encode()
        out.append(
            b"%d 0 obj\n<<%b /ID [<%b> <%b>] /Length %d>>\nstream\n%b\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
            % (self.xref, self.trailer, name, name, len(data), data, at)
        )
        return b"".join(out)


def _place(entries: bytearray, number: int, at: int) -> None:
    start = _ENTRY * number + 1
    entries[start : start + 4] = at.to_bytes(4, "big")


def _object_stream(number: int, packed: Mapping[int, bytes]) -> bytes:
    table, bodies, at = [], [], 0
    for inner, data in sorted(packed.items()):
        table += [inner, at]
        bodies.append(data)
        at += len(data) + 1
    first = " ".join(map(str, table)).encode()
    data = zlib.compress(b"\n".join([first, *bodies]), 9)
    return (
        b"%d 0 obj\n<</Type /ObjStm /N %d /First %d /Filter /FlateDecode /Length %d>>\nstream\n%b\nendstream\nendobj\n"
        % (number, len(bodies), len(first) + 1, len(data), data)
    )
