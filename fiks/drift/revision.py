"""Which revision the schema stands at, as the database has it."""

from __future__ import annotations

from sqlalchemy import text

from fiks.core.db import session

_STANDS_AT = text("SELECT version_num FROM alembic_version")


def stands_at() -> frozenset[str]:
    """The revision `release` has brought the schema to; empty where it was never run to its end."""
    return frozenset(session().scalars(_STANDS_AT))
