"""A machine that is refused while it still sends is let finish, up to a bound, so that it reads why.

Most clients read nothing until they have sent everything. Were the connection closed under them, they would be told of
a broken connection, and try again for nothing. Past the bound the server closes it all the same.
"""

from __future__ import annotations

import time
from typing import IO

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.wsgi import get_input_stream

from portal.api.feil import is_api

PIECE = 256 * 1024
STRANGER = (64 * 1024 * 1024, 10.0)
KNOWN = (400 * 1024 * 1024, 60.0)
"""Bytes and seconds of a body that are read on and thrown away: for a caller without proof, and for one we know."""


def init_app(app: Flask) -> None:
    """Read on after each refusal of a machine."""
    app.after_request(finish_reading)


def finish_reading(answer: Response) -> Response:
    """Throw away what is left of the body of a refused call."""
    if answer.status_code >= 400 and is_api(request.path):
        most, seconds = KNOWN if "actor" in g else STRANGER
        _throw_away(_rest(), most, time.monotonic() + seconds)
    return answer


def _rest() -> IO[bytes]:
    """What is not yet read; of a body that is larger than the route takes, nothing has been."""
    try:
        return request.stream
    except HTTPException:
        return get_input_stream(request.environ)


def _throw_away(stream: IO[bytes], most: int, until: float) -> None:
    try:
        while most > 0 and time.monotonic() < until:
            piece = stream.read(PIECE)
            if not piece:
                return
            most -= len(piece)
    except (OSError, HTTPException):  # the caller is gone: nobody waits for the answer
        return
