"""Parts of one worker process: app, owner lock, clients, renderers. Each is created at first use, never
before a fork.
"""

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
from fiks.core.queue.owner_lock import Owner
from fiks.drift import key_check, restore_guard
from fiks.epost.client import Epostport, open_mail
from fiks.pdf import Pdfkontrollor, Pdfleser, Sammenfletter, Sidetegner
from fiks.print.handover.deliver import Hus
from fiks.sms.client import TIMEOUT as SMS_TIMEOUT
from fiks.sms.client import Smsport, open_gateway
from fiks.svarut.delivery.deliver import Verden
from fiks.svarut.paper.address_check import Papirvern
from fiks.svarut.receipts.feed import Feed
from fiks.svarut.rules import Kanal
from fiks.svarut.signing.orders import Signeringsport
from fiks.utsending.brev import Brevtrykker
from fiks.utsending.liste.control.register_retry import RETRY_SECONDS
from workers.app import create_app
from workers.channels import open_houses, open_signing, open_world, read_seconds

T = TypeVar("T")


class Part(Generic[T]):
    """Descriptor: a part of a process, created once by `make` when first asked for, under the process's lock."""

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
    """The parts of this process, each created when first asked for."""

    owned_every = 15.0
    """Seconds between checks that a process which nobody rings still holds its owner lock."""
    patience = RETRY_SECONDS
    """Seconds for which a register that does not answer is asked again about a list."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._guard = threading.RLock()
        self._parts: dict[str, Any] = {}
        self._asked = 0
        self._at_work: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self.leaving = threading.Event()
        """Set when the process has been told to end."""

    def ask_guard(self, number: int | None = None) -> None:
        """Check, before the first work under an owner `number`, that our keys are the house's and that the
        database is not a restored one.

        A restored database stops all sending. A process that lost its number lost its database, and what came
        back may be an older one, so the check is repeated per number. Call it inside the app. Raises
        Utilgjengelig; the next work then checks again.
        """
        number = self.owner.number if number is None else number
        with self._guard:
            if self._asked != number:
                key_check.require_ours()
                restore_guard.check_for_restore()
                self._asked = number

    def hold_lock(self) -> None:
        """Keep the owner lock, taking it anew when the database dropped it, until the process is told to
        stop.
        """
        while not self.leaving.wait(self.owned_every):
            with suppress(psycopg.Error):  # the database is away: it is asked again
                self.owner.ensure()

    def alone(self, name: str, work: Callable[[], int | None]) -> int | None:
        """Run `work` unless another thread of this process is running work of the same name; then return
        None.
        """
        with self._guard:
            lock = self._at_work[name]
        if not lock.acquire(blocking=False):
            return None
        try:
            return work()
        finally:
            lock.release()

    def put(self, part: Part[T], made: T) -> None:
        """Replace `part` by this object, for tests and benchmarks."""
        with self._guard:
            self._parts[part.name] = made

    def forget(self, *parts: Part[Any]) -> None:
        """Create these parts anew when they are next asked for."""
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
    """Return the parts of this process, created from its own environment."""
    with _guard:
        if not _processes:
            _processes.append(Process(Settings.from_env()))
        return _processes[0]
