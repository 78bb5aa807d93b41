"""`python -m config.release`: bring the schema to the revision that this release is written for.

A schema that a newer release has been at is left as it is: this one runs on it (docs/drift/utrulling.md, *Back*), and
whoever runs `release` before every roll-out runs it before one back too.
"""

from __future__ import annotations

import os
import sys

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from config import schema
from config.database import owner_url


def stands_at(url: str) -> frozenset[str]:
    """The revision the database has; empty before the first migration. SQLAlchemyError when it cannot be asked."""
    engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    with engine.connect() as connection:
        return frozenset(MigrationContext.configure(connection).get_current_heads())


def main() -> None:
    """Migrate, or say that there is nothing to do. Errors as Alembic's and SQLAlchemy's."""
    newer = stands_at(owner_url(os.environ)) - schema.known()
    if newer:
        sys.stdout.write(
            f"release: the schema ({', '.join(sorted(newer))}) is newer than this release; nothing to do.\n"
        )
        return
    command.upgrade(Config(str(schema.MIGRATIONS / "alembic.ini")), "head")


if __name__ == "__main__":
    main()
