"""What one worker process holds: its app, its owner lock, its world. Made at first use, never before a fork."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import Any, Generic, Self, TypeVar, overload

import psycopg
from flask import Flask

from config.paths import FONTS
from config.settings import Settings
from fiks.core.locks import Owner
from fiks.drift import own_keys, restored
from fiks.epost.client import Epostport, open_mail
from fiks.pdf import Pdfkontrollor, Pdfleser, Sammenfletter, Sidetegner
from fiks.print.handover.deliver import Hus
from fiks.sms.client import TIMEOUT as SMS_TIMEOUT
from fiks.sms.client import Smsport, open_gateway
from fiks.svarut.delivery import Verden
from fiks.svarut.paper_protection import Papirvern
from fiks.svarut.receipts import Feed
from fiks.svarut.rules import Kanal
from fiks.svarut.signing import Signeringsport
from fiks.utsending.brev import Brevtrykker
from fiks.utsending.liste.patience import PATIENCE
from workers.app import create_app
from workers.channels import open_houses, open_signing, open_world, read_seconds

T = TypeVar("T")


class Part(Generic[T]):
    """A part of a process, made by `make` when first asked for, once, under the process's lock."""

    def __init__(self, make: Callable[[Process], T]) -> None:
        self.make, self.name = make, make.__name__

    @overload
    def __get__(self, process: None, owner: type[Process]) -> Self: ...
    @overload
    def __get__(self, process: Process, owner: type[Process]) -> T: ...
    def __get__(self, process: Process | None, owner: type[Process]) -> Self | T:
        if process is None:
            return self
        with process._guard:
            if self.name not in process._parts:
                process._parts[self.name] = self.make(process)
            made: T = process._parts[self.name]
        return made


class Process:
    """The parts of this process, each made when first asked for."""

    owned_every = 15.0
    """Seconds between two looks whether a process that nobody rings still holds its owner's lock."""
    patience = PATIENCE
    """Seconds that a register which does not answer is asked again about a list."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._guard = threading.RLock()
        self._parts: dict[str, Any] = {}
        self._asked = 0
        self._at_work: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self.leaving = threading.Event()
        """Set when the process has been told to end."""

    def ask_guard(self, number: int | None = None) -> None:
        """Before the first work under an owner's `number`, ours as it is: are our keys the house's? Is the database a
        restored one? Then sending is stopped from here on. Who has lost its number has lost its database, and what
        came back may be an older one.

        Inside the app. Raises Utilgjengelig, and then it is asked again before the next.
        """
        number = self.owner.number if number is None else number
        with self._guard:
            if self._asked != number:
                own_keys.require_ours()
                restored.check()
                self._asked = number

    def hold_lock(self) -> None:
        """Hold the owner's lock, taken anew when the database has let go of it, until the process is told to end."""
        while not self.leaving.wait(self.owned_every):
            with suppress(psycopg.Error):  # the database is away: it is asked again
                self.owner.ensure()

    def alone(self, name: str, work: Callable[[], int | None]) -> int | None:
        """Do this unless another thread of the process is at what has this name; then None."""
        with self._guard:
            lock = self._at_work[name]
        if not lock.acquire(blocking=False):
            return None
        try:
            return work()
        finally:
            lock.release()

    def put(self, part: Part[T], made: T) -> None:
        """Let `part` be this one from now on, as tests and benchmarks have it."""
        with self._guard:
            self._parts[part.name] = made

    def forget(self, *parts: Part[Any]) -> None:
        """Make these anew when they are next asked for."""
        with self._guard:
            for part in parts:
                self._parts.pop(part.name, None)

    @cached_property
    def app(self) -> Flask:
        return create_app(self.settings)

    @Part
    def world_and_feeds(self) -> tuple[Verden, dict[Kanal, Feed]]:
        return open_world(self.settings, lambda: self.printer, lambda: self.merger)

    @property
    def world(self) -> Verden:
        return self.world_and_feeds[0]

    @property
    def feeds(self) -> dict[Kanal, Feed]:
        return self.world_and_feeds[1]

    @property
    def vern(self) -> Papirvern:
        return Papirvern(self.world.registers, self.world.skjerm)

    @Part
    def houses(self) -> dict[str, Hus]:
        return open_houses(self.settings)

    @Part
    def signing(self) -> Signeringsport:
        return open_signing(self.settings)

    @Part
    def mail(self) -> Epostport:
        return open_mail(self.settings.smtp_url, self.settings.epost_avsender)

    @Part
    def gateway(self) -> Smsport:
        return open_gateway(self.settings.sms_url, (SMS_TIMEOUT[0], read_seconds(self.settings)))

    @Part
    def owner(self) -> Owner:
        return Owner(self.settings.sqlalchemy_url, self.ask_guard)

    @Part
    def printer(self) -> Brevtrykker:
        return Brevtrykker(FONTS)

    @Part
    def reader(self) -> Pdfleser:
        return Pdfleser()

    @Part
    def checker(self) -> Pdfkontrollor:
        return Pdfkontrollor()

    @Part
    def pages(self) -> Sidetegner:
        return Sidetegner()

    @Part
    def merger(self) -> Sammenfletter:
        return Sammenfletter()


_processes: list[Process] = []
_guard = threading.Lock()


def this_process() -> Process:
    """The process's parts, from its own environment."""
    with _guard:
        if not _processes:
            _processes.append(Process(Settings.from_env()))
        return _processes[0]
