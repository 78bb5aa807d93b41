"""Streaming BER reader: just enough to read an envelope whose content may be larger than memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

_INDEFINITE = 0x80
_OCTETS = 0x04
_END = b"\x00\x00"
_MAX_LENGTH_OCTETS = 8
_MAX_DEPTH = 16
PIECE = 64 * 1024
FREE_PARTS, LEAST_PART = 1_000, 256
"""From this many parts of a string on, each part must average LEAST_PART octets.

Clients write a thousand parts or more (openssl, BouncyCastle), or one; the cost per part is the same however
small, so parts of one octet would take hours.
"""


class BerFeil(Exception):
    """The stream ended early, or does not hold the expected element."""


class Kilde:
    """Element-by-element reader of a BER stream. Tags are one octet; lengths are definite or indefinite."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._held = bytearray()
        self._left: int | None = None

    @contextmanager
    def at_most(self, limit: int) -> Iterator[None]:
        """Limit reads inside the block to `limit` octets; BerFeil when more are needed."""
        self._left = limit
        yield
        self._left = None

    def next_tag(self) -> int:
        """Return the next tag without consuming it."""
        self._fill(1)
        return self._held[0]

    def enter(self, tag: int) -> None:
        """Consume the tag and length of a constructed element; its content comes next."""
        self._expect(tag)
        self._length()

    def element(self, tag: int) -> bytes:
        """Consume and return one whole element, head included. Meant for small elements."""
        if self.next_tag() != tag:
            raise BerFeil("another tag")
        return self._whole(0)

    def octets(self, tag: int) -> Iterator[bytes]:
        """Yield the content of a primitive string of definite length, in pieces."""
        self._expect(tag)
        length = self._length()
        if length is None:
            raise BerFeil("a primitive element has a length")
        yield from self._pieces(length)

    def octets_in_parts(self, tag: int) -> Iterator[bytes]:
        """Yield the content of a constructed string: the primitive octet strings inside it, gathered into
        pieces of about PIECE.
        """
        gathered = bytearray()
        for piece in self._parts(tag):
            gathered += piece
            if len(gathered) >= PIECE:
                yield bytes(gathered)
                gathered.clear()
        if gathered:
            yield bytes(gathered)

    def _parts(self, tag: int) -> Iterator[bytes]:
        self._expect(tag)
        left = self._length()
        parts = octets = 0
        while left is None or left > 0:
            if left is None and self._at_end():
                return
            self._expect(_OCTETS)
            head, length = self._length_and_size()
            if length is None:
                raise BerFeil("a primitive element has a length")
            if left is not None:
                left -= 1 + head + length
                if left < 0:
                    raise BerFeil("longer than what it stands in")
            parts, octets = parts + 1, octets + length
            if parts > FREE_PARTS and octets < parts * LEAST_PART:
                raise BerFeil("cut into too many parts")
            yield from self._pieces(length)

    def drain(self) -> None:
        """Read to the end of the stream and discard it."""
        self._held.clear()
        for _ in self._chunks:
            pass

    def _at_end(self) -> bool:
        self._fill(2)
        if self._held[:2] != _END:
            return False
        self._take(2)
        return True

    def _expect(self, tag: int) -> None:
        if self._take(1)[0] != tag:
            raise BerFeil("another tag")

    def _length(self) -> int | None:
        return self._length_and_size()[1]

    def _length_and_size(self) -> tuple[int, int | None]:
        """Return the number of octets the length field takes, and the length; None for an indefinite length."""
        first = self._take(1)[0]
        if first == _INDEFINITE:
            return 1, None
        if first < _INDEFINITE:
            return 1, first
        count = first & 0x7F
        if count > _MAX_LENGTH_OCTETS:
            raise BerFeil("too long")
        return 1 + count, int.from_bytes(self._take(count), "big")

    def _whole(self, depth: int) -> bytes:
        """Return one element with its head; an indefinite length is rewritten as a definite one."""
        if depth > _MAX_DEPTH:
            raise BerFeil("too deep")
        tag = self._take(1)
        length = self._length()
        if length is not None:
            return _written(tag, self._take(length))
        inner = bytearray()
        while not self._at_end():
            inner += self._whole(depth + 1)
        return _written(tag, bytes(inner))

    def _pieces(self, length: int) -> Iterator[bytes]:
        while length:
            self._fill(1)
            piece = self._take(min(length, len(self._held), PIECE))
            length -= len(piece)
            yield piece

    def _fill(self, count: int) -> None:
        while len(self._held) < count:
            chunk = next(self._chunks, None)
            if chunk is None:
                raise BerFeil("ended early")
            self._held += chunk

    def _take(self, count: int) -> bytes:
        if self._left is not None:
            if count > self._left:
                raise BerFeil("too long")
            self._left -= count
        self._fill(count)
        taken = bytes(self._held[:count])
        del self._held[:count]
        return taken


def _written(tag: bytes, content: bytes) -> bytes:
    """Return an element with its length in DER form."""
    size = len(content)
    if size < _INDEFINITE:
        return tag + bytes([size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return tag + bytes([_INDEFINITE | len(length)]) + length + content
