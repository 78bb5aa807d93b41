"""Processes of dramatiq that are told to end in the middle of a list, and one that begins without a database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from config.broker import make_broker, make_ringer
from config.start import dramatiq_environment
from fiks.core.db import session, transaction
from fiks.utsending.jobs import queue
from fiks.utsending.models import Arbeidsdel
from fiks.utsending.rules import MAX_PART_ATTEMPTS, Delart, Utsendingstatus
from testmiljo.embedded import Services
from testmiljo.folders import ROOT
from testmiljo.processes import free_port, start_child, stop_child, wait_until
from testmiljo.stack import BIN
from tests.integration.databases import Database
from tests.integration.utsending.kommuner import make_kommune, make_mailing

pytestmark = pytest.mark.slow

GRACE_MS = 1_000
BEGUN_WITHOUT_A_DATABASE = """
import threading
import psycopg
from workers import broker
from workers.process import Process

class Away:
    asked = 0
    answered = threading.Event()

    def ensure(self):
        self.asked += 1
        if self.asked == 1:
            raise psycopg.OperationalError("connection refused")
        self.answered.set()

class Beginning:
    owned_every, leaving, owner, hold_lock = 0.05, threading.Event(), Away(), Process.hold_lock

broker.this_process = Beginning
broker.metrics.listen = lambda *_, **__: None
broker.health.pages = lambda *_: {}
broker.broker.emit_after("process_boot")
assert Beginning.owner.answered.wait(10), "its lock is never taken"
"""


@pytest.fixture
def a_list(empty: None, tjenester: Services) -> Iterator[Callable[[], None]]:
    """A list that waits to be read; gives what rings for it."""
    utsending_id = make_mailing(make_kommune(), 1, status=Utsendingstatus.UTKAST).id
    with transaction():
        queue.order(utsending_id, Delart.LES)
    ring = make_ringer(tjenester.redis_url)
    assert ring is not None
    make_broker(tjenester.redis_url).flush("liste")
    yield lambda: ring("liste")
    make_broker(tjenester.redis_url).flush("liste")


def piece() -> tuple[str, int]:
    session().rollback()
    [row] = session().execute(select(Arbeidsdel.status, Arbeidsdel.forsok)).all()
    return row.status, row.forsok


def test_a_list_whose_reading_deploys_cut_off_is_given_back_each_time_and_has_not_failed(
    a_list: Callable[[], None], database: Database, tjenester: Services, tmp_path: Path
) -> None:
    command = [str(BIN / "dramatiq"), "tests.workers.slow_reader", "--queues", "liste", "--processes", "1"]
    command += ["--threads", "1", "--worker-shutdown-timeout", str(GRACE_MS)]
    own = {
        "FIKS_ENV": "test",
        "DATABASE_URL": database.app_url,
        "REDIS_URL": tjenester.redis_url,
        "OBJECT_STORE_URL": (tmp_path / "objekter").as_uri(),
        "METRICS_PORT": str(free_port()),
    }
    environ = {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ} | own
    for deploy in range(MAX_PART_ATTEMPTS + 1):
        log = tmp_path / f"{deploy}.log"
        child = start_child(command, env=environ | dramatiq_environment(command), log=log, cwd=ROOT)
        try:
            a_list()
            wait_until(lambda: piece() == ("TATT", 1), f"the list is being read, see {log}", child=child)
        finally:
            stop_child(child, by=signal.SIGTERM, seconds=20)
        assert piece() == ("KLAR", 0)


def test_a_process_that_begins_while_the_database_is_away_takes_its_lock_when_it_is_back() -> None:
    """dramatiq swallows what a hook raises, and the process would be counted among the dead until it is rung for."""
    environ = {**os.environ, "FIKS_ENV": "test"}
    command = [sys.executable, "-c", BEGUN_WITHOUT_A_DATABASE]
    ended = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
