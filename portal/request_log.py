"""One log line and one measurement a request: which route, how it went, how long it took. Of an address only the rule
is told, never the address itself.

Every line that is written while a request is answered has its id, whoever writes it.
"""

from __future__ import annotations

import time
from collections.abc import Container
from functools import partial
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

from fiks.core import trace

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
"""There from the first moment, so that one that is not there is a process that is away."""


def init_app(app: Flask, opplastinger: Container[str | None]) -> None:
    """Time and log each request of `app`. `opplastinger`: endpoints that letters, lists or files come to; how long
    that takes is up to who sends them.
    """
    app.before_request(start)
    app.after_request(partial(finish, opplastinger))


def start() -> None:
    """Note when the request began."""
    g.started = time.perf_counter()
    trace.begin(request_id())


def request_id() -> str:
    """This request's own id, made here and never taken from outside: in log and audit rows, and as errorId."""
    if "request_id" not in g:
        g.request_id = str(uuid4())
    made: str = g.request_id
    return made


def kind(status: int) -> str:
    """What a status is counted as: its hundred, and "429" by itself, since it says that a limit was reached."""
    return str(status) if status == TOO_MANY else f"{status // 100}xx"


def finish(opplastinger: Container[str | None], response: Response) -> Response:
    """Count the request and write the line."""
    if request.endpoint in QUIET and response.status_code < 400:
        return response
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    rute = str(request.url_rule) if request.url_rule else None
    metode = request.method if request.method in METHODS else "annen"
    REQUESTS.labels(rute or "ukjent", metode, kind(response.status_code)).inc()
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
