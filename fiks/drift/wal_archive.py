"""Health of PostgreSQL's WAL archiving, as its archiver reports it."""

from __future__ import annotations

from sqlalchemy import text

from fiks.core.db import session

_FAILS = text(
    """SELECT current_setting('archive_mode') <> 'off'
    AND coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) FROM pg_stat_archiver"""
)


def is_failing() -> bool:
    """Return whether archiving the last WAL file failed; False where the server archives none.

    Any role may ask (`pg_stat_archiver`). The transaction is left open.
    """
    return bool(session().execute(_FAILS).scalar_one())
