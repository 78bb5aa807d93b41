"""Counters that are told of from the start: a rise is seen only from a value before it."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Counter


def from_nought(counter: Counter, values: Iterable[str]) -> Counter:
    """The counter, which tells 0 for each of these values of its one label until something happens."""
    for value in values:
        counter.labels(value)
    return counter
