"""A migration that makes an index on a table that grows holds up nobody who writes to it, and can be run again."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import IntegrityError

from config import schema
from testmiljo.embedded import Services
from testmiljo.processes import wait_until
from tests.integration.databases import Database, new_database

MIGRATION = """from migrations.large import create_index, drop_index
revision = "prove"
down_revision = "{head}"


def upgrade() -> None:
    create_index("ix_banestatus_grunn", "banestatus", ["grunn"], unique=True)


def downgrade() -> None:
    drop_index("ix_banestatus_grunn", "banestatus")
"""
INSERT = "INSERT INTO banestatus (navn, stengt, grunn) VALUES (%s, false, %s)"
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE query ILIKE 'CREATE UNIQUE INDEX%' AND wait_event_type = 'Lock'"
VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('ix_banestatus_grunn')"


@pytest.fixture
def own(tjenester: Services, template: Database) -> Iterator[Database]:
    with new_database(tjenester, template) as made:
        yield made


@pytest.fixture
def migrations(own: Database, tmp_path: Path) -> Config:
    """Ours, and one after them that makes an index."""
    (tmp_path / "prove.py").write_text(MIGRATION.format(head=schema.newest_revision()))
    config = own.alembic()
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", f"{schema.MIGRATIONS / 'versions'}{os.pathsep}{tmp_path}")
    return config


def asked(database: Database, query: str) -> list[tuple[object, ...]]:
    with database.owner() as owner:
        return owner.execute(query.encode()).fetchall()


def test_others_write_while_the_index_is_made_and_it_waits_for_who_had_begun(
    own: Database, migrations: Config
) -> None:
    with own.app() as slow, own.app() as other:
        with slow.transaction():
            slow.execute(INSERT, ("TREG", "a"))
            making = threading.Thread(target=command.upgrade, args=(migrations, "head"))
            making.start()
            wait_until(lambda: asked(own, WAITS) == [(1,)], "the index to wait for who writes")
            other.execute("SET lock_timeout = '2s'")
            other.execute(INSERT, ("ANNEN", "b"))
        making.join(timeout=60)
    assert asked(own, VALID) == [(True,)]
    assert asked(own, "SELECT version_num FROM alembic_version") == [("prove",)]
    command.downgrade(migrations, schema.newest_revision())
    assert asked(own, VALID) == []


def test_one_that_broke_off_is_run_again(own: Database, migrations: Config) -> None:
    with own.owner() as owner:
        for name in ("EN", "TO"):
            owner.execute(INSERT, (name, "samme"))
        with pytest.raises(IntegrityError):
            command.upgrade(migrations, "head")
        assert asked(own, VALID) == [(False,)], "what PostgreSQL leaves"
        owner.execute("DELETE FROM banestatus WHERE navn = 'TO'")
    command.upgrade(migrations, "head")
    assert asked(own, VALID) == [(True,)]
