"""The portal on a database of the module's own, and a kommune whose fagsystem has a service password."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from config.settings import Settings
from fiks.core import doorbell, environment
from fiks.core.db import session
from fiks.core.queue.owner_lock import Owner
from fiks.pdf import Pdfleser
from portal import create_app
from portal.extensions import limiter
from tests.integration.api.fagsystem import Fagsystem, make_fagsystem
from tests.integration.api.mottak import Avsending, Mottaker
from tests.integration.databases import Database
from tests.integration.houses import make_hus
from tests.integration.systems import make_system
from tests.integration.utsending.browser import Browser
from tests.integration.worlds import World


@pytest.fixture(scope="module")
def settings(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder: Path = tmp_path_factory.mktemp("objekter")
    values = {"FIKS_ENV": "test", "DATABASE_URL": database.app_url, "OBJECT_STORE_URL": folder.as_uri()}
    values["SIGNERING_URL"] = "http://127.0.0.1:1"
    return Settings.from_env(values)


@pytest.fixture(scope="module")
def app(settings: Settings) -> Flask:
    made = create_app(settings)
    made.config["TESTING"] = True
    made.test_client_class = Browser
    return made


@pytest.fixture(autouse=True)
def _inside(app: Flask, settings: Settings) -> Iterator[None]:
    """Inside the app and its house (other modules make theirs), and nobody is slowed down by how much we ask."""
    before = environment.current()
    environment.install(environment.from_settings(settings))
    doorbell.install(None)
    limiter.enabled = False
    with app.app_context():
        yield
        session().rollback()
    limiter.enabled = True
    environment.install(before)


@pytest.fixture
def fagsystem(app: Flask) -> Fagsystem:
    """A fagsystem of a kommune of its own."""
    return make_fagsystem(app)


@pytest.fixture(scope="module")
def reader() -> Iterator[Pdfleser]:
    made = Pdfleser()
    yield made
    made.close()


@pytest.fixture
def sender(app: Flask, eier: Owner, reader: Pdfleser) -> Avsending:
    """A kommune that writes to organisations."""
    return Avsending(make_hus(), eier, World(), reader)


@pytest.fixture
def orgnr(sender: Avsending) -> str:
    """The number of the organisation that is written to."""
    return sender.receiver()


@pytest.fixture
def receiver(app: Flask, orgnr: str) -> Mottaker:
    return Mottaker(app, make_system(orgnr))
