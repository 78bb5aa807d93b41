"""One worker that makes letters until there are none left, and tells what that took; started by `benchmarks.pipeline`.

It says "ready" when its child has its fonts, begins when told to, and ends with one line of JSON. Seconds of CPU and of
the clock, MiB of memory.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.measure import children_of, peak_of, share_of
from config.paths import FONTS
from config.settings import Settings
from fiks.core.environment import current
from fiks.utsending.brev import Brevtrykker
from workers.lanes import do_portion
from workers.process import Process

LOOKED_AT = 10
"""How often the child's memory is asked for: at every so many calls."""


class Timed(Brevtrykker):
    """The printer with a watch."""

    def __init__(self) -> None:
        super().__init__(FONTS)
        self.drawing = self.checking = self.child_peak = self.together = 0.0
        self.calls = 0

    def letters(self, *args: Any) -> Any:
        began = time.perf_counter()
        done = super().letters(*args)
        self.drawing += time.perf_counter() - began
        self.calls += 1
        if self.calls % LOOKED_AT == 0:
            self.look_at_child()
        return done

    def look_at_child(self) -> None:
        """Note the most memory the child has had, and what both hold; looking for it costs some letters' time."""
        own = os.getpid()
        children = children_of(own)
        self.child_peak = max([self.child_peak, *map(peak_of, children)])
        self.together = max(self.together, sum(map(share_of, [own, *children])))

    def looks_alike(self, *args: Any) -> bool:
        began = time.perf_counter()
        alike = super().looks_alike(*args)
        self.checking += time.perf_counter() - began
        return alike


def main() -> None:
    """Do the work."""
    process, printer, stored = Process(Settings.from_env(os.environ)), Timed(), [0.0]
    process.put(Process.printer, printer)
    with process.app.app_context():
        store = current().store
        _time(store, "put_segment", stored)
    printer.warm()
    print("ready", flush=True)
    sys.stdin.readline()
    before, began = _cpu(), time.monotonic()
    while do_portion("render", process):
        pass
    ended = time.monotonic()
    printer.look_at_child()
    printer.close()
    print(
        json.dumps(
            {
                "ended": ended,
                "drawing": printer.drawing,
                "checking": printer.checking,
                "storing": stored[0],
                "rest": ended - began - printer.drawing - printer.checking - stored[0],
                "cpu": _cpu() - before,
                "peak": peak_of(os.getpid()),
                "child_peak": printer.child_peak,
                "together": printer.together,
            }
        ),
        flush=True,
    )


def _time(thing: object, name: str, spent: list[float]) -> None:
    """Add the time that a method takes to `spent`."""
    original: Callable[..., Any] = getattr(thing, name)

    def timed(documents: Sequence[bytes], *rest: Any) -> Any:
        began = time.perf_counter()
        done = original(documents, *rest)
        spent[0] += time.perf_counter() - began
        return done

    setattr(thing, name, timed)


def _cpu() -> float:
    """Seconds of CPU of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
