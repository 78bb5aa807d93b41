"""One log line a request: which route, how it went, how long it took. The rule is logged, never the address."""

from __future__ import annotations

import time
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger(__name__)

QUIET = frozenset({"static", "sider.helse"})


def init_app(app: Flask) -> None:
    """Time and log each request of `app`."""
    app.before_request(start)
    app.after_request(finish)


def start() -> None:
    """Note when the request began."""
    g.started = time.perf_counter()
    request_id()


def request_id() -> str:
    """This request's own id, made here and never taken from outside: in log and audit rows, and as errorId."""
    if "request_id" not in g:
        g.request_id = str(uuid4())
    made: str = g.request_id
    return made


def finish(response: Response) -> Response:
    """Write the line."""
    if request.endpoint in QUIET and response.status_code < 400:
        return response
    log.info(
        "foresporsel",
        metode=request.method,
        rute=str(request.url_rule) if request.url_rule else None,
        status=response.status_code,
        request_id=request_id(),
        ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000),
    )
    return response
