"""One id from the click to the receipt: every log line that is written while it is followed has it.

A request makes the id; the history of what it set going keeps it (`KEY` among the details of the first event), and so
does a row that is work by itself: a piece of a mailing's, an SMS, an e-mail. Who takes it up follows it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

KEY = "request_id"


def begin(request_id: str) -> None:
    """Follow `request_id` from here on in this thread, and nothing that it did before."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**{KEY: request_id})


@contextmanager
def following(request_id: str | None, **ids: str) -> Iterator[None]:
    """While the block runs, lines have `ids` and the id of the request it all comes from, if that is known."""
    with structlog.contextvars.bound_contextvars(**ids, **kept(request_id)):
        yield


def followed() -> str | None:
    """The request whose id lines have here and now, if any: work that is ordered meanwhile comes from it."""
    known: str | None = structlog.contextvars.get_contextvars().get(KEY)
    return known


def kept(request_id: str | None) -> dict[str, Any]:
    """What the history of a request's first effect holds among its details."""
    return {KEY: request_id} if request_id else {}
