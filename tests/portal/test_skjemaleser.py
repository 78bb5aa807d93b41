"""A file that is uploaded is what was sent, wherever the network cuts its way."""

from __future__ import annotations

import pytest
from gunicorn.http.errors import ChunkMissingTerminator, InvalidChunkSize, LimitRequestHeaders, ParseException
from werkzeug.test import EnvironBuilder

from portal.http.body_parsing import Foresporsel, UleseligKropp
from tests.portal.apps import log_in, make_app
from tests.portal.fakes import FakeSesjoner

FILE = b"%PDF-1.7\r\n--annet\r\n%%EOF\r\n"
MULTIPART = "multipart/form-data; boundary=grense"
TAILS = (b"--grense--\r\n", b"--grense--", b"--grense--  \r\n", b"--grense \t\r\n")


class Cut:
    """A body that comes in two pieces."""

    def __init__(self, body: bytes, at: int) -> None:
        self._pieces = [body[:at], body[at:]]

    def read(self, size: int = -1) -> bytes:
        piece = self._pieces.pop(0) if self._pieces else b""
        if 0 <= size < len(piece):
            self._pieces.insert(0, piece[size:])
            piece = piece[:size]
        return piece


class Broken:
    """A body that the server cannot take apart."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, size: int = -1) -> bytes:
        raise self._error


IN_CHUNKS = {"CONTENT_TYPE": MULTIPART, "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}


def received(body: bytes, at: int) -> list[tuple[str, bytes]]:
    environ = EnvironBuilder(method="POST").get_environ()
    environ |= {"wsgi.input": Cut(body, at), "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": MULTIPART}
    return [(name, file.read()) for name, file in Foresporsel(environ).files.items(multi=True)]


def form(tail: bytes) -> bytes:
    head = b'--grense\r\nContent-Disposition: form-data; name="%s"; filename="brev.pdf"\r\n\r\n'
    if tail.rstrip().endswith(b"--"):
        return head % b"a" + FILE + b"\r\n" + tail
    return head % b"a" + FILE + b"\r\n" + tail + head[10:] % b"b" + FILE + b"\r\n--grense--\r\n"


@pytest.mark.parametrize("tail", TAILS)
def test_a_file_is_the_same_wherever_its_body_is_cut(tail: bytes) -> None:
    body = form(tail)
    expected = received(body, len(body))
    assert {content for _, content in expected} == {FILE}
    assert [at for at in range(1, len(body)) if received(body, at) != expected] == []


@pytest.mark.parametrize(
    "error", [InvalidChunkSize(b"tull"), ChunkMissingTerminator(b"xx"), LimitRequestHeaders("trailer")]
)
def test_chunks_that_are_none_are_the_callers_mistake(error: ParseException) -> None:
    environ = EnvironBuilder(method="POST").get_environ() | IN_CHUNKS | {"wsgi.input": Broken(error)}
    request = Foresporsel(environ)
    request.max_content_length = 1_000
    for read in (lambda: request.files, request.get_data, lambda: request.stream.read(10)):
        with pytest.raises(UleseligKropp):
            read()


def test_a_form_in_chunks_that_are_none_is_answered_with_a_page_of_400() -> None:
    sesjoner = FakeSesjoner()
    client = make_app(sesjoner).test_client()
    log_in(client, sesjoner, privileges="SVARUT.SENDE")
    broken = IN_CHUNKS | {"wsgi.input": Broken(InvalidChunkSize(b"tull"))}
    answer = client.post("/velg-organisasjon", environ_overrides=broken)
    assert answer.status_code == 400 and "<h1" in answer.text
