"""The switches: how one of the outside systems misbehaves, decided by a seed so that a run can be repeated."""

from __future__ import annotations

import hashlib
import itertools
import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from types import NoneType
from typing import Any

from testmiljo.sim.store import Store

SYSTEMS = ("folkeregister", "enhetsregister", "krr", "dpi", "altinn", "signering", "sms", "innbyggere")


@dataclass(frozen=True, slots=True)
class Switches:
    """One system's faults. A share is 0..1; True means 1. All calls count unless `only` names kinds of call.

    Kinds are `send`, `lookup`, `receipts`, `signed`, `parties` and `registry`.
    """

    seed: int = 0
    only: tuple[str, ...] = ()
    delay_ms: float = 0
    """Waits this long before a call is read at all."""
    status: Mapping[str, float] = field(default_factory=dict)
    """Share of calls answered with these statuses before anything is stored, for example {"429": 0.3, "503": 0.1}."""
    retry_after: float | None = None
    """Retry-After of 429 and 503, in seconds."""
    drop: float = 0
    """Closes the connection without an answer, nothing stored."""
    refuse: float = 0
    """Answers 422: this will never be accepted. By reference, so that a repeated call is refused again."""
    accept_then_drop: float = 0
    """Stores, then closes the connection without an answer."""
    accept_then_status: Mapping[str, float] = field(default_factory=dict)
    """Stores, then answers with these statuses."""
    accept_duplicates: bool = False
    """Doesn't know a reference again: stores every call. Shows whether the *caller* doubles."""
    lookup_lag_s: float = 0
    """A letter can't be looked up until it is this old."""
    receipt_delay_ms: float = 0
    duplicate_receipts: int = 0
    """Extra copies of every receipt."""
    feiler: float = 0
    """Share of letters whose mailbox doesn't work: accepted, then FEILET. By reference."""
    feiler_mottakere: tuple[str, ...] = ()
    """Receivers whose mailbox doesn't work."""
    pause: bool = False
    """Citizens read nothing (system `innbyggere`)."""

    def chosen(self, name: str, what: str, share: float) -> bool:
        """Whether `what` is among the share that switch `name` hits."""
        if share <= 0:
            return False
        digest = hashlib.sha256(f"{self.seed}:{name}:{what}".encode()).digest()
        return int.from_bytes(digest[:6]) < share * 2**48

    def broken(self, mottaker: str, referanse: str) -> bool:
        """Whether this letter's mailbox doesn't work."""
        return mottaker in self.feiler_mottakere or self.chosen("feiler", referanse, self.feiler)

    def status_for(self, name: str, what: str, shares: Mapping[str, float]) -> int | None:
        """Which status hits `what`, if any."""
        digest = hashlib.sha256(f"{self.seed}:{name}:{what}".encode()).digest()
        point = int.from_bytes(digest[:6]) / 2**48
        for status, share in shares.items():
            if point < share:
                return int(status)
            point -= share
        return None


def parse_switches(values: Mapping[str, Any]) -> Switches:
    """Make switches of JSON; ValueError names the first unknown or unusable one."""
    known = {f.name for f in fields(Switches)}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"unknown switch: {name}")
        if not isinstance(value, _FORMS.get(name, (int, float, NoneType))):
            raise ValueError(f"unusable value of switch: {name}")
    given: dict[str, Any] = {
        name: tuple(value) if name in _LISTS else value for name, value in values.items()
    }
    return Switches(**given)


_LISTS = ("only", "feiler_mottakere")
_FORMS: Mapping[str, type] = {"status": dict, "accept_then_status": dict, **dict.fromkeys(_LISTS, list)}


class Switchboard:
    """All systems' switches, kept in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._calls: Iterator[int] = itertools.count()
        self._under_way = Counter[str]()
        self._all = {system: Switches() for system in SYSTEMS}
        kept = json.loads(store.meta("brytere", "{}"))
        self._all |= {system: parse_switches(values) for system, values in kept.items()}

    def of(self, system: str) -> Switches:
        return self._all[system]

    def set(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        """Replace the switches of the systems named; the others stay. ValueError changes nothing."""
        for system in values:
            if system not in SYSTEMS:
                raise ValueError(f"unknown system: {system}")
        parsed = {system: parse_switches(given) for system, given in values.items()}
        with self._lock:
            self._all = {**self._all, **parsed}
            self._store.set_meta("brytere", json.dumps({s: _changed(v) for s, v in self._all.items()}))

    def reset(self) -> None:
        self.set({system: {} for system in SYSTEMS})

    def shown(self) -> dict[str, dict[str, Any]]:
        """What is switched on, per system; no personal numbers."""
        shown = {system: _changed(switches) for system, switches in self._all.items()}
        for values in shown.values():
            if "feiler_mottakere" in values:
                values["feiler_mottakere"] = len(values["feiler_mottakere"])
        return shown

    def next_call(self) -> str:
        """A number for this call, so that a share of *calls* can be hit."""
        return str(next(self._calls))

    def begin(self, system: str) -> None:
        """A call of `system` has come in."""
        with self._lock:
            self._under_way[system] += 1

    def end(self, system: str) -> None:
        """A call of `system` is answered, or was cut off."""
        with self._lock:
            self._under_way[system] -= 1

    def under_way(self, system: str) -> int:
        """How many calls of `system` have come in and have no answer, whether anybody waits for it or not."""
        return self._under_way[system]


def _changed(switches: Switches) -> dict[str, Any]:
    default = Switches()
    return {name: value for name, value in asdict(switches).items() if value != getattr(default, name)}


def cut(environ: Mapping[str, Any]) -> None:
    """Break the connection of this request: the caller gets a reset instead of an answer."""
    connection: socket.socket = environ["gunicorn.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RDWR)


def wait(milliseconds: float) -> None:
    if milliseconds > 0:
        time.sleep(milliseconds / 1000)
