"""The portal on a migrated database, Lillevik's registers over the wire, and a worker told when to work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from alembic import command
from alembic.config import Config
from flask import Flask

from config.paths import FONTS, ROOT
from config.settings import Settings
from fiks.core import environment
from fiks.core.db import db, session, transaction
from fiks.konfigurasjon.models import Organisasjon
from fiks.registeroppslag.port import Registerport
from fiks.utsending.brev import Brevtrykker
from portal import create_app
from testmiljo.control import simulated_registers
from testmiljo.folders import LILLEVIK
from testmiljo.seed import ready_templates
from tests.integration.databases import QuickProcess
from tests.integration.utsending.browser import Browser
from tests.integration.utsending.kommuner import Kommune, make_kommune
from tests.integration.worlds import World
from tests.portal.utsending.pages import Jobb
from workers.lanes import do_portion
from workers.process import Part


@pytest.fixture(scope="session")
def register() -> Iterator[Registerport]:
    with simulated_registers(LILLEVIK) as found:
        yield found


@pytest.fixture(scope="session")
def app(
    register: Registerport,
    database_url: str,
    migration_database_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Flask:
    config = Config(str(ROOT / "migrations" / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("sqlalchemy.url", migration_database_url.replace("%", "%%"))
    command.upgrade(config, "head")
    folder = tmp_path_factory.mktemp("objekter")
    made = create_app(
        Settings.from_env(
            {"FIKS_ENV": "test", "DATABASE_URL": database_url, "OBJECT_STORE_URL": f"file://{folder}"}
        )
    )
    made.config["TESTING"] = True
    made.test_client_class = Browser
    made.extensions["fiks_register"] = register
    with made.app_context():
        ready_templates()
    return made


@pytest.fixture(autouse=True)
def house(app: Flask) -> Iterator[None]:
    """An app context for calling use cases directly, in this app's environment."""
    environment.install(environment.from_settings(app.config["FIKS_SETTINGS"]))
    with app.app_context():
        yield
        session().rollback()


@dataclass
class Arbeider:
    """A worker that works when it is told to: `drain` does all that waits in some lanes, and what comes of it."""

    process: QuickProcess

    def drain(self, *lanes: str) -> int:
        done, before = 0, -1
        while done > before:
            before = done
            for lane in lanes or ("liste", "forhandsvisning", "render"):
                while do_portion(lane, self.process):
                    done += 1
        session().rollback()
        return done


class Tegner(QuickProcess):
    """Draws the letters as the product does."""

    @Part
    def printer(self) -> Brevtrykker:
        return Brevtrykker(FONTS)


@pytest.fixture(scope="session")
def arbeider(app: Flask, register: Registerport) -> Iterator[Arbeider]:
    process = Tegner(app.config["FIKS_SETTINGS"])
    process.outside = World(register=cast(Any, register))
    yield Arbeider(process)
    process.printer.close()
    process.checker.close()
    process.owner.release()
    with process.app.app_context():
        db.engine.dispose()


@pytest.fixture
def kommune() -> Kommune:
    """A kommune with all that a letterhead needs."""
    made = make_kommune()
    with transaction() as tx:
        organisasjon = tx.get_one(Organisasjon, made.id)
        organisasjon.adresselinje1, organisasjon.postnr = "Bryggeplassen 1", "4262"
        organisasjon.poststed, organisasjon.nettsted = "AVALDSNES", "lillevik.kommune.example"
        organisasjon.epost = "eiendomsskatt@lillevik.kommune.example"
    return made


@pytest.fixture
def jobb(app: Flask, kommune: Kommune, arbeider: Arbeider) -> Jobb:
    """A saksbehandler at the first page of the guided job."""
    return Jobb(app, kommune, arbeider.drain)
