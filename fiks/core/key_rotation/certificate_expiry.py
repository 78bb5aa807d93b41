"""Expiry of certificates: when one must be replaced."""

from __future__ import annotations

from datetime import datetime, timedelta

from fiks.core import clock

SOON = timedelta(days=30)
"""Lead time: as long as it may take to get and install a new certificate."""


def expires_soon(until: datetime) -> bool:
    """Return whether a certificate valid `until` then has expired, or expires within the lead time for a new
    one.
    """
    return until <= clock.now() + SOON
