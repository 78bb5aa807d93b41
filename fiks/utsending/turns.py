"""Whose turn it is among many, when there is not time for all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar, cast

Key = TypeVar("Key")


class Turns(Generic[Key]):
    """Goes through what there is in order, and begins the next time after the last that had its turn.

    So nobody waits for more than one turn of each of the others, whoever comes or goes meanwhile.
    """

    def __init__(self) -> None:
        self.last: Key | None = None

    def of(self, keys: Sequence[Key]) -> Iterator[Key]:
        """All of them once. `keys`: sorted, and comparable with those of the time before."""
        start = 0 if self.last is None else bisect_right(cast(Sequence[Any], keys), self.last)
        for key in (*keys[start:], *keys[:start]):
            self.last = key
            yield key
