"""The portal on the module's database, with an Enhetsregister that the module may tell what to know."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from config.settings import Settings
from fiks.core.db import session
from portal.extensions import limiter
from tests.integration.databases import Database
from tests.integration.konfigurasjon.portals import Enhetsregister, make_portal, settings_of


@pytest.fixture(scope="module")
def settings(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings_of(database.app_url, tmp_path_factory.mktemp("objekter"))


@pytest.fixture(scope="module")
def register() -> Enhetsregister:
    return Enhetsregister()


@pytest.fixture(scope="module")
def app(settings: Settings, register: Enhetsregister) -> Flask:
    return make_portal(settings, register)


@pytest.fixture
def inside(app: Flask, register: Enhetsregister) -> Iterator[None]:
    """Inside the portal, whose register answers."""
    register.nede = False
    with app.app_context():
        yield
        session().rollback()


@pytest.fixture
def unlimited(inside: None) -> Iterator[None]:
    """Inside the portal, asked as often as one likes."""
    limiter.enabled = False
    yield
    limiter.enabled = True
