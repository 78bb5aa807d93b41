"""The sweeper's second thread: cleaning jobs may take minutes, and no letter waits for them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from sqlalchemy.exc import DBAPIError

log = logging.getLogger(__name__)
PATIENCE = 10.0
"""Seconds that a stopping process waits for the turn in hand. A transaction that is cut off then is rolled
back.
"""


class Housekeeper:
    """Context manager that runs `turn` again and again in a thread of its own, with a pause between."""

    def __init__(self, turn: Callable[[], object], pause: float) -> None:
        self._turn, self._pause = turn, pause
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._work, name="husarbeid", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        self._thread.join(PATIENCE)

    def _work(self) -> None:
        while not self._left.wait(self._pause):
            try:
                self._turn()
            except DBAPIError as error:  # the sweeper itself looks for its database
                log.warning("housekeeping_lost_database", extra={"error": type(error).__name__})
            except Exception:
                log.exception("housekeeping_broken")
