"""Counting failures in this process: when to slow a caller down, and which of many equal failures to write down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass


@dataclass(slots=True)
class _Vindu:
    begynte: float
    antall: int = 0


class Feilteller:
    """Counts failures per key in windows of `seconds`. Holds at most `room` keys: the oldest windows are forgotten."""

    def __init__(
        self, seconds: float, *, room: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._room, self._clock = seconds, room, clock
        self._lock = threading.Lock()
        self._windows: dict[Hashable, _Vindu] = {}

    def hit(self, key: Hashable) -> int:
        """Count one failure and return how many there are in this window."""
        now = self._clock()
        with self._lock:
            window = self._windows.get(key)
            if window is None or now - window.begynte >= self._seconds:
                self._windows.pop(key, None)
                self._make_room(now)
                window = self._windows[key] = _Vindu(now)
            window.antall += 1
            return window.antall

    def _make_room(self, now: float) -> None:
        """Windows lie in the order they began, so what is over lies first."""
        while self._windows:
            oldest = next(iter(self._windows))
            over = now - self._windows[oldest].begynte >= self._seconds
            if not over and len(self._windows) < self._room:
                return
            del self._windows[oldest]


def worth_writing(antall: int) -> bool:
    """The first failure and then every tenfold: 1, 10, 100 … so that a storm leaves a handful of rows."""
    return antall >= 1 and 10 ** (len(str(antall)) - 1) == antall
