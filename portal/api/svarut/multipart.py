"""Streaming parser of a send call's multipart body: nothing is collected in memory or on disk (svarut.md
3.2).

Parts are identified by order and file name; a part's own name and content type are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from flask import request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from fiks.svarut.mottak.errors import refuse
from portal.http.body_parsing import UleseligKropp

PIECE = 64 * 1024
MAX_PARTS = 110
MAX_BUFFERED = 1024 * 1024
"""Most bytes the decoder buffers while it looks for the end of a part's headers."""
MAX_LINE = 1024
"""Longest boundary line in bytes, including white space at its end."""
MAX_FACTS = 1024 * 1024
"""Most bytes of the first part, which describes the letter."""
IDENTITY_ENCODINGS = frozenset({"binary", "8bit", "7bit"})
"""Content-Transfer-Encodings that change nothing."""


class Leser(MultipartDecoder):
    """Werkzeug's decoder, also for headers in Latin-1: older HTTP clients send file names in it."""

    def _parse_headers(self, data: bytes | bytearray) -> Headers:
        try:
            return super()._parse_headers(data)
        except UnicodeDecodeError:
            return super()._parse_headers(data.decode("latin-1").encode())


@dataclass(slots=True)
class Del:
    """One part: its file name and bytes, to be read before the next part is requested."""

    navn: str
    filnavn: str
    biter: Iterator[bytes]


def parts() -> Iterator[Del]:
    """The parts of this request's body.

    MULTIPART_UGYLDIG for an invalid, truncated or too long body, or a part in a transfer encoding (RFC 7578,
    4.7).
    """
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype not in ("multipart/form-data", "multipart/mixed") or not boundary:
        raise refuse("MULTIPART_UGYLDIG")
    events = _events(request.stream, boundary.encode("latin-1", "replace"))
    event = next(events, None)
    while event is not None:
        if not isinstance(event, Field | File) or _encoding(event) not in IDENTITY_ENCODINGS:
            raise refuse("MULTIPART_UGYLDIG")
        part = Del(event.name or "", event.filename or "" if isinstance(event, File) else "", _bytes(events))
        yield part
        for _ in part.biter:  # what the reader left
            pass
        event = next(events, None)


def _encoding(part: Field | File) -> str:
    return part.headers.get("Content-Transfer-Encoding", "binary").strip().lower()


def read_letter_part() -> tuple[bytes, Iterator[Del]]:
    """The first part, named `forsendelse`, complete; and the parts after it."""
    rest = parts()
    first = next(rest, None)
    if first is None or first.navn != "forsendelse":
        raise refuse("FORSENDELSE_MANGLER")
    body = bytearray()
    for piece in first.biter:
        body += piece
        if len(body) > MAX_FACTS:
            raise refuse("JSON_UGYLDIG", "forsendelse")
    return bytes(body), rest


def _bytes(events: Iterator[Event]) -> Iterator[bytes]:
    for event in events:
        if not isinstance(event, Data):
            raise refuse("MULTIPART_UGYLDIG")
        if event.data:
            yield event.data
        if not event.more_data:
            return


def _events(stream: IO[bytes], boundary: bytes) -> Iterator[Event]:
    """Fields, files and their data in order; preamble and epilogue are dropped."""
    decoder = Leser(boundary, MAX_BUFFERED, max_parts=MAX_PARTS)
    cut = re.compile(rb"--%s(-|[ \t]+)\Z" % re.escape(boundary))
    try:
        while True:
            # Of a line between parts that is cut here, the decoder would take a byte for the document's (its #3285).
            while not decoder.complete and cut.search(decoder.buffer[-MAX_LINE:]):
                decoder.receive_data(stream.read(PIECE) or None)
            event = decoder.next_event()
            if isinstance(event, NeedData):
                decoder.receive_data(stream.read(PIECE) or None)
            elif isinstance(event, Epilogue):
                return
            elif isinstance(event, Field | File | Data):
                yield event
    except UleseligKropp:
        raise
    except (ValueError, BadRequest, RequestEntityTooLarge) as error:
        raise refuse("MULTIPART_UGYLDIG") from error
