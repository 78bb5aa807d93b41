"""Count failed logins of machines in this process: when to answer 429, and which of many equal failures to
audit.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

from flask import Flask, current_app, request

from portal.extensions import limiter
from portal.http.api_errors import MELDINGER, ApiFeil

EXTENSION = "fiks_dor"
PER_ADDRESS, PER_CALLER = 120, 10
"""Refusals a minute before a caller gets 429. Right credentials are admitted all the same."""


@dataclass(slots=True)
class _Vindu:
    begynte: float
    antall: int = 0


class Feilteller:
    """Counts failures per key in fixed windows of `seconds`. Holds at most `room` keys and drops the oldest."""

    def __init__(
        self, seconds: float, *, room: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._room, self._clock = seconds, room, clock
        self._lock = threading.Lock()
        self._windows: dict[Hashable, _Vindu] = {}

    def hit(self, key: Hashable) -> int:
        """Count one failure and return the number in the present window."""
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
        """Drop expired windows, and the oldest while there are too many. The dict is in order of start."""
        while self._windows:
            oldest = next(iter(self._windows))
            over = now - self._windows[oldest].begynte >= self._seconds
            if not over and len(self._windows) < self._room:
                return
            del self._windows[oldest]


def is_power_of_ten(antall: int) -> bool:
    """Whether this failure is audited: the 1st, 10th, 100th …, so that a storm leaves a handful of rows."""
    return antall >= 1 and 10 ** (len(str(antall)) - 1) == antall


class Record(Protocol):
    """Writes refusals to the audit log: how many in this hour, and the errorId of the last."""

    def __call__(self, *, antall: int, error_id: str) -> None: ...


class Dor:
    """Recent refusals at the machines' doors. An address counts as one across all doors."""

    def __init__(self) -> None:
        self._addresses, self._callers, self._written = Feilteller(60), Feilteller(60), Feilteller(3600)

    def refuse_stranger(self, error: ApiFeil) -> ApiFeil:
        """Return the refusal of an unidentified caller, or 429 when its address has been refused too often."""
        return (
            _too_many_requests(error)
            if self._is_too_many(self._addresses, _address(), PER_ADDRESS)
            else error
        )

    def refuse(self, caller: Hashable, error: ApiFeil, record: Record) -> ApiFeil:
        """As `refuse_stranger`, for a caller that claims to be `caller`: counted by claim too, and audited
        now and then.

        Neither the limit nor the time spent reveals whether such a caller exists.
        """
        error.felter["error_id"] = error_id = str(uuid4())
        slowed = self.refuse_stranger(error)
        if slowed is not error:
            return slowed
        key = (caller, _address())
        antall = self._written.hit(key)
        if is_power_of_ten(antall):
            record(antall=antall, error_id=error_id)
        return _too_many_requests(error) if self._is_too_many(self._callers, key, PER_CALLER) else error

    def _is_too_many(self, counter: Feilteller, key: Hashable, most: int) -> bool:
        return limiter.enabled and counter.hit(key) > most


def init_app(app: Flask) -> None:
    """Make `door()` available in this app, with no refusals yet."""
    app.extensions[EXTENSION] = Dor()


def door() -> Dor:
    """Return this app's counter of refusals."""
    found: Dor = current_app.extensions[EXTENSION]
    return found


def _too_many_requests(error: ApiFeil) -> ApiFeil:
    return ApiFeil(429, MELDINGER[429], arsak=error.arsak, **error.felter)


def _address() -> str:
    return request.remote_addr or ""
