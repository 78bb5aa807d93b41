"""Reading a form with files: what a file holds does not depend on where the network cut its last line.

Werkzeug's decoder takes a byte of the line that ends a file for the file's own when a read ends within that line (its
#3285). A PDF or a list would have one byte too many, and another digest each time it is sent.
"""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Any

from flask import Request
from werkzeug.formparser import FormDataParser

from portal.request_body import Kropp

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_LINE = 1024
"""Bytes of a line between two parts, with the space that may stand at its end."""


class _WholeLines:
    """A body that never ends a read within a line between two parts."""

    def __init__(self, stream: IO[bytes], boundary: str) -> None:
        self._stream = stream
        self._cut = re.compile(rb"--%s(-|[ \t]+)\Z" % re.escape(boundary.encode("latin-1", "replace")))
        self._before = b""

    def read(self, size: int = -1) -> bytes:
        """At least one byte unless the body is at its end; a little more than `size` where the line is not."""
        data = self._stream.read(size)
        while data and self._cut.search(self._before + data[-MAX_LINE:]):
            more = self._stream.read(1)
            if not more:
                break
            data += more
        self._before = (self._before + data[-MAX_LINE:])[-MAX_LINE:]
        return data


class Skjemaleser(FormDataParser):
    """As Werkzeug's, on a body of whole lines."""

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
    """A request whose files are what was sent, and whose body is refused when the server cannot read it."""

    form_data_parser_class = Skjemaleser

    def __init__(
        self, environ: WSGIEnvironment, populate_request: bool = True, shallow: bool = False
    ) -> None:
        if "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = Kropp(environ["wsgi.input"])
        super().__init__(environ, populate_request, shallow)
