"""A mail server that keeps what it gets and sends nothing on: for the demo and the tests."""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

KEEP = 1_000


@dataclass(frozen=True, slots=True)
class Mottatt:
    """One e-mail as it came: to one address, its headers and its text."""

    til: str
    emne: str
    tekst: str
    melding_id: str
    kom: datetime
    melding: EmailMessage


@dataclass(frozen=True, slots=True)
class Switches:
    """How the server misbehaves.

    `refuse`: addresses it will never have. `busy`: it answers 451 to everything. `break_after`: it keeps the next
    e-mails and breaks the connection before it says so.
    """

    refuse: tuple[str, ...] = ()
    busy: bool = False
    break_after: bool = False


class MailServer:
    """`start()` opens the door on 127.0.0.1; `stop()` closes it. What came stays until the process ends."""

    def __init__(self, port: int = 0) -> None:
        self.switches = Switches()
        self._kept: deque[Mottatt] = deque(maxlen=KEEP)
        self._lock = threading.Lock()
        self._controller = _AnyPort(_Door(self), hostname="127.0.0.1", port=port)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}"

    def start(self) -> MailServer:
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd tells of every connection
        self._controller.start()
        return self

    def stop(self) -> None:
        self._controller.stop()

    def switch(self, **values: object) -> None:
        """Replace the switches; TypeError names an unknown one."""
        fresh = Switches(**values)  # type: ignore[arg-type]
        self.switches = replace(fresh, refuse=tuple(fresh.refuse))

    def received(self) -> list[Mottatt]:
        """What came, oldest first; at most the last thousand."""
        with self._lock:
            return list(self._kept)

    def keep(self, envelope: Envelope) -> None:
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        with self._lock:
            for address in envelope.rcpt_tos:
                self._kept.append(
                    Mottatt(
                        address,
                        message["Subject"] or "",
                        text,
                        message["Message-ID"] or "",
                        datetime.now(UTC),
                        message,
                    )
                )


class _AnyPort(Controller):
    """A controller whose port may be one the machine chooses (0); the library itself asks for a number."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class _Door:
    """The hooks of aiosmtpd."""

    def __init__(self, house: MailServer) -> None:
        self._house = house

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self._house.switches.refuse:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self._house.switches.busy:
            return "451 try again later"
        self._house.keep(envelope)
        if self._house.switches.break_after and server.transport is not None:
            server.transport.abort()
        return "250 kept"
