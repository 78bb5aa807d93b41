"""The schema revision of the connected database."""

from __future__ import annotations

from sqlalchemy import text

from fiks.core.db import session

_STANDS_AT = text("SELECT version_num FROM alembic_version")


def current_revisions() -> frozenset[str]:
    """Return the revision that `release` has migrated the schema to; empty where it never finished."""
    return frozenset(session().scalars(_STANDS_AT))
