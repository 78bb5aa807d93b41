"""The portal on a database of the module's own, with an Altinn and registers that know whom they are told of."""

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
from tests.integration.edialog.skjemaer import open_edialog
from tests.integration.houses import Hus, make_hus
from tests.integration.utsending.browser import Browser
from tests.integration.utsending.kommuner import FakeAltinn
from tests.integration.worlds import FakeRegister


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
    made.extensions["fiks_register"] = FakeRegister()
    return made


@pytest.fixture(autouse=True)
def _inside(app: Flask, settings: Settings) -> Iterator[None]:
    before = environment.current()
    environment.install(environment.from_settings(settings))
    with app.app_context():
        yield
        session().rollback()
    environment.install(before)


@pytest.fixture
def hus() -> Hus:
    made = make_hus()
    open_edialog(made)
    return made


@pytest.fixture
def register(app: Flask) -> FakeRegister:
    made = FakeRegister()
    app.extensions["fiks_register"] = made
    return made
