"""The portal on a database of its own, with issuers the tests hold the keys of, and a kommune with its fagsystem."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from config.settings import Settings
from fiks.core import environment
from fiks.core.db import session
from fiks.konfigurasjon.rules import P
from portal import create_app
from portal.access.maskinporten import EXTENSION, open_utstedere
from portal.extensions import limiter
from testmiljo.embedded import Services
from tests.api.calls import Avsender
from tests.integration.conftest import template
from tests.integration.databases import Database, new_database
from tests.integration.houses import make_hus
from tests.integration.utsending.browser import Browser
from tests.machines import IDPORTEN, MASKINPORTEN, make_kall, published

__all__ = ["template"]


@pytest.fixture(scope="module")
def settings(
    tjenester: Services, template: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Of a portal on a migrated database of this module's own."""
    with new_database(tjenester, template) as made:
        folder = tmp_path_factory.mktemp("objekter")
        values = {"FIKS_ENV": "test", "DATABASE_URL": made.app_url, "OBJECT_STORE_URL": folder.as_uri()}
        values["SIGNERING_URL"] = "http://127.0.0.1:1"
        yield Settings.from_env(values)


@pytest.fixture(scope="module")
def app(settings: Settings) -> Flask:
    made = create_app(settings)
    made.config["TESTING"] = True
    made.test_client_class = Browser
    issuers = replace(settings, maskinporten_issuer=MASKINPORTEN, idporten_issuer=IDPORTEN)
    made.extensions[EXTENSION] = open_utstedere(issuers, published)
    return made


@pytest.fixture(autouse=True)
def in_this_house(app: Flask, settings: Settings) -> Iterator[None]:
    """The house is this module's, and nobody is slowed down by how much we ask."""
    before = environment.current()
    environment.install(environment.from_settings(settings))
    limiter.enabled = False
    yield
    limiter.enabled = True
    environment.install(before)


@pytest.fixture(scope="module")
def avsender(app: Flask) -> Avsender:
    """A kommune's fagsystem that may send from its konto."""
    with app.app_context():
        hus = make_hus()
        kall = make_kall(hus.organisasjon_id, P.SENDE, ressurs=hus.konto_id)
        return Avsender(app, hus, kall)


@pytest.fixture
def house(app: Flask) -> Iterator[None]:
    """Inside the app, for looking at what is stored."""
    with app.app_context():
        yield
        session().rollback()
