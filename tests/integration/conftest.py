"""A migrated database for each module, copied from one template, and a worker process on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from fiks.core import clock, environment
from fiks.core.db import session
from fiks.core.environment import current
from fiks.core.queue.owner_lock import Owner
from fiks.core.storage.store import open_store
from fiks.core.values.calendar import OSLO
from testmiljo.embedded import Services
from tests.integration.databases import Database, QuickProcess, migrate, new_database, running_process
from tests.integration.utsending.lists import register
from tests.integration.worlds import World


@pytest.fixture(scope="session")
def template(tjenester: Services) -> Iterator[Database]:
    """The migrated database that the others are copied from; nobody writes in it."""
    with new_database(tjenester) as made:
        migrate(made)
        yield made


@pytest.fixture(scope="module")
def database(tjenester: Services, template: Database) -> Iterator[Database]:
    """A migrated database of this module's own."""
    with new_database(tjenester, template) as made:
        yield made


@pytest.fixture(scope="module")
def process(database: Database) -> Iterator[QuickProcess]:
    """A worker process on the module's database: app, owner lock, and a printer that draws nothing."""
    with running_process(database) as made:
        yield made


@pytest.fixture
def app_context(process: QuickProcess) -> Iterator[None]:
    """Inside the process's app, for calling use cases directly."""
    with process.app.app_context():
        yield
        session().rollback()


@pytest.fixture
def empty(database: Database, app_context: None) -> None:
    """Inside the app, with no rows from earlier tests."""
    database.empty()


@pytest.fixture
def at_noon(empty: None) -> None:
    """As `empty`, at noon in Oslo: no test about days falls over midnight."""
    now = clock.now().astimezone(OSLO)
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
    clock.move(noon - now)


@pytest.fixture
def eier(process: QuickProcess) -> Owner:
    """A live owner of claims."""
    process.owner.ensure()
    return process.owner


@pytest.fixture
def outside(process: QuickProcess) -> World:
    """A world of its own for each test, where the people of Lillevik live."""
    process.forget(QuickProcess.world_and_feeds, QuickProcess.printer)
    process.outside = World(register=cast(Any, register()))
    return process.outside


@pytest.fixture
def store_url(app_context: None, tmp_path: Path) -> Iterator[str]:
    """A store in a folder, which this process and one that dies share."""
    earlier, url = current(), tmp_path.as_uri()
    environment.install(replace(earlier, store=open_store(url)))
    yield url
    environment.install(earlier)
