"""The metrics of this process: where they are counted, and the address that serves them.

Processes started by one master (gunicorn's, dramatiq's) are a *family*, whose numbers are served as one. Each
member counts in files of its own place in the family's folder, which `config.start` creates. A member that
takes a dead one's place continues its counts, so counters never fall and the files never grow in number. The
member with the first place serves for all. A process without a family counts in its own memory.

Import this before any metric is created: a metric's storage is fixed at creation.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Metric,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from config.settings import Settings

log = logging.getLogger(__name__)
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
OURS = "fiks_"
TRY_AGAIN_SECONDS = 5.0

Page = Callable[[], tuple[int, str]]
"""Handler of a path: returns status and a JSON text."""


class Place:
    """A member's place in the family's folder: the lowest free one, held by a lock that ends with the
    process.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pid = 0
        self._number = -1
        self._file: IO[bytes] | None = None

    def __call__(self) -> int:
        """Return the number of this process's place, taken at the first call; a fork takes a place of its
        own.
        """
        if self._pid != os.getpid():
            self._take()
        return self._number

    def _take(self) -> None:
        number = 0
        while (file := _locked(self._folder / f"{number}.plass")) is None:
            number += 1
        self._pid, self._number, self._file = os.getpid(), number, file


def _locked(path: Path) -> IO[bytes] | None:
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _join_family() -> Place | None:
    """Count in the family's folder from now on, if there is one."""
    folder = os.environ.get(FOLDER, "")
    if not folder:
        return None
    place = Place(Path(folder))
    values.ValueClass = values.MultiProcessValue(process_identifier=place)  # type: ignore[no-untyped-call]
    return place


_place = _join_family()


class FamilyCollector(Collector):
    """Collects the metrics to serve, of this process or of its family.

    Gauges are set by one process alone, the sweeper that holds the lock: elsewhere they would be 0 or
    outdated. So only the process that `measures` now exports them.
    """

    def __init__(self, measures: Callable[[], bool]) -> None:
        self._measures = measures

    def collect(self) -> Iterable[Metric]:
        if _place is not None:
            family = MultiProcessCollector(None, os.environ[FOLDER])  # type: ignore[no-untyped-call]
            return [metric for metric in family.collect() if metric.type != "gauge"]  # type: ignore[no-untyped-call]
        hidden = not self._measures()
        return [
            m for m in REGISTRY.collect() if not (hidden and m.type == "gauge" and m.name.startswith(OURS))
        ]


def text(measures: Callable[[], bool] = lambda: False) -> bytes:
    """Return all metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(FamilyCollector(measures))
    return generate_latest(registry)


def total(name: str) -> float:
    """Return the sum of a counter over its labels and the family."""
    return sum(
        sample.value
        for metric in FamilyCollector(lambda: False).collect()
        for sample in metric.samples
        if sample.name == name
    )


def listen(
    settings: Settings,
    *,
    measures: Callable[[], bool] = lambda: False,
    pages: Mapping[str, Page] | None = None,
) -> threading.Thread | None:
    """Serve `/metrics`, `/helse/levende` and `pages` at METRICS_BIND:METRICS_PORT; None without a port.

    Only one process of a family serves. While the port is taken, by a family about to end, it is tried again
    in the background: metrics never delay a process.
    """
    if not settings.metrics_port or (_place is not None and _place() != 0):
        return None
    where = (settings.metrics_bind, settings.metrics_port)
    handler = _handler(measures, pages or {})
    thread = threading.Thread(target=_serve, args=(where, handler), name="metrics", daemon=True)
    thread.start()
    return thread


def _serve(where: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
    told = False
    while True:
        try:
            server = ThreadingHTTPServer(where, handler)
        except OSError as error:
            if not told:
                log.warning("metrics_not_served", extra={"port": where[1], "error": type(error).__name__})
            told = True
            time.sleep(TRY_AGAIN_SECONDS)
            continue
        server.daemon_threads = True
        server.serve_forever()


def _handler(measures: Callable[[], bool], pages: Mapping[str, Page]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, text(measures))
            elif self.path == "/helse/levende":
                self._answer(200, "text/plain; charset=utf-8", b"ok\n")
            elif page := pages.get(self.path):
                status, body = page()
                self._answer(status, "application/json; charset=utf-8", body.encode())
            else:
                self._answer(404, "text/plain; charset=utf-8", b"finnes ikke\n")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing: a scrape is no event."""

    return Handler
