"""An index on a table that grows, made while others write to the table (docs/drift/utrulling.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alembic import op
from sqlalchemy import TextClause


def create_index(name: str, table: str, columns: Sequence[str | TextClause], **options: Any) -> None:
    """As `op.create_index`, CONCURRENTLY: nobody who reads or writes the table waits for it.

    It waits for all who are in a transaction now, for as long as they take. What a migration has done before it is
    committed first, and what was left of one that broke off is taken away, so a migration of it and nothing else can
    be run again.
    """
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, list(columns), postgresql_concurrently=True, **options)
        op.execute("SET lock_timeout = '10s'")


def drop_index(name: str, table: str) -> None:
    """Take such an index away, as `create_index` makes it."""
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)
        op.execute("SET lock_timeout = '10s'")
