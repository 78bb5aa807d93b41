"""What comes in pieces, and may not become more than it is allowed to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fiks.core.crypto import Chunk
from fiks.core.errors import FiksError


def limited(chunks: Iterable[Chunk], limit: int, error: FiksError) -> Iterator[Chunk]:
    """The chunks as they come; raises `error` as soon as they are more than `limit` bytes."""
    left = limit
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise error
        yield chunk
