"""A child that gets no processor is not one that hangs: on a machine that is busy it is waited for longer."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

MOST = 10
"""How many times as long a child is waited for that waits for a processor. What it may use of one has its own limit."""
_LOOK_SECONDS = 1.0


def said_in_time(poll: Callable[[float], object], deadline: float, last: float, pid: int) -> bool:
    """Whether `poll(seconds)` finds something before `deadline`, or before `last` while the child wants a processor.

    Both by `time.monotonic()`.
    """
    if poll(max(0.0, deadline - time.monotonic())):
        return time.monotonic() < last
    while (left := last - time.monotonic()) > 0 and would_run(pid):
        if poll(min(_LOOK_SECONDS, left)):
            return True
    return False


def would_run(pid: int) -> bool:
    """Whether the process runs, or would if a processor were free. Where nobody can tell, it does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] == "R"
