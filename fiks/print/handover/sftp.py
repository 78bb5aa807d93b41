"""SFTP sessions: one per thread, kept open between calls and bound to one known host key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import paramiko
from paramiko.sftp import CMD_EXTENDED

from config.settings import SftpAddress
from fiks.core.errors import ProvIgjen

T = TypeVar("T")

BREAKS = (paramiko.SSHException, EOFError, OSError)
"""Everything a call may fail with; the server's own refusals are OSError on a session that still lives."""


@dataclass(frozen=True, slots=True)
class Door:
    """A print house's address, and the private key to log in with when the address has no password."""

    address: SftpAddress
    key: paramiko.PKey | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.address.password and self.key is None:
            raise ValueError("the print house's address has no password, and there is no key to log in with")


def fingerprint(key: paramiko.PKey) -> str:
    """Return a host key's SHA-256 fingerprint in OpenSSH notation."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


class Session:
    """One authenticated connection with one SFTP channel."""

    def __init__(self, door: Door, timeout: float) -> None:
        """Connect, check the host key, log in. Raises ProvIgjen; nothing has then been delivered."""
        address = door.address
        self._transport: paramiko.Transport | None = None
        try:
            connection = socket.create_connection((address.host, address.port), timeout)
        except OSError as error:
            raise ProvIgjen("PRINTHUS_UTILGJENGELIG", type(error).__name__) from error
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._transport = transport = paramiko.Transport(connection)
            transport.banner_timeout = transport.auth_timeout = transport.channel_timeout = timeout
            transport.start_client(timeout=timeout)
            if not hmac.compare_digest(fingerprint(transport.get_remote_server_key()), address.fingerprint):
                raise ProvIgjen("PRINTHUS_UKJENT_NOKKEL", throttled=True)
            _log_in(transport, door)
            sftp = paramiko.SFTPClient.from_transport(transport)
        except ProvIgjen:
            self.close()
            raise
        except paramiko.AuthenticationException as error:
            self.close()
            raise ProvIgjen("PRINTHUS_INNLOGGING", type(error).__name__, throttled=True) from error
        except BREAKS as error:
            connection.close()
            self.close()
            raise ProvIgjen("PRINTHUS_UTILGJENGELIG", type(error).__name__) from error
        assert sftp is not None
        channel = sftp.get_channel()
        assert channel is not None
        channel.settimeout(timeout)
        self.sftp = sftp
        self._channel = channel
        self._can_fsync = True

    def alive(self) -> bool:
        """Return whether the session has not been seen to break."""
        return self._transport is not None and self._transport.is_active() and not self._channel.closed

    def fsync(self, remote: paramiko.SFTPFile) -> None:
        """Ask the server to flush an open file to disk, if it supports that (OpenSSH does)."""
        if not self._can_fsync:
            return
        client: Any = self.sftp
        try:
            client._request(CMD_EXTENDED, "fsync@openssh.com", remote.handle)
        except OSError as error:
            if not is_answer(self, error):
                raise
            self._can_fsync = False

    def close(self) -> None:
        """Drop the connection."""
        if self._transport is not None:
            self._transport.close()

    def __del__(self) -> None:
        """Close the connection of a thread that ends."""
        self.close()


def _log_in(transport: paramiko.Transport, door: Door) -> None:
    if door.key is None:
        transport.auth_password(door.address.user, door.address.password)
    else:
        transport.auth_publickey(door.address.user, door.key)


class Pool:
    """Each thread's own session, opened at first use and again when it broke."""

    def __init__(self, door: Door, timeout: float) -> None:
        self._door = door
        self._timeout = timeout
        self._mine = threading.local()

    def run(self, act: Callable[[Session], T]) -> T:
        """Run `act` on this thread's session; raises ProvIgjen when it breaks or the print house refuses.

        A kept session may have died unnoticed, so a break on one is retried once on a new session: `act` must
        be safe to start again, and raise its own error where it is not.
        """
        kept: Session | None = getattr(self._mine, "session", None)
        if kept is not None and kept.alive():
            try:
                return act(kept)
            except BREAKS as error:
                if is_answer(kept, error):
                    raise ProvIgjen("PRINTHUS_AVSLO", str(error)[:200]) from error
        return self._run_on_new(act)

    def _run_on_new(self, act: Callable[[Session], T]) -> T:
        self.drop()
        session = self._mine.session = Session(self._door, self._timeout)
        try:
            return act(session)
        except BREAKS as error:
            if is_answer(session, error):
                raise ProvIgjen("PRINTHUS_AVSLO", str(error)[:200]) from error
            self.drop()
            raise ProvIgjen("PRINTHUS_BRUDD", type(error).__name__) from error

    def drop(self) -> None:
        """Close this thread's session; the next call opens a new one."""
        session: Session | None = getattr(self._mine, "session", None)
        self._mine.session = None
        if session is not None:
            session.close()


def is_answer(session: Session, error: BaseException) -> bool:
    """Return whether `error` is the server's own refusal on a session that still works, and not a broken
    connection.
    """
    return isinstance(error, OSError) and not isinstance(error, TimeoutError) and session.alive()
