"""Size limit for streams from outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fiks.core.crypto.encryption import Chunk
from fiks.core.errors import FiksError


def enforce_size_limit(chunks: Iterable[Chunk], limit: int, error: FiksError) -> Iterator[Chunk]:
    """Yield the chunks unchanged; raise `error` as soon as they exceed `limit` bytes in all."""
    left = limit
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise error
        yield chunk
