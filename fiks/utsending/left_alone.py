"""Pieces that this process leaves to others for a moment: it could not do them for want of what another may have.

They are ready for anybody, and would else stand first in this process's way again and again.
"""

from __future__ import annotations

import time

SECONDS = 15.0
_until: dict[int, float] = {}


def leave_alone(part_id: int) -> None:
    """Leave this piece alone for SECONDS."""
    _until[part_id] = time.monotonic() + SECONDS


def left_alone() -> list[int]:
    """The pieces that are left alone now."""
    now = time.monotonic()
    for part_id, until in list(_until.items()):
        if until <= now:
            _until.pop(part_id, None)
    return list(_until)
