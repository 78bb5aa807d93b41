"""Counters that are exported as 0 from the start: Prometheus sees a rise only from an earlier value."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Counter


def start_at_zero(counter: Counter, values: Iterable[str]) -> Counter:
    """Return the counter after exporting 0 for each of these values of its only label."""
    for value in values:
        counter.labels(value)
    return counter
