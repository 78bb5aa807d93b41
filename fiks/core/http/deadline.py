"""Deadlines for HTTP calls: the whole answer, head included, must arrive in time, and a call gets as long to
be sent.

A timeout of `requests` is per silence: an answer that comes one octet at a time would be waited for without
end. And on a new connection the whole call must be sent within the connect timeout: a large letter on a slow
line would fail every time.
"""

from __future__ import annotations

import io
import math
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPResponse
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection

_seconds: ContextVar[float] = ContextVar("answer_seconds", default=math.inf)


@contextmanager
def answer_deadline(seconds: float) -> Iterator[None]:
    """Set the deadline of calls made inside through a `TimedAdapter`: at most `seconds` to send, then
    `seconds` for the answer.

    Reading the answer later, also outside the block, ends in the reader's own timeout.
    """
    token = _seconds.set(seconds)
    try:
        yield
    finally:
        _seconds.reset(token)


class TimedAdapter(HTTPAdapter):
    """Adapter of `requests` that applies the deadline, directly or through a proxy."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As in the base class."""
        super().init_poolmanager(*args, **kwargs)
        _use_deadline_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> ProxyManager:
        """As in the base class."""
        manager: ProxyManager = super().proxy_manager_for(proxy, **kwargs)
        _use_deadline_pools(manager)
        return manager


def _use_deadline_pools(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class _DeadlineReader(io.RawIOBase):
    """Reads from a socket until a moment of the monotonic clock; TimeoutError after it."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock = sock
        self._until = until
        self._inner = sock.makefile("rb", buffering=0)

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        silence = self._sock.gettimeout()
        self._sock.settimeout(left if silence is None else min(left, silence))
        try:
            return self._inner.readinto(buffer)
        finally:
            self._sock.settimeout(silence)  # the connection may be kept for the next call

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._inner.fileno()

    def close(self) -> None:
        self._inner.close()
        super().close()


class _Answer(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        untimed, seconds = self.fp, _seconds.get()
        if seconds < math.inf:
            self.fp = io.BufferedReader(_DeadlineReader(sock, time.monotonic() + seconds))
            untimed.close()


class _DeadlineConnection:
    """A connection whose calls are sent within the deadline instead of the connect timeout."""

    sock: socket.socket | None
    timeout: float | None
    connect: Callable[[], None]

    def request(self, *args: Any, **kwargs: Any) -> None:
        """As in the base class, which applies `timeout` to the whole call."""
        if self.sock is None:
            self.connect()
        if _seconds.get() < math.inf:
            self.timeout = _seconds.get()
        super().request(*args, **kwargs)  # type: ignore[misc]


class _Connection(_DeadlineConnection, HTTPConnection):
    response_class = _Answer


class _TlsConnection(_DeadlineConnection, HTTPSConnection):
    response_class = _Answer


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection
