"""The portal on a database of the module's own; each test makes a kommune of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from config.settings import Settings
from fiks.core.db import session
from portal import create_app
from tests.integration.databases import Database
from tests.integration.utsending.browser import Browser


@pytest.fixture(scope="module")
def app(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("objekter")
    values = {"FIKS_ENV": "test", "DATABASE_URL": database.app_url, "OBJECT_STORE_URL": f"file://{folder}"}
    values["SIGNERING_URL"] = "http://127.0.0.1:1"
    made = create_app(Settings.from_env(values))
    made.config["TESTING"] = True
    made.test_client_class = Browser
    return made


@pytest.fixture(autouse=True)
def _inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        session().rollback()
