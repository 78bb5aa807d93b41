"""A worker process holds its owner's lock also when nobody rings it; the server notices when its machine is gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import text

from fiks.core.db import session
from fiks.drift.alive_processes import living_workers
from tests.integration.databases import Database, QuickProcess

SERVERS = {
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30000",
}


@pytest.fixture
def holding(process: QuickProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[QuickProcess]:
    """The process, with its thread that holds the lock and looks often."""
    monkeypatch.setattr(process, "owned_every", 0.05)
    process.owner.ensure()
    thread = threading.Thread(target=process.hold_lock)
    thread.start()
    yield process
    process.leaving.set()
    thread.join(timeout=10)
    process.leaving.clear()
    assert not thread.is_alive()


def alive(number: int) -> bool:
    session().rollback()
    return number in {one.eier for one in living_workers()}


def test_a_lock_that_the_database_let_go_of_is_taken_anew_though_nobody_rings(
    holding: QuickProcess, database: Database, empty: None
) -> None:
    lost = holding.owner.number
    with database.owner() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s",
            [lost],
        )
    deadline = time.monotonic() + 10
    while holding.owner.number == lost and time.monotonic() < deadline:
        time.sleep(0.05)
    assert holding.owner.number != lost
    assert alive(holding.owner.number)


def test_the_server_looks_for_a_machine_that_says_nothing(process: QuickProcess, empty: None) -> None:
    """Else a worker that lost its power would hold its letters for two hours."""
    url = process.settings.sqlalchemy_url.replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(url) as direct:
        found = [direct.execute(f"SHOW {name}").fetchone() for name in SERVERS]
    assert found == [(value,) for value in SERVERS.values()]
    session().rollback()
    assert [session().execute(text(f"SHOW {name}")).scalar() for name in SERVERS] == list(SERVERS.values())
