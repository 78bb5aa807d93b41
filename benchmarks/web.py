"""The portal's pages under load, beside one that does nothing: how many a second, how fast, for persons logged in.

One web process, as many persons at once as there are connections. Each opens its next page when the last has come. The
visitors share the machine with the server, so the figures are a lower bound; the ratio to the page that does nothing is
what counts.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from benchmarks.measure import Watch, percentile
from benchmarks.report import Figure, Report
from benchmarks.running import platform
from benchmarks.visitor import Visitor
from testmiljo.demo import LILLEVIK, Kommune, set_up
from testmiljo.folders import VAR
from testmiljo.stack import Stack

FOLDER = VAR / "benchmarks" / "web"
SECONDS, QUICK_SECONDS = 10.0, 2.0
CONNECTIONS = 4
WEB_MIB = 300.0
NOTHING = "/helse/levende"
PAGES: tuple[tuple[str, str], ...] = (
    ("/oversikt", "Saksbehandler"),
    ("/utsendinger", "Saksbehandler"),
    ("/utsendinger/ny", "Saksbehandler"),
    ("/forsendelser", "Saksbehandler"),
    ("/tilganger", "Administrator"),
    ("/revisjonslogg", "Revisor"),
)
"""Pages that every day begins with, and who opens them."""


def run(*, quick: bool) -> Report:
    """Run the benchmark; with `quick` each page for a moment only."""
    seconds = QUICK_SECONDS if quick else SECONDS
    with platform(FOLDER, workers=False) as (stack, app):
        kommune = set_up(app, stack, LILLEVIK)[0]
        stack.start_portal()
        return Report(f"web, {CONNECTIONS} persons at once", _measure(stack, kommune, seconds))


def _measure(stack: Stack, kommune: Kommune, seconds: float) -> list[Figure]:
    with Watch({"portal": stack.children["portal"].pid}) as watch:
        visitors = {rolle: _visitors(stack, kommune, rolle) for _, rolle in PAGES}
        empty = _visit(visitors[PAGES[0][1]], NOTHING, seconds)
        figures = [*_told(NOTHING, empty, seconds)]
        for page, rolle in PAGES:
            times = _visit(visitors[rolle], page, seconds)
            figures += _told(page, times, seconds)
            ratio = percentile(times, 0.5) / percentile(empty, 0.5)
            figures.append(Figure(f"{page}: median, beside the page that does nothing", ratio, "×"))
    return [*figures, Figure("web process, most memory", watch.peak("portal"), "MiB", WEB_MIB)]


def _visitors(stack: Stack, kommune: Kommune, rolle: str) -> list[Visitor]:
    """One browser for each connection, all of the same person."""
    pid = next(person.pid for person in kommune.people if person.rolle == rolle)
    visitors = [Visitor(stack.base_url) for _ in range(CONNECTIONS)]
    for visitor in visitors:
        visitor.log_in(pid)
    return visitors


def _visit(visitors: Sequence[Visitor], page: str, seconds: float) -> list[float]:
    """Seconds of every visit to the page, which all make at once for so long; each one's first is not counted."""
    stopped = threading.Event()
    for visitor in visitors:
        visitor.open(page)
        visitor.times.clear()

    def stay(visitor: Visitor) -> list[float]:
        visitor.open(page)
        while not stopped.is_set():
            visitor.open(page)
        return [taken for _, taken in visitor.times]

    with ThreadPoolExecutor(len(visitors)) as together:
        visits = [together.submit(stay, visitor) for visitor in visitors]
        time.sleep(seconds)
        stopped.set()
        return [taken for one in visits for taken in one.result()]


def _told(page: str, times: Sequence[float], seconds: float) -> list[Figure]:
    return [
        Figure(f"{page}: pages a second", len(times) / seconds, "pages/s"),
        Figure(f"{page}: p95", 1000 * percentile(times, 0.95), "ms"),
    ]
