"""Back-off: jobs this process skips for 15 s after a failure that is not the job's fault.

Another worker takes them meanwhile. Otherwise they would come first in this process's queue again and again.
"""

from __future__ import annotations

import time

SKIP_SECONDS = 15.0
_until: dict[int, float] = {}


def skip_for_now(part_id: int) -> None:
    """Skip this piece for SKIP_SECONDS."""
    _until[part_id] = time.monotonic() + SKIP_SECONDS


def skipped_ids() -> list[int]:
    """The ids of the pieces that are skipped now."""
    now = time.monotonic()
    for part_id, until in list(_until.items()):
        if until <= now:
            _until.pop(part_id, None)
    return list(_until)
