"""Connection to PostgreSQL: URL, timeouts, and how soon either end notices that the other is gone."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode

CLIENT_TIMEOUTS = {
    "connect_timeout": "10",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "11000",
}
"""After eleven seconds we notice that a server disappeared without a word, even in the middle of an answer.
"""
SERVER_TIMEOUTS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "tcp_keepalives_idle": 15,
        "tcp_keepalives_interval": 5,
        "tcp_keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }.items()
)
"""After half a minute the server notices that a client machine disappeared without a word and releases its
locks; by default that takes over two hours.

Later than our own end, so that a worker that is only cut off has stopped before another takes its letters.
"""

IN_UTC = "-c timezone=UTC"
"""All times are read in UTC, whatever the server's zone. A difference of two times in Norway's zone is
wall-clock time: on the nights of the summer time change it is an hour too much or too little.
"""

PATIENCE_SECONDS = 50
"""Longest statement of a request: shorter than the minute after which an intermediary gives up."""


def sqlalchemy_url(url: str) -> str:
    """Return a PostgreSQL URL with psycopg 3 as driver, whichever common spelling it has."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def owner_url(environ: Mapping[str, str]) -> str:
    """Return the URL of the role that owns the schema, with our driver; the application's where no other is
    set.

    KeyError when neither is set.
    """
    return sqlalchemy_url(environ.get("MIGRATION_DATABASE_URL") or environ["DATABASE_URL"])


def with_timeouts(url: str) -> str:
    """Return the URL with client and server timeouts, unless it sets them itself, and always with UTC."""
    return _with_options(url, CLIENT_TIMEOUTS, SERVER_TIMEOUTS, IN_UTC)


def with_statement_timeout(url: str) -> str:
    """As `with_timeouts`, with a statement timeout of `PATIENCE_SECONDS`, for requests that a person waits
    for.

    Without it a statement goes on for nobody and takes CPU from those who wait. The server's administrator
    may set another.
    """
    return _with_options(url, {}, f"-c statement_timeout={PATIENCE_SECONDS}s")


def _with_options(url: str, ours: Mapping[str, str], its: str, always: str = "") -> str:
    """Return the URL with our parameters and the server's options, unless it sets them itself, and always
    with `always`.
    """
    base, _, query = url.partition("?")
    given = dict(parse_qsl(query, keep_blank_values=True))
    options = f"{its} {given.get('options', '')} {always}".strip()
    return f"{base}?{urlencode({**ours, **given, 'options': options}, quote_via=quote)}"
