"""How often what leaves the house is tried, and when an unknown outcome may be asked for (reliability.md 4.4, 4.7)."""

from __future__ import annotations

from datetime import timedelta

RETRY_AFTER = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440))
"""Waits after a known failure, by attempt."""
MAX_LOST_OWNERS = 3
LOOKUPS_BEFORE_RETRY = 2
UNKNOWN_AT_MOST = timedelta(days=1)
"""For so long at least what always ends unknown, and is found nowhere, is tried again before a person must look."""


def retry_delay(attempt: int) -> timedelta | None:
    """The wait before attempt `attempt` + 1, or None when a person must look at it."""
    return RETRY_AFTER[attempt - 1] if attempt <= len(RETRY_AFTER) else None


def lookup_gap(quarantine_seconds: int) -> timedelta:
    """How long after one look-up of an unknown outcome the next may be made."""
    return timedelta(seconds=min(60.0, quarantine_seconds / 4))
