"""Chunked bodies that gunicorn cannot parse: a client error (400), not ours.

gunicorn reads the body only while a route does, so its parse error surfaces there and is translated here.
"""

from __future__ import annotations

from typing import IO

from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest


class UleseligKropp(BadRequest):
    """The chunks of the body (Transfer-Encoding: chunked) do not follow RFC 9112."""


class Kropp:
    """The body as gunicorn reads it; a parse error becomes UleseligKropp."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, all of it when negative, none at its end."""
        try:
            return self._stream.read(size)
        except ParseException as error:
            raise UleseligKropp from error
