"""Cutting a piece of work off at its n-th commit, as a power cut would: what was not committed is gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event, text
from sqlalchemy.orm import Session

WROTE = "SELECT 1 FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'RowExclusiveLock' LIMIT 1"
"""Whether this transaction has changed rows. A commit of nothing is not a place to be cut off at."""


class CutOff(BaseException):
    """The process dies here. Not an Exception, so that nothing in between can live on."""


class Cut:
    """Ends this thread at its commit number `at` (from 1) of changed rows, before it is carried out.

    `hit`: whether it came so far.
    """

    def __init__(self, at: int) -> None:
        self.left = at
        self.hit = False
        self._thread = threading.current_thread()

    @contextmanager
    def ready(self) -> Iterator[None]:
        event.listen(Session, "before_commit", self._count)
        try:
            yield
        finally:
            event.remove(Session, "before_commit", self._count)

    def _count(self, session: Session) -> None:
        if threading.current_thread() is not self._thread or session.execute(text(WROTE)).first() is None:
            return
        self.left -= 1
        if self.left <= 0:
            self.hit = True
            raise CutOff
