"""Owners, channels and commits that do on purpose what accident does: vanish, be watched, and be held back."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from fiks.core.errors import Uavklart
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.delivery import deliver
from fiks.svarut.letters import Brev

WRITTEN = """SELECT 1 FROM pg_locks
 WHERE relation = 'levering'::regclass AND pid = pg_backend_pid() AND mode = 'RowExclusiveLock'"""
"""Whether this transaction has written to levering."""

AT_ONCE = 1e-6
"""Seconds of a wait that is over when the next transaction begins, however quick the machine is."""


class Vanishing(Owner):
    """An owner whose lock is lost the moment after it was last found alive, as when the database restarts."""

    def alive(self) -> bool:
        was = super().alive()
        if self.vanish:
            self.release()
        return was

    vanish = False


class Believing(Owner):
    """An owner that looked at its lock just before it was lost."""

    def __init__(self, database_url: str, number: int) -> None:
        super().__init__(database_url)
        self.release()
        self.number = number

    def alive(self) -> bool:
        return True


class Silent:
    """A channel or print house that answers no look-up."""

    def lookup(self, referanse: str) -> str | None:
        raise Uavklart("TIDSAVBRUDD", referanse)

    def lookup_many(self, navn: Sequence[str]) -> dict[str, str]:
        raise Uavklart("TIDSAVBRUDD", navn[0])


class Counting:
    """The real channel, counting calls per reference."""

    def __init__(self, port: deliver.Kanalport) -> None:
        self.port = port
        self.calls: list[str] = []

    def send(self, referanse: str, brev: Brev) -> str:
        self.calls.append(referanse)
        return self.port.send(referanse, brev)

    def lookup(self, referanse: str) -> str | None:
        return self.port.lookup(referanse)


class Witness(Counting):
    """A channel that looks, from outside our transaction, at what is known of a call at the moment it arrives."""

    def __init__(self, port: deliver.Kanalport, database_url: str) -> None:
        super().__init__(port)
        self.database_url = database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        self.known: list[tuple[int, ...]] = []

    def send(self, referanse: str, brev: Brev) -> str:
        marked = "SELECT count(kall_startet) FROM levering WHERE id = %s AND status = 'SENDER'"
        entered = "SELECT count(*) FROM leveringsforsok WHERE levering_id = %s AND avsluttet IS NULL"
        with psycopg.connect(self.database_url) as other:
            found = [other.execute(query, (referanse,)).fetchone() for query in (marked, entered)]
        self.known.append(tuple(row[0] for row in found if row))
        return super().send(referanse, brev)


class Gate:
    """Holds the thread named `who` at its first commit that has written to levering, until opened."""

    def __init__(self, who: str) -> None:
        self.who = who
        self.reached, self.opened = threading.Event(), threading.Event()

    @contextmanager
    def shut(self) -> Iterator[None]:
        event.listen(Session, "before_commit", self._hold)
        try:
            yield
        finally:
            self.opened.set()
            event.remove(Session, "before_commit", self._hold)

    def _hold(self, held: Session) -> None:
        if threading.current_thread().name != self.who or self.reached.is_set():
            return
        if held.execute(text(WRITTEN)).first():
            self.reached.set()
            assert self.opened.wait(60)
