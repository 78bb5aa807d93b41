"""A machine that is refused while it still sends is let finish, up to a bound, so that it reads why.

Most clients read nothing until they have sent everything. Were the connection closed under them, they would be told of
a broken connection, and try again for nothing. Past the bound the server closes it all the same.

However slowly a machine sends, it is waited for; only one that has fallen silent is let go, or each whose network was
lost would hold a thread for ever.
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
from portal.api.errors import is_api

PIECE = 256 * 1024
STRANGER = (64 * 1024 * 1024, 10.0)
KNOWN = (400 * 1024 * 1024, 60.0)
"""Bytes and seconds of a body that are read on and thrown away: for a caller without proof, and for one we know."""
CONNECTION = "gunicorn.socket"
"""Where the server keeps the caller's connection. A read of its body waits there, and for as long as it likes."""
SILENCE = 60.0
"""Seconds without a byte, in either direction, after which the connection is given up."""


def init_app(app: Flask) -> None:
    """Bound the silence of each call of a machine, and read on after each refusal of one."""
    app.before_request(bound_silence)
    app.after_request(finish_reading)


def bound_silence() -> None:
    """Have a read or write of the connection fail after SILENCE. The server lifts it before the next call."""
    connection = request.environ.get(CONNECTION)
    if connection is not None and is_api(request.path):
        connection.settimeout(SILENCE)


def finish_reading(answer: Response) -> Response:
    """Throw away what is left of the body of a refused call."""
    if answer.status_code >= 400 and is_api(request.path):
        db.session.rollback()
        most, seconds = KNOWN if "actor" in g else STRANGER
        with _hanging_up_after(seconds):
            _throw_away(_rest(), most)
    return answer


def _rest() -> IO[bytes]:
    """What is not yet read; of a body that is larger than the route takes, nothing has been."""
    try:
        return request.stream
    except HTTPException:
        return get_input_stream(request.environ)


@contextmanager
def _hanging_up_after(seconds: float) -> Iterator[None]:
    """Let the body end when the time is up, also for a read that waits for it; the answer can still be sent."""
    connection: socket.socket | None = request.environ.get(CONNECTION)
    if connection is None or not (request.content_length or "Transfer-Encoding" in request.headers):
        yield
        return
    timer = threading.Timer(seconds, _hang_up, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # the caller has hung up first
        connection.shutdown(socket.SHUT_RD)


def _throw_away(stream: IO[bytes], most: int) -> None:
    try:
        while most > 0:
            piece = stream.read(PIECE)
            if not piece:
                return
            most -= len(piece)
    except (OSError, HTTPException):  # the caller is gone: nobody waits for the answer
        return
