"""An SFTP server on loopback for one user and one folder, with the faults an SFTP server can have.

The user logs in with a password, or with a key when the server was told of one.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import paramiko
from paramiko import SFTPAttributes, SFTPHandle, SFTPServer, SFTPServerInterface, common, sftp

# paramiko ships no types.
AUTH_FAILED: int = common.AUTH_FAILED
AUTH_SUCCESSFUL: int = common.AUTH_SUCCESSFUL
OPEN_SUCCEEDED: int = common.OPEN_SUCCEEDED
OPEN_REFUSED: int = common.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
SFTP_FAILURE: int = sftp.SFTP_FAILURE
SFTP_OK: int = sftp.SFTP_OK

logging.getLogger("paramiko.transport").addFilter(lambda record: record.levelno < logging.ERROR)


@dataclass(frozen=True)
class Login:
    """How the one user gets in: by `key` alone when there is one, else by the password."""

    user: str
    password: str = field(repr=False)
    key: paramiko.PKey | None = None


@dataclass
class Faults:
    """What goes wrong. Counters say how many times more (-1: always), `full` for how long."""

    full: bool = False
    disconnect_half: int = 0
    disconnect_before_rename: int = 0
    disconnect_after_rename: int = 0
    _guard: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def strikes(self, name: str) -> bool:
        """Use up one of the counter `name`, if there is any left."""
        with self._guard:
            left: int = getattr(self, name)
            if left > 0:
                setattr(self, name, left - 1)
            return left != 0


class _Door(paramiko.ServerInterface):  # type: ignore[misc]
    def __init__(self, login: Login, faults: Faults, transport: paramiko.Transport) -> None:
        self._login = login
        self.faults = faults
        self.transport = transport

    def check_auth_password(self, username: str, password: str) -> int:
        known = self._login
        right = known.key is None and (username, password) == (known.user, known.password)
        return AUTH_SUCCESSFUL if right else AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        right = self._login.key is not None and (username, key) == (self._login.user, self._login.key)
        return AUTH_SUCCESSFUL if right else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        allowed = kind == "session"
        return OPEN_SUCCEEDED if allowed else OPEN_REFUSED

    def get_allowed_auths(self, username: str) -> str:
        return "password" if self._login.key is None else "publickey"


class _File(SFTPHandle):  # type: ignore[misc]
    """An open file. Written files are put on disk before the answer to their closing."""

    def __init__(self, fd: int, flags: int, door: _Door) -> None:
        super().__init__(flags)
        self._fd: int | None = fd
        self._writing = bool(flags & (os.O_WRONLY | os.O_RDWR))
        self._door = door

    def read(self, offset: int, length: int) -> bytes | int:
        return SFTP_FAILURE if self._fd is None else os.pread(self._fd, length, offset)

    def write(self, offset: int, data: bytes) -> int:
        if self._fd is None or self._door.faults.full:
            return SFTP_FAILURE
        if self._door.faults.strikes("disconnect_half"):
            os.pwrite(self._fd, data[: len(data) // 2], offset)
            self.close()
            self._door.transport.close()
            return SFTP_FAILURE
        os.pwrite(self._fd, data, offset)
        return SFTP_OK

    def stat(self) -> SFTPAttributes | int:
        return SFTP_FAILURE if self._fd is None else SFTPAttributes.from_stat(os.fstat(self._fd))

    def close(self) -> None:
        if self._fd is not None:
            if self._writing:
                os.fsync(self._fd)
            os.close(self._fd)
        self._fd = None


class _Files(SFTPServerInterface):  # type: ignore[misc]
    def __init__(self, server: _Door, folder: Path) -> None:
        super().__init__(server)
        self._door = server
        self._folder = folder

    def _local(self, path: str) -> str:
        """The path on disk; `canonicalize` has removed every `..` that would leave the folder."""
        return f"{self._folder}{self.canonicalize(path)}"

    def list_folder(self, path: str) -> list[SFTPAttributes] | int:
        try:
            with os.scandir(self._local(path)) as entries:
                return list(_listed(entries))
        except OSError as error:
            return _code(error)

    def stat(self, path: str) -> SFTPAttributes | int:
        try:
            return SFTPAttributes.from_stat(os.stat(self._local(path)))
        except OSError as error:
            return _code(error)

    lstat = stat

    def open(self, path: str, flags: int, attr: SFTPAttributes) -> SFTPHandle | int:
        try:
            return _File(os.open(self._local(path), flags, 0o600), flags, self._door)
        except OSError as error:
            return _code(error)

    def remove(self, path: str) -> int:
        try:
            os.remove(self._local(path))
        except OSError as error:
            return _code(error)
        return SFTP_OK

    def rename(self, oldpath: str, newpath: str) -> int:
        """Rename, never over an existing file, as SFTP version 3 says."""
        if self._door.faults.strikes("disconnect_before_rename"):
            self._door.transport.close()
            return SFTP_FAILURE
        try:
            os.link(self._local(oldpath), self._local(newpath))
            os.remove(self._local(oldpath))
        except OSError as error:
            return _code(error)
        if self._door.faults.strikes("disconnect_after_rename"):
            self._door.transport.close()
        return SFTP_OK


def _listed(entries: Iterable[os.DirEntry[str]]) -> Iterator[SFTPAttributes]:
    """What is in a folder. What went between the reading of its name and the look at it is left out, as servers do."""
    for entry in entries:
        with suppress(FileNotFoundError):
            yield SFTPAttributes.from_stat(entry.stat(), entry.name)


def _code(error: OSError) -> int:
    """The SFTP answer that says what `error` says."""
    return int(SFTPServer.convert_errno(error.errno or 0))


class Sftp:
    """The server: `start()` listens, `stop()` cuts every connection. Port 0 takes a free one."""

    def __init__(self, folder: Path, key: paramiko.PKey, login: Login, port: int, faults: Faults) -> None:
        self.port = port
        self._folder, self._key = folder, key
        self._login, self._faults = login, faults
        self._listener: socket.socket | None = None
        self._transports: set[paramiko.Transport] = set()

    def start(self) -> None:
        """Listen on loopback; raises OSError when the port is taken."""
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), name="sftp-accept", daemon=True).start()

    def stop(self) -> None:
        """Stop listening and cut the connections."""
        if self._listener is not None:
            listener, self._listener = self._listener, None
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for transport in list(self._transports):
            transport.close()
        self._transports.clear()

    def _accept(self, listener: socket.socket) -> None:
        while self._listener is listener:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._transports = {known for known in self._transports if known.is_active()}
            transport = paramiko.Transport(connection)
            transport.add_server_key(self._key)
            transport.set_subsystem_handler("sftp", SFTPServer, _Files, self._folder)
            door = _Door(self._login, self._faults, transport)
            self._transports.add(transport)
            transport.start_server(event=threading.Event(), server=door)
