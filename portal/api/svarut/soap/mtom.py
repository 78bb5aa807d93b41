"""Streaming parser of a multipart/related body (MTOM): the SOAP message first, then the documents it refers
to.

A part is binary, or base64, which is decoded as it streams.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO
from urllib.parse import unquote

from fiks.svarut.mottak import UgyldigForsendelse
from fiks.svarut.mottak.errors import refuse
from portal.api.svarut.multipart import IDENTITY_ENCODINGS
from portal.api.svarut.soap.xml_reader import decode_base64

PIECE = 64 * 1024
MAX_HEAD = 16 * 1024
MAX_PARTS = 200


def parts(stream: IO[bytes], boundary: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    """(Content-ID, bytes) of each part; unread bytes of a part are skipped when the next is requested.

    MULTIPART_UGYLDIG for an invalid, truncated or too long body, or another encoding.
    """
    if not boundary:
        raise refuse("MULTIPART_UGYLDIG")
    mark = b"\r\n--" + boundary.encode("latin-1", "replace")
    body = _Body(stream)
    _skip(body.until(mark))
    for _ in range(MAX_PARTS):
        if body.ends():
            return
        told = _part_headers(body.head())
        content = body.until(mark)
        yield told.get("content-id", "").removeprefix("<").removesuffix(">"), _decode_part(told, content)
        _skip(content)
    raise refuse("MULTIPART_UGYLDIG")


def content_id_of(href: str) -> str:
    """The Content-ID an xop:Include refers to; empty for any other reference."""
    scheme, _, name = href.partition(":")
    return unquote(name) if scheme.lower() == "cid" else ""


class _Body:
    """The unread part of the body, treated as beginning on a new line."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._held = stream, bytearray(b"\r\n")

    def until(self, mark: bytes) -> Iterator[bytes]:
        """Yield the bytes before `mark`, and consume the mark."""
        while (at := self._held.find(mark)) < 0:
            sure = len(self._held) - len(mark) + 1
            if sure > 0:
                yield bytes(self._held[:sure])
                del self._held[:sure]
            self._more()
        yield bytes(self._held[:at])
        del self._held[: at + len(mark)]

    def ends(self) -> bool:
        """Whether the boundary just consumed was the closing one."""
        while len(self._held) < 2:
            self._more()
        return self._held[:2] == b"--"

    def head(self) -> bytes:
        """The header lines of a part."""
        found = bytearray()
        for piece in self.until(b"\r\n\r\n"):
            found += piece
            if len(found) > MAX_HEAD:
                raise refuse("MULTIPART_UGYLDIG")
        return bytes(found)

    def _more(self) -> None:
        piece = self._stream.read(PIECE)
        if not piece:
            raise refuse("MULTIPART_UGYLDIG")
        self._held += piece


def _skip(pieces: Iterator[bytes]) -> None:
    for _ in pieces:
        pass


def _part_headers(head: bytes) -> dict[str, str]:
    """Header fields of a part, by lower-case name."""
    lines = (line.partition(":") for line in head.decode("latin-1").split("\r\n"))
    return {name.strip().lower(): value.strip() for name, _, value in lines}


def _decode_part(told: Mapping[str, str], content: Iterator[bytes]) -> Iterator[bytes]:
    encoding = told.get("content-transfer-encoding", "binary").lower()
    if encoding in IDENTITY_ENCODINGS:
        return content
    if encoding != "base64":
        raise refuse("MULTIPART_UGYLDIG")
    return _decode_base64(content)


def _decode_base64(content: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from decode_base64("", (piece.decode("latin-1") for piece in content))
    except UgyldigForsendelse as error:
        raise refuse("MULTIPART_UGYLDIG") from error
