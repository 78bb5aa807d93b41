"""One request id from the click to the receipt, on every log line of the work it causes.

A request creates the id. The history of its first effect stores it (`KEY` among the details of the first
event), and so does every row that is work of its own: a job of a mailing, an SMS, an e-mail. Whoever takes up
that work continues the id.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

KEY = "request_id"


def start_trace(request_id: str) -> None:
    """Use `request_id` on this thread's log lines from now on, and drop everything bound before."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**{KEY: request_id})


@contextmanager
def continue_trace(request_id: str | None, **ids: str) -> Iterator[None]:
    """Add `ids`, and the request id if known, to the log lines written inside the block."""
    with structlog.contextvars.bound_contextvars(**ids, **history_details(request_id)):
        yield


def current_request_id() -> str | None:
    """Return the request id of the present log context, if any: work ordered now is caused by that request."""
    known: str | None = structlog.contextvars.get_contextvars().get(KEY)
    return known


def history_details(request_id: str | None) -> dict[str, Any]:
    """Return the details that store the request id in the history of a request's first effect."""
    return {KEY: request_id} if request_id else {}
