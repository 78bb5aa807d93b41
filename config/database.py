"""How we come to PostgreSQL, and how soon either end notices that the other is gone."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode

OUR_END = {
    "connect_timeout": "10",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "11000",
}
"""Eleven seconds after a server has gone without a word we know, though it is in the middle of an answer."""
ITS_END = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "tcp_keepalives_idle": 15,
        "tcp_keepalives_interval": 5,
        "tcp_keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }.items()
)
"""Half a minute after a machine of ours has gone without a word the server lets go of its locks; else it takes over
two hours. Later than our end, so that a worker that is only cut off has stopped when another takes its letters over."""

IN_UTC = "-c timezone=UTC"
"""Every time is read in UTC, whatever zone the server was set up in. The difference of two times read in Norway's zone
is that of a clock on the wall: on the nights of summer time an hour too much or too little."""

PATIENCE_SECONDS = 50
"""How long one statement of a request may take: less than the minute after which who stands between gives up."""


def sqlalchemy_url(url: str) -> str:
    """Return a PostgreSQL URL with psycopg 3 as driver, whichever of the common spellings it has."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def owner_url(environ: Mapping[str, str]) -> str:
    """The URL of the role that owns the schema, with our driver; that of the application where no other is set.

    KeyError when neither is.
    """
    return sqlalchemy_url(environ.get("MIGRATION_DATABASE_URL") or environ["DATABASE_URL"])


def attentive(url: str) -> str:
    """Return the URL with `OUR_END` and `ITS_END`, but for what it says itself, and with `IN_UTC` whatever it says."""
    return _with(url, OUR_END, ITS_END, IN_UTC)


def impatient(url: str) -> str:
    """Return the URL of `attentive` for who is waited for: a statement is broken off after `PATIENCE_SECONDS`.

    Else it goes on for nobody, and takes a processor from those who wait. Whoever set the server up may say otherwise.
    """
    return _with(url, {}, f"-c statement_timeout={PATIENCE_SECONDS}s")


def _with(url: str, ours: Mapping[str, str], its: str, always: str = "") -> str:
    """Return the URL with our settings and the server's, but for what it says itself, and `always`."""
    base, _, query = url.partition("?")
    given = dict(parse_qsl(query, keep_blank_values=True))
    options = f"{its} {given.get('options', '')} {always}".strip()
    return f"{base}?{urlencode({**ours, **given, 'options': options}, quote_via=quote)}"
