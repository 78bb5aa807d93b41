"""A body in chunks that the server cannot take apart: the caller's mistake, and told as such.

The server reads it only while a route does, so what is wrong with it comes out there, in the server's own words.
"""

from __future__ import annotations

from typing import IO

from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest


class UleseligKropp(BadRequest):
    """The chunks of the body (Transfer-Encoding: chunked) are not such as RFC 9112 has them."""


class Kropp:
    """The body as the server reads it, whose failure to do so is UleseligKropp."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, all of it when negative, none at its end."""
        try:
            return self._stream.read(size)
        except ParseException as error:
            raise UleseligKropp from error
