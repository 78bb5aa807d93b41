"""`python -m config.release`: migrate the schema to the revision of this release.

A schema that a newer release has migrated is left alone: this release runs on it (docs/drift/utrulling.md,
*Back*), since whoever runs `release` before every roll-out also runs it before a roll-back.
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


def current_revisions(url: str) -> frozenset[str]:
    """Return the database's revision; empty before the first migration. SQLAlchemyError when the database
    cannot be asked.
    """
    engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    with engine.connect() as connection:
        return frozenset(MigrationContext.configure(connection).get_current_heads())


def main() -> None:
    """Migrate, or print that there is nothing to do. Errors as Alembic's and SQLAlchemy's."""
    newer = current_revisions(owner_url(os.environ)) - schema.known_revisions()
    if newer:
        sys.stdout.write(
            f"release: the schema ({', '.join(sorted(newer))}) is newer than this release; nothing to do.\n"
        )
        return
    command.upgrade(Config(str(schema.MIGRATIONS / "alembic.ini")), "head")


if __name__ == "__main__":
    main()
