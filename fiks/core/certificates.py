"""When a certificate has to be replaced."""

from __future__ import annotations

from datetime import datetime, timedelta

from fiks.core import clock

SOON = timedelta(days=30)
"""As long as another may take to be had and given out."""


def expires_soon(until: datetime) -> bool:
    """Whether a certificate that is good until then has run out, or does before there can be another."""
    return until <= clock.now() + SOON
