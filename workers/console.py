"""Shared by the commands: reading files named on the command line, and recognising an unreachable database."""

from __future__ import annotations

from pathlib import Path

import psycopg
from sqlalchemy.exc import OperationalError

AWAY = ("08", "28", "57P01", "57P02", "57P03")
"""SQLSTATEs, or their prefixes, of a database that does not answer, refuses the login, or is starting or
stopping.
"""


def is_away(error: OperationalError | psycopg.OperationalError) -> bool:
    """Return whether the database is unreachable. A full disk, a lock or a deadlock is an answer; errors
    without SQLSTATE are not.
    """
    state = getattr(error.orig if isinstance(error, OperationalError) else error, "sqlstate", None)
    return state is None or state.startswith(AWAY)


def read_file(path: Path) -> bytes:
    """Return the content of a file. ValueError, as a sentence for the user, when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} kan ikke leses") from error


def read_text(path: Path) -> str:
    """Return the content of a text file. ValueError, as a sentence for the user, when it cannot be read or is
    not UTF-8.
    """
    try:
        return read_file(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} er ikke tekst i UTF-8") from error
