"""CPU starvation: a child that gets no processor does not hang, so on a busy machine it is waited for longer
(ADR 0009).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

MAX_STRETCH = 10
"""A child that waits for a processor is waited for at most this many times as long. Its CPU time has a limit
of its own.
"""
_LOOK_SECONDS = 1.0


def answered_in_time(poll: Callable[[float], object], deadline: float, last: float, pid: int) -> bool:
    """Return whether `poll(seconds)` finds something before `deadline`, or before `last` while the child
    wants a processor.

    Both are `time.monotonic()` values.
    """
    if poll(max(0.0, deadline - time.monotonic())):
        return time.monotonic() < last
    while (left := last - time.monotonic()) > 0 and wants_processor(pid):
        if poll(min(_LOOK_SECONDS, left)):
            return True
    return False


def wants_processor(pid: int) -> bool:
    """Return whether the process runs, or would if a processor were free; False when that cannot be read."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] == "R"
