"""What every folder of tests shares: the two servers, once per session, and which tests run.

`./run test` is for every day and leaves the slow ones out; CI runs them with --ci, and whoever names a file or folder
gets all of it. The large sizes run with --full only. CI is broken off after ninety minutes, however slow its machine:
there no slow test begins when SLOW_MINUTES have passed, and each that did not is told of as skipped.
"""

from __future__ import annotations

import gc
import math
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

from fiks.core.values.calendar import OSLO
from testmiljo.embedded import Services, running_services

# The servers of a session die with it, so nothing is gained by waiting for the disk.
IMPATIENT = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


SLOW_MINUTES = 60
SLOW_UNTIL = pytest.StashKey[float]()
"""The moment, of the clock that all processes of a machine share, from which on no slow test begins."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--ci", action="store_true", help="run the slow tests too (marker slow)")
    parser.addoption(
        "--full", action="store_true", help="run the slow tests and the large sizes too (marker full)"
    )
    parser.addoption("--pictures", action="store_true", help="keep a picture of every page that e2e looks at")


TOGETHER = ("fault/", "e2e/", "security/test_canary.py", "security/test_requests.py")
"""Tests that share something dear to make (a running platform, a long journey), so one process runs them, last: a
platform takes some of the processor as long as it runs, and that is until its process ends."""


def group_of(nodeid: str) -> str:
    """What goes to one process together: the tests that share something, or else a file."""
    path = nodeid.split("::")[0]
    within = path.removeprefix("tests/")
    return within.split("/")[0] if within.startswith(TOGETHER) else path


class Together(LoadScopeScheduling):
    """Hands out whole groups. (`--dist=loadgroup` does not: what it writes into a test's id, pytest 9.2 ignores.)"""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def is_whole(config: pytest.Config) -> bool:
    """Whether nobody named a file or a folder."""
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS


def left_out(config: pytest.Config) -> list[str]:
    """The markers of what is not run."""
    if hasattr(config, "workerinput"):
        return list(config.workerinput["left_out"])
    if config.getoption("--full"):
        return []
    return ["full", "slow"] if is_whole(config) and not config.getoption("--ci") else ["full"]


def slow_until(config: pytest.Config) -> float:
    """Until when slow tests begin: for ever, but in a whole run of CI."""
    if hasattr(config, "workerinput"):
        return float(config.workerinput["slow_until"])
    bounded = config.getoption("--ci") and not config.getoption("--full") and is_whole(config)
    return time.monotonic() + 60 * SLOW_MINUTES if bounded else math.inf


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SLOW_UNTIL] = slow_until(config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    node.workerinput["left_out"] = left_out(node.config)
    node.workerinput["slow_until"] = node.config.stash[SLOW_UNTIL]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return Together(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=in_turn)
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


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test begins on a day that lasts, and follows no request: an earlier test's was served in this very thread."""
    if time.monotonic() > item.config.stash[SLOW_UNTIL] and item.get_closest_marker("slow"):
        pytest.skip(f"NOT RUN: this machine is slow, {SLOW_MINUTES} minutes have passed")
    structlog.contextvars.clear_contextvars()
    time.sleep(until_tomorrow(datetime.now(OSLO)).total_seconds())


def in_turn(item: pytest.Item) -> tuple[int, bool]:
    """Groups last, in their order, so that two processes end at about the same time; of a group the quick tests first:
    they are run in any case.
    """
    within = item.nodeid.removeprefix("tests/")
    turn = next((nr for nr, one in enumerate(TOGETHER, 1) if within.startswith(one)), 0)
    return turn, turn > 0 and item.get_closest_marker("slow") is not None


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
