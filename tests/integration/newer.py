"""A schema that a newer release has widened, for rows that it has written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import sql

from tests.integration.databases import Database

TABLE = "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s"


@contextmanager
def widened(database: Database, *checks: str) -> Iterator[None]:
    """Without these checks inside; afterwards they hold again for what is written then."""
    with database.owner() as owner:
        found = [(name, *owner.execute(TABLE, [name]).fetchall()[0]) for name in checks]
        for name, table, _ in found:
            drop = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
            owner.execute(drop.format(sql.Identifier(str(table)), sql.Identifier(name)))
    try:
        yield
    finally:
        with database.owner() as owner:
            for name, table, said in found:
                add = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID")
                parts = sql.Identifier(str(table)), sql.Identifier(name), sql.SQL(str(said))  # type: ignore[arg-type]
                owner.execute(add.format(*parts))
