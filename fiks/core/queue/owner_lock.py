"""Ownership by a held lock: an owner is alive exactly as long as its session advisory lock is held.

Each worker process takes a number from a sequence and holds `pg_advisory_lock(class, number)` on a direct
connection of its own. The sweeper may touch an owner's rows only after it has taken that lock itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg
from sqlalchemy import Sequence, func, select
from sqlalchemy.exc import DBAPIError

from fiks.core.db import Base, session

OWNER_CLASS = 7_340
OWNER_NUMBERS = Sequence("eier_nr", metadata=Base.metadata)


class Owner:
    """This process's ownership. `number` changes when the lock was lost and taken anew.

    The URL sets how soon either end notices that the other is gone (`config.database`). `ask` is called with
    the number before each claim under it, and may raise: a new number may come from another database.
    """

    def __init__(self, database_url: str, ask: Callable[[int], None] = lambda _: None) -> None:
        self._url = database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._ask = ask
        self._guard = threading.Lock()
        self._connection: psycopg.Connection[tuple[int]] | None = None
        self.number = 0
        self.register()

    def register(self) -> int:
        """Take a new number and its lock; RuntimeError behind a pooler that swaps backends."""
        with self._guard:
            self._close()
            connection = psycopg.connect(self._url, autocommit=True)
            before = connection.info.backend_pid
            row = connection.execute("SELECT nextval('eier_nr')").fetchone()
            assert row is not None
            connection.execute("SELECT pg_advisory_lock(%s, %s)", (OWNER_CLASS, row[0]))
            seen = connection.execute("SELECT pg_backend_pid()").fetchone()
            if seen is None or seen[0] != before:
                connection.close()
                raise RuntimeError(
                    "session locks need a direct database connection, not a transaction pooler"
                )
            self._connection, self.number = connection, int(row[0])
            return self.number

    def alive(self) -> bool:
        """Return whether the lock connection still answers, and so the lock is still held."""
        with self._guard:
            try:
                return (
                    self._connection is not None
                    and self._connection.execute("SELECT 1").fetchone() is not None
                )
            except psycopg.Error:
                return False

    def ensure(self) -> int:
        """Return a number whose lock is held now; take a new one if the old lock was lost."""
        return self.number if self.alive() else self.register()

    @contextmanager
    def claiming(self) -> Iterator[int]:
        """Yield the number to claim under, as `ensure`; give the number up if the connection breaks inside
        the block.

        The claim may have been committed although the answer was lost. Nobody works on those rows, and they
        would stay ours for as long as the process lives; without the lock the sweeper takes them back.
        """
        number = self.ensure()
        self._ask(number)
        try:
            yield number
        except DBAPIError as error:
            if error.connection_invalidated:
                self.release()
            raise

    def release(self) -> None:
        """Release the lock (also happens by itself when the process dies)."""
        with self._guard:
            self._close()

    def _close(self) -> None:
        """Unlock before closing: a server releases the locks of a closed connection only when it notices the
        close.
        """
        if self._connection is None:
            return
        with suppress(psycopg.Error):  # a broken connection holds nothing any more
            self._connection.execute("SELECT pg_advisory_unlock_all()")
        self._connection.close()
        self._connection = None


def take_if_dead(number: int) -> bool:
    """Return True if owner `number` is gone; its lock is then ours until the present transaction ends."""
    return bool(session().execute(select(func.pg_try_advisory_xact_lock(OWNER_CLASS, number))).scalar_one())
