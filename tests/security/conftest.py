"""A database of the folder's own, the portal on it, and a scene with two kommuner and somebody in every role."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from psycopg import sql
from sqlalchemy.engine import make_url

from config.settings import Settings
from fiks.core import doorbell, environment
from portal import create_app
from portal.extensions import limiter
from testmiljo.run import migrate
from testmiljo.svarut_keys import svarut_pair
from tests.integration.utsending.browser import Browser
from tests.integration.utsending.kommuner import FakeAltinn
from tests.security.journey import Reise, travel
from tests.security.people import Scene, make_scene, rights_in_altinn


@pytest.fixture(scope="session")
def own_database(database_url: str, migration_database_url: str) -> Iterator[str]:
    """The application's URL of a migrated database nobody else uses."""
    with new_database(database_url, migration_database_url) as url:
        yield url


@contextmanager
def new_database(database_url: str, migration_database_url: str) -> Iterator[str]:
    """A migrated database beside the session's own, dropped at the end."""
    name = f"fiks_sikkerhet_{secrets.token_hex(4)}"
    server = _on(migration_database_url, make_url(migration_database_url).database or "", "postgresql")
    with psycopg.connect(server, autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        migrate({**os.environ, "MIGRATION_DATABASE_URL": _on(migration_database_url, name)})
        yield _on(database_url, name)
        owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _on(url: str, database: str, driver: str = "postgresql+psycopg") -> str:
    return make_url(url).set(drivername=driver, database=database).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def object_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the object store keeps its files."""
    return tmp_path_factory.mktemp("objekter")


@pytest.fixture(scope="session")
def settings(own_database: str, object_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    values = {"FIKS_ENV": "test", "DATABASE_URL": own_database, "OBJECT_STORE_URL": object_folder.as_uri()}
    values["SIGNERING_URL"] = "http://127.0.0.1:1"
    values["SVARUT_NOKLER"] = str(svarut_pair(tmp_path_factory.mktemp("svarut")))
    return Settings.from_env(values)


@pytest.fixture(scope="session")
def app(settings: Settings) -> Flask:
    """The portal. What it asks of Altinn is answered by a fake that knows only what `scene` tells it."""
    made = create_app(settings)
    made.config["TESTING"] = True
    made.test_client_class = Browser
    made.extensions["fiks_altinn"] = FakeAltinn()
    return made


@pytest.fixture(scope="session")
def scene(app: Flask) -> Scene:
    with app.app_context():
        made = make_scene()
    app.extensions["fiks_altinn"].parter |= rights_in_altinn(made)
    return made


@pytest.fixture(scope="session")
def reise(
    settings: Settings,
    database_url: str,
    migration_database_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Reise]:
    """The journey of `journey.py`, made once, in a database of its own."""
    folder = tmp_path_factory.mktemp("reise")
    limiter.enabled = False
    with (
        new_database(database_url, migration_database_url) as url,
        travel(replace(settings, database_url=url), folder) as made,
    ):
        yield made


@pytest.fixture(scope="session")
def surroundings(settings: Settings) -> environment.Environment:
    """Made once: reading the keys anew for each test took a quarter of this folder's time."""
    return environment.from_settings(settings)


@pytest.fixture(autouse=True)
def in_this_house(app: Flask, surroundings: environment.Environment) -> Iterator[None]:
    """The house is this folder's (other folders make apps too), and nobody is slowed down by how much we ask."""
    before = environment.current()
    environment.install(surroundings)
    doorbell.install(None)
    limiter.enabled = False
    yield
    limiter.enabled = True
    environment.install(before)
