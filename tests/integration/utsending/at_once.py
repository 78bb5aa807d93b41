"""Two who do something with a mailing at once: one in a thread of its own, until it waits for the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context
from typing import Any, TypeVar

from tests.integration.databases import Database, QuickProcess

T = TypeVar("T")


def elsewhere(pool: ThreadPoolExecutor, process: QuickProcess, act: Callable[[], T]) -> Future[T]:
    """Do it in a thread of the pool, as another process would: with a session of its own."""

    def inside() -> T:
        with process.app.app_context():
            return act()

    return pool.submit(Context().run, inside)


def until_somebody_waits(database: Database, *doing: Future[Any]) -> None:
    """Until somebody waits for a lock, or one of these is done since it needed none."""
    end = time.monotonic() + 20
    waiting = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
    """
    with database.app() as watching:  # the role that waits, since it sees its own only
        while not any(one.done() for one in doing) and watching.execute(waiting).fetchone() == (0,):
            assert time.monotonic() < end
            time.sleep(0.02)
