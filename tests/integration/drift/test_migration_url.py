"""The migrations take the owner's URL in every spelling that the processes take theirs in."""

from __future__ import annotations

import os
import subprocess

import pytest
from sqlalchemy.engine import make_url

from config import schema
from testmiljo.stack import BIN
from tests.architecture.tree import ROOT
from tests.integration.databases import Database


@pytest.mark.parametrize("spelling", ["postgres", "postgresql", "postgresql+psycopg"])
def test_the_migrations_take_every_common_spelling_of_a_url(database: Database, spelling: str) -> None:
    url = make_url(database.owner_url).set(drivername=spelling).render_as_string(hide_password=False)
    done = subprocess.run(
        [BIN / "python", "-m", "alembic", "-c", "migrations/alembic.ini", "current"],
        cwd=ROOT,
        env={**os.environ, "MIGRATION_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-300:]
    assert done.stdout.split()[0] == schema.newest_revision()
