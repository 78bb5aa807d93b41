"""One log line and one measurement per request: route, outcome and duration. Only the URL rule is logged,
never the address itself.

Every log line written during a request carries the request's id.
"""

from __future__ import annotations

import time
from collections.abc import Container
from functools import partial
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

from fiks.core.telemetry import trace

log = structlog.get_logger(__name__)

QUIET = frozenset({"static", "helse.levende", "helse.klar"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUESTS = Counter(
    "fiks_http_requests_total", "Requests, by route and kind of answer", ["rute", "metode", "svar"]
)
TOO_MANY = 429
SECONDS = Histogram(
    "fiks_http_request_seconds",
    "How long a request took to answer, but for sending the body of a download; with reading what was uploaded",
    ["rute", "opplasting"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 5, 10, 30, 60),
)
STARTS = Counter("fiks_portal_starts_total", "Processes of the portal that have begun", ["prosess"])
"""Exists from the first moment of a process, so that a missing series means a missing process."""


def init_app(app: Flask, opplastinger: Container[str | None]) -> None:
    """Time and log each request of `app`. `opplastinger`: endpoints that receive letters, lists or files,
    whose duration depends on the sender.
    """
    app.before_request(start)
    app.after_request(partial(finish, opplastinger))


def start() -> None:
    """Note when the request began."""
    g.started = time.perf_counter()
    trace.start_trace(request_id())


def request_id() -> str:
    """Return the request's id, made here and never taken from outside. Used in log lines and audit rows, and
    as errorId.
    """
    if "request_id" not in g:
        g.request_id = str(uuid4())
    made: str = g.request_id
    return made


def status_class(status: int) -> str:
    """Class of a status for the metric: "2xx", "4xx" …, and "429" by itself, since it means that a limit was
    reached.
    """
    return str(status) if status == TOO_MANY else f"{status // 100}xx"


def finish(opplastinger: Container[str | None], response: Response) -> Response:
    """Count the request and write the line."""
    if request.endpoint in QUIET and response.status_code < 400:
        return response
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    rute = str(request.url_rule) if request.url_rule else None
    metode = request.method if request.method in METHODS else "annen"
    REQUESTS.labels(rute or "ukjent", metode, status_class(response.status_code)).inc()
    opplasting = "ja" if request.endpoint in opplastinger else "nei"
    SECONDS.labels(rute or "ukjent", opplasting).observe(seconds)
    log.info(
        "foresporsel",
        metode=request.method,
        rute=rute,
        status=response.status_code,
        request_id=request_id(),
        ms=round(seconds * 1000),
    )
    return response
