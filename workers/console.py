"""What the commands share: how they read a file that is named, and know a database that is away."""

from __future__ import annotations

from pathlib import Path

import psycopg
from sqlalchemy.exc import OperationalError

AWAY = ("08", "28", "57P01", "57P02", "57P03")
"""SQLSTATEs, or how they begin, of who does not answer, does not let us in, or is about to end or to begin."""


def is_away(error: OperationalError | psycopg.OperationalError) -> bool:
    """Whether the database does not answer us. A full disk, a lock or a deadlock is an answer; none has no state."""
    state = getattr(error.orig if isinstance(error, OperationalError) else error, "sqlstate", None)
    return state is None or state.startswith(AWAY)


def read_file(path: Path) -> bytes:
    """What a file holds. ValueError, in a sentence, when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} kan ikke leses") from error


def read_text(path: Path) -> str:
    """What a file of text holds. ValueError, in a sentence, when it cannot be read or is no text."""
    try:
        return read_file(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} er ikke tekst i UTF-8") from error
