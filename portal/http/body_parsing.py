"""Read forms with files so that the content of a file does not depend on how the network splits the body.

Werkzeug's decoder adds a byte of the boundary line to the file when a read ends within that line (its issue
#3285). A PDF or a list would be one byte too long, and have another digest each time it is sent.
"""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Any

from flask import Request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest
from werkzeug.formparser import FormDataParser

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


MAX_LINE = 1024
"""Longest boundary line in bytes, including white space at its end."""


class _WholeLines:
    """A body stream whose reads never end within a boundary line."""

    def __init__(self, stream: IO[bytes], boundary: str) -> None:
        self._stream = stream
        self._cut = re.compile(rb"--%s(-|[ \t]+)\Z" % re.escape(boundary.encode("latin-1", "replace")))
        self._before = b""

    def read(self, size: int = -1) -> bytes:
        """Return at least one byte unless the body has ended; a little more than `size` to complete a
        boundary line.
        """
        data = self._stream.read(size)
        while data and self._cut.search(self._before + data[-MAX_LINE:]):
            more = self._stream.read(1)
            if not more:
                break
            data += more
        self._before = (self._before + data[-MAX_LINE:])[-MAX_LINE:]
        return data


class Skjemaleser(FormDataParser):
    """Werkzeug's form parser, on a stream of whole boundary lines."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> Any:
        """The fields and files of a form; see Werkzeug."""
        boundary = (options or {}).get("boundary", "")
        if mimetype != "multipart/form-data" or not boundary:
            return super().parse(stream, mimetype, content_length, options)
        whole: Any = _WholeLines(stream, boundary)
        _, fields, files = super().parse(whole, mimetype, content_length, options)
        return stream, fields, files


class Foresporsel(Request):
    """A request that parses files exactly as sent, and refuses a chunked body the server cannot read."""

    form_data_parser_class = Skjemaleser

    def __init__(
        self, environ: WSGIEnvironment, populate_request: bool = True, shallow: bool = False
    ) -> None:
        if "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = Kropp(environ["wsgi.input"])
        super().__init__(environ, populate_request, shallow)


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
