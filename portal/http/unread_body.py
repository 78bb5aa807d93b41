"""A machine that is refused while it still sends may finish sending, up to a bound, so that it reads the
refusal.

Most clients read nothing until they have sent everything. If the connection were closed under them, they
would see a broken connection and retry in vain. Beyond the bound the server closes the connection anyway.

A slow sender is waited for; only a silent one is cut off, or every client with a lost network would hold a
thread for ever.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.wsgi import get_input_stream

from fiks.core.db import db
from portal.http.api_errors import is_api

PIECE = 256 * 1024
STRANGER_LIMIT = (64 * 1024 * 1024, 10.0)
CALLER_LIMIT = (400 * 1024 * 1024, 60.0)
"""Most bytes and seconds of a refused body that are read and discarded: for an unauthenticated caller, and
for one that was admitted.
"""
CONNECTION = "gunicorn.socket"
"""Where gunicorn keeps the caller's socket. Reads of the body block there without a timeout."""
SILENCE = 60.0
"""Seconds without a byte in either direction before the connection is given up."""


def init_app(app: Flask) -> None:
    """Set the silence timeout on every machine call, and drain the body after each refusal."""
    app.before_request(set_silence_timeout)
    app.after_request(drain_refused_body)


def set_silence_timeout() -> None:
    """Let reads and writes of the connection fail after SILENCE. gunicorn removes the timeout before the next
    call.
    """
    connection = request.environ.get(CONNECTION)
    if connection is not None and is_api(request.path):
        connection.settimeout(SILENCE)


def drain_refused_body(answer: Response) -> Response:
    """Read and discard the rest of the body of a refused call."""
    if answer.status_code >= 400 and is_api(request.path):
        db.session.rollback()
        most, seconds = CALLER_LIMIT if "actor" in g else STRANGER_LIMIT
        with _read_deadline(seconds):
            _discard(_unread_body(), most)
    return answer


def _unread_body() -> IO[bytes]:
    """The unread part of the body; all of it when it is larger than the route accepts."""
    try:
        return request.stream
    except HTTPException:
        return get_input_stream(request.environ)


@contextmanager
def _read_deadline(seconds: float) -> Iterator[None]:
    """End the body after so many seconds, also for a read that is blocked; the answer can still be sent."""
    connection: socket.socket | None = request.environ.get(CONNECTION)
    if connection is None or not (request.content_length or "Transfer-Encoding" in request.headers):
        yield
        return
    timer = threading.Timer(seconds, _shut_down_reading, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut_down_reading(connection: socket.socket) -> None:
    with suppress(OSError):  # the caller has hung up first
        connection.shutdown(socket.SHUT_RD)


def _discard(stream: IO[bytes], most: int) -> None:
    try:
        while most > 0:
            piece = stream.read(PIECE)
            if not piece:
                return
            most -= len(piece)
    except (OSError, HTTPException):  # the caller is gone: nobody waits for the answer
        return
