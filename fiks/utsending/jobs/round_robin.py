"""Round robin over many keys, for jobs that have no time for all of them in one run."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar, cast

Key = TypeVar("Key")


class RoundRobin(Generic[Key]):
    """Iterates sorted keys, and starts the next run after the last key that had its turn.

    So no key waits longer than one turn of each of the others, whatever keys come or go meanwhile.
    """

    def __init__(self) -> None:
        self.last: Key | None = None

    def of(self, keys: Sequence[Key]) -> Iterator[Key]:
        """Every key once. `keys` must be sorted, and comparable with the keys of the run before."""
        start = 0 if self.last is None else bisect_right(cast(Sequence[Any], keys), self.last)
        for key in (*keys[start:], *keys[:start]):
            self.last = key
            yield key
