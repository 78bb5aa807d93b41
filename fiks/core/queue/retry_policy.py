"""Retry policy for everything that leaves the house: waits between attempts, and when an unknown outcome is
looked up.

Source: reliability.md 4.4, 4.7.
"""

from __future__ import annotations

from datetime import timedelta

RETRY_AFTER = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440))
"""Waits after a known failure, by attempt number."""
MAX_LOST_OWNERS = 3
LOOKUPS_BEFORE_RETRY = 2
UNKNOWN_RETRIED_FOR = timedelta(days=1)
"""Deliveries whose every attempt ends unknown, and that no look-up finds, are retried for at least this long.
After that a person must look at them.
"""


def retry_delay(attempt: int) -> timedelta | None:
    """Return the wait before attempt `attempt` + 1; None when the attempts are used up and a person must act."""
    return RETRY_AFTER[attempt - 1] if attempt <= len(RETRY_AFTER) else None


def lookup_interval(quarantine_seconds: int) -> timedelta:
    """Return the least time between two look-ups of the same unknown outcome."""
    return timedelta(seconds=min(60.0, quarantine_seconds / 4))
