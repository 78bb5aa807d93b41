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
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

from benchmarks.measure import children_of, peak_of
from config.settings import Settings
from fiks.core import isolate
from fiks.core.environment import current
from fiks.core.isolate import Barn
from testmiljo.stack import WORKERS
from workers.lanes import do_portion
from workers.process import Process

THREADS = WORKERS["pdf"].threads
LOOKED_AT = 10
"""How often the child's memory is asked for: at every so many calls."""


class Timed(Barn):
    """The child with a watch: seconds by function, and the most memory any of them has had."""

    spent: ClassVar[dict[str, float]] = defaultdict(float)
    calls = 0
    peak = 0.0

    def call(self, name: str, *args: Any) -> Any:
        began = time.perf_counter()
        try:
            return super().call(name, *args)
        finally:
            Timed.spent[name.partition(":")[2]] += time.perf_counter() - began
            Timed.calls += 1
            if Timed.calls % LOOKED_AT == 0:
                look_at_children()


def look_at_children() -> None:
    """Note the most memory a child has had; looking through all processes costs some letters' time."""
    Timed.peak = max([Timed.peak, *map(peak_of, children_of(os.getpid()))])


def main() -> None:
    """Do the work."""
    isolate.Barn = Timed  # type: ignore[misc]
    process, stored = Process(Settings.from_env(os.environ)), [0.0]
    printer = process.printer
    with process.app.app_context():
        store = current().store
        _time(store, "put_segment", stored)
    printer.warm()
    print("ready", flush=True)
    sys.stdin.readline()
    before, began = _cpu(), time.monotonic()
    with ThreadPoolExecutor(THREADS) as threads:
        for done in [threads.submit(_work, process) for _ in range(THREADS)]:
            done.result()
    ended = time.monotonic()
    look_at_children()
    printer.close()
    print(
        json.dumps(
            {
                "ended": ended,
                "drawing": Timed.spent["letters_wire"],
                "checking": Timed.spent["check_wire"],
                "storing": stored[0],
                "idle": ended - began - Timed.spent["letters_wire"] - Timed.spent["check_wire"],
                "cpu": _cpu() - before,
                "peak": peak_of(os.getpid()),
                "child_peak": Timed.peak,
            }
        ),
        flush=True,
    )


def _work(process: Process) -> None:
    while do_portion("render", process):
        pass


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
