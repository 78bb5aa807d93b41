"""One migrated database for the folder, and the portal's app on it. Each test makes a kommune of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, update

from config.settings import Settings
from fiks.core.db import session, transaction
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.models import Levering
from fiks.utsending.models import Arbeidsdel
from fiks.utsending.rules import Delstatus
from portal import create_app
from tests.integration.utsending.browser import Browser
from tests.integration.utsending.kommuner import FakeAltinn, Kommune, make_kommune

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def migrated(migration_database_url: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "alembic", "-c", "migrations/alembic.ini", "upgrade", "head"],
        cwd=ROOT,
        env={**os.environ, "MIGRATION_DATABASE_URL": migration_database_url},
        check=True,
        capture_output=True,
    )


@pytest.fixture(scope="session")
def app(migrated: None, database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("objekter")
    settings = Settings.from_env(
        {
            "FIKS_ENV": "test",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "OBJECT_STORE_URL": f"file://{folder}",
        }
    )
    made = create_app(settings)
    made.config["TESTING"] = True
    made.test_client_class = Browser
    made.extensions["fiks_altinn"] = FakeAltinn()
    return made


@pytest.fixture(scope="module", autouse=True)
def no_open_work(app: Flask) -> Iterator[None]:
    """The files share one database: work that one leaves undone is not the next one's to claim."""
    yield
    with app.app_context(), transaction() as tx:
        tx.execute(delete(Arbeidsdel).where(Arbeidsdel.status == Delstatus.KLAR))


@pytest.fixture
def house(app: Flask) -> Iterator[None]:
    """An app context, for calling use cases directly. What a test leaves in the shared lanes is taken out after it."""
    with app.app_context():
        yield
        session().rollback()
        with transaction() as tx:
            tx.execute(update(Levering).where(Levering.status == "KLAR").values(status="STOPPET"))


@pytest.fixture(scope="session")
def owner(migrated: None, database_url: str) -> Iterator[Owner]:
    """A live owner of claims."""
    held = Owner(database_url)
    yield held
    held.release()


@pytest.fixture
def kommune() -> Kommune:
    """A kommune of the test's own, in the house of `house` or `at_noon`, whichever its file uses."""
    return make_kommune()
