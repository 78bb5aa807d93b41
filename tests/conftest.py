"""What every folder of tests shares: the two servers, once per session, and which tests run.

`./run test` is for every day and leaves the slow ones out; CI runs them with --ci, and whoever names a file or folder
gets all of it. The large sizes run with --full only.
"""

from __future__ import annotations

import gc
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from datetime import time as time_of_day

import psycopg
import pytest
import structlog
from psycopg import sql
from sqlalchemy.engine import make_url
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from fiks.core.calendar import OSLO
from testmiljo.embedded import Services, running_services

# The servers of a session die with it, so nothing is gained by waiting for the disk.
IMPATIENT = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--ci", action="store_true", help="run the slow tests too (marker slow)")
    parser.addoption(
        "--full", action="store_true", help="run the slow tests and the large sizes too (marker full)"
    )
    parser.addoption("--pictures", action="store_true", help="keep a picture of every page that e2e looks at")


TOGETHER = ("e2e", "fault", "security")
"""Folders whose tests share something dear to make (a running platform, a long journey), so one process runs them."""


def group_of(nodeid: str) -> str:
    """What goes to one process together: such a folder, or else a file."""
    path = nodeid.split("::")[0]
    folder = path.removeprefix("tests/").split("/")[0]
    return folder if folder in TOGETHER else path


class Together(LoadScopeScheduling):
    """Hands out whole groups. (`--dist=loadgroup` does not: what it writes into a test's id, pytest 9.2 ignores.)"""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def left_out(config: pytest.Config) -> list[str]:
    """The markers of what is not run."""
    if hasattr(config, "workerinput"):
        return list(config.workerinput["left_out"])
    if config.getoption("--full"):
        return []
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return ["full", "slow"] if whole and not config.getoption("--ci") else ["full"]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    node.workerinput["left_out"] = left_out(node.config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return Together(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=_dear_first)
    markers = left_out(config)
    out = {item for item in items if any(item.get_closest_marker(marker) for marker in markers)}
    if out:
        items[:] = [item for item in items if item not in out]
        config.hook.pytest_deselected(items=list(out))


def pytest_collection_finish() -> None:
    """All that is loaded by now stays. Looking it through again and again for garbage took a seventh of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


LATE = time_of_day(23, 55)


def until_tomorrow(now: datetime) -> timedelta:
    """How long a test should wait that would begin now: right before midnight in Oslo until it is past.

    A letter must leave on the day that it is dated: a mailing begun before midnight and released after it is refused.
    """
    if now.time() < LATE:
        return timedelta()
    return datetime.combine(now.date() + timedelta(days=1), time_of_day(0, 0, 1), now.tzinfo) - now


def pytest_runtest_setup() -> None:
    """A test begins on a day that lasts, and follows no request: an earlier test's was served in this very thread."""
    structlog.contextvars.clear_contextvars()
    time.sleep(until_tomorrow(datetime.now(OSLO)).total_seconds())


def _dear_first(item: pytest.Item) -> int:
    """Long work first, so that two processes end at about the same time."""
    group = group_of(item.nodeid)
    return TOGETHER.index(group) if group in TOGETHER else len(TOGETHER)


@pytest.fixture(scope="session")
def tjenester(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """PostgreSQL and Valkey for the session, with an empty database.

    Embedded ones, or those of DATABASE_URL (and MIGRATION_DATABASE_URL, whose role makes a database of its own for
    the session and drops it) and REDIS_URL.
    """
    folder = tmp_path_factory.mktemp("tjenester")
    with running_services(folder, os.environ, options=IMPATIENT) as services:
        if services.postgres is not None:
            yield services
            services.postgres.remove()
        else:
            yield from _with_own_database(services)


def _with_own_database(services: Services) -> Iterator[Services]:
    name = f"fiks_test_{secrets.token_hex(6)}"
    server = make_url(services.migration_database_url).set(drivername="postgresql")
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield replace(
            services,
            database_url=_on(services.database_url, name),
            migration_database_url=_on(services.migration_database_url, name),
        )
        owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _on(url: str, database: str) -> str:
    parts = make_url(url).set(drivername="postgresql+psycopg", database=database)
    return parts.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def database_url(tjenester: Services) -> str:
    """The application role's URL."""
    return tjenester.database_url


@pytest.fixture(scope="session")
def migration_database_url(tjenester: Services) -> str:
    """The owner role's URL."""
    return tjenester.migration_database_url


@pytest.fixture(scope="session")
def redis_url(tjenester: Services) -> str:
    """Valkey's URL."""
    return tjenester.redis_url
