"""The portal on a database of the module's own, with an Altinn that says whom each may act for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from config.settings import Settings
from fiks.core import environment
from fiks.core.db import session
from portal import create_app
from tests.integration.databases import Database
from tests.integration.houses import Hus, make_hus
from tests.integration.utsending.browser import Browser
from tests.integration.utsending.kommuner import FakeAltinn


@pytest.fixture(scope="module")
def settings(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder: Path = tmp_path_factory.mktemp("objekter")
    values = {"FIKS_ENV": "test", "DATABASE_URL": database.app_url, "OBJECT_STORE_URL": folder.as_uri()}
    return Settings.from_env(values)


@pytest.fixture(scope="module")
def app(settings: Settings) -> Flask:
    made = create_app(settings)
    made.config["TESTING"] = True
    made.test_client_class = Browser
    made.extensions["fiks_altinn"] = FakeAltinn()
    return made


@pytest.fixture(autouse=True)
def _inside(app: Flask, settings: Settings) -> Iterator[None]:
    """Inside the app and its house; other modules make theirs."""
    before = environment.current()
    environment.install(environment.from_settings(settings))
    with app.app_context():
        yield
        session().rollback()
    environment.install(before)


@pytest.fixture
def altinn(app: Flask) -> Iterator[FakeAltinn]:
    """Whom each person may act for; it answers again after the test."""
    fake = app.extensions["fiks_altinn"]
    assert isinstance(fake, FakeAltinn)
    yield fake
    fake.feil = None


@pytest.fixture
def hus() -> Hus:
    """A kommune of the test's own, with a konto."""
    return make_hus()
