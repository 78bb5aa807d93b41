"""Client of the mail server: one connection per e-mail, encrypted unless the server is this machine."""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import NonASCIILocalPartDefect
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Protocol
from uuid import UUID

from config.settings import SmtpAddress
from fiks.core.errors import Avvist, ProvIgjen
from fiks.core.http.client import LOOPBACK
from fiks.epost.rules import Melding, Sprak

SECONDS = 30.0
_NOT_ADDRESS_FAULTS = frozenset({530, 535, 552})
_NOT_ADDRESS_CODES = re.compile(r"\s*5\.(?:7\.(?:0|3|8|2[3-7]|5[47]|6[04]|[5-7]\d\d)|3\.\d+|2\.2)\b")
"""Refusals that are not the address's fault: our login, our sender address, the server itself, full storage.
Once fixed, the same e-mail goes. (RFC 5248, RFC 7372; Exchange's own.)
"""
_POLICY = re.compile(r"\s*5\.7\.1\b")
_SENDER_WORDS = re.compile(
    r"relay|client host|blocked|blacklist|listed|sender address|send as|helo|\bspf\b|\bdmarc\b|unauthenticated",
    re.IGNORECASE,
)
"""A policy refusal (RFC 3463) is as often the receiver's, who takes nothing from outside; it counts as ours
only if its words are about relaying, or about the client or sender.
"""


@dataclass(frozen=True, slots=True, repr=False)
class Utgaende:
    """One outgoing e-mail. `id` gives its Message-ID, the same for every attempt. No repr: it has an address."""

    id: UUID
    til: str
    sprak: Sprak
    melding: Melding


class Epostport(Protocol):
    """Takes over an e-mail. Raises Avvist (this address, for good) and ProvIgjen (everything else)."""

    def send(self, epost: Utgaende) -> None: ...


class SmtpClient:
    """One mail server by `smtp://user:password@host:port` (STARTTLS) or `smtps://…` (TLS from the start)."""

    def __init__(self, url: str, avsender: str, seconds: float = SECONDS) -> None:
        """`avsender`: the sender address. `seconds`: timeout of each answer.

        Raises ValueError for an unusable URL or sender. Connections to this machine itself are not encrypted.
        """
        self._server = SmtpAddress.parse(url)
        self._avsender = avsender
        self._seconds = seconds
        if "@" not in avsender or not avsender.isprintable():
            raise ValueError("the sender of e-mails is no address")

    def __repr__(self) -> str:
        return f"SmtpClient({self._server.host}:{self._server.port})"

    def send(self, epost: Utgaende) -> None:
        """Hand one e-mail over. Raises Avvist (the address is invalid, or the server refuses it) and
        ProvIgjen (everything else, also refusals because of us, of the server itself, or of a full mailbox).

        An unknown outcome is ProvIgjen too: a repeated e-mail has the same Message-ID, and does no harm.
        """
        message = self._message(epost)
        try:
            self._hand_over(message, epost.til)
        except smtplib.SMTPRecipientsRefused as error:
            raise _error_of_refusal("EPOST_ADRESSE", *next(iter(error.recipients.values()))) from None
        except smtplib.SMTPDataError as error:
            raise _error_of_refusal("EPOST", error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPAuthenticationError:
            raise ProvIgjen("EPOST_INNLOGGING_AVVIST") from None
        except (smtplib.SMTPException, OSError) as error:
            raise ProvIgjen("EPOST_UTILGJENGELIG") from error

    def greet(self) -> None:
        """Connect and log in as for an e-mail, and send none. Raises ProvIgjen."""
        try:
            self._connected().quit()
        except smtplib.SMTPAuthenticationError:
            raise ProvIgjen("EPOST_INNLOGGING_AVVIST") from None
        except (smtplib.SMTPException, OSError) as error:
            raise ProvIgjen("EPOST_UTILGJENGELIG") from error

    def _hand_over(self, message: EmailMessage, til: str) -> None:
        """Send to exactly this address. An e-mail the server has accepted is sent, however the connection
        ends.
        """
        server = self._connected()
        try:
            server.send_message(message, to_addrs=[til])
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()

    def _connected(self) -> smtplib.SMTP:
        """Return a logged-in connection; a failure on the way leaves none open."""
        host, port = self._server.host, self._server.port
        trusted = ssl.create_default_context()
        if self._server.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=self._seconds, context=trusted)
        else:
            server = smtplib.SMTP(host, port, timeout=self._seconds)
        try:
            if self._server.scheme == "smtp" and host not in LOOPBACK:
                server.starttls(context=trusted)
            if self._server.user:
                server.login(self._server.user, self._server.password)
        except BaseException:
            server.close()
            raise
        return server

    def _message(self, epost: Utgaende) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._avsender
        _address_to(message, epost.til)
        message["Subject"] = epost.melding.emne
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{epost.id}@{self._avsender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = str(epost.sprak)
        message.set_content(epost.melding.tekst)
        return message


def _error_of_refusal(what: str, code: int, said: bytes | str) -> Avvist | ProvIgjen:
    """Return the error for a refused address or e-mail. Of the server's words only the codes are kept (RFC
    3463).
    """
    if not 500 <= code < 600:
        return ProvIgjen(f"{what}_VENTER")
    words = said.decode("ascii", "replace") if isinstance(said, bytes) else said
    ours = bool(_NOT_ADDRESS_CODES.match(words)) or bool(_POLICY.match(words) and _SENDER_WORDS.search(words))
    if code in _NOT_ADDRESS_FAULTS or ours:
        return ProvIgjen("EPOST_NEKTET", str(code))
    return Avvist(f"{what}_AVVIST", str(code))


def _address_to(message: EmailMessage, til: str) -> None:
    """Set the receiver. Raises Avvist for anything but one address, read strictly (RFC 5322).

    The library repairs what it can (`kari@eksempel].no` becomes an address at `eksempel`), and crashes on the
    rest. Letters outside ASCII are no fault: the server decides whether it can use them (RFC 6531).
    """
    try:
        message["To"] = til
        read = message["To"]
        faults = [one for one in read.defects if not isinstance(one, NonASCIILocalPartDefect)]
        whole = not faults and [one.addr_spec for one in read.addresses] == [til]
    except Exception as error:  # noqa: BLE001 - the parser falls with whatever its code runs into, never by a name
        raise Avvist("EPOST_ADRESSE_AVVIST", type(error).__name__) from None
    if not whole:
        raise Avvist("EPOST_ADRESSE_AVVIST", "read as another")


class UtenEpost:
    """Stand-in when no mail server is configured: e-mails wait, and the alarm for waiting e-mails fires."""

    def send(self, epost: Utgaende) -> None:
        raise ProvIgjen("EPOST_IKKE_SATT_OPP")


def open_mail(url: str, avsender: str) -> Epostport:
    """Build the mail server of the settings; ValueError when they cannot be used."""
    return SmtpClient(url, avsender) if url else UtenEpost()
