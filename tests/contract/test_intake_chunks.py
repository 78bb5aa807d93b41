"""A body in chunks that are no chunks is refused in words by every door of the intake, and nothing of it is kept."""

from __future__ import annotations

import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from tests.contract.intake_server import Mottak
from tests.contract.large_letters import MIB, Door, send
from tests.integration.api.fagsystem import letters

SOAP = ("soap", "mtom")
DOORS = ("v1", "v2", "v3", *SOAP)
SECONDS = 60


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


Nonsense = Callable[[bytes, bytes], bytes]
NONSENSE: dict[str, Nonsense] = {
    "no size": lambda head, rest: b"tull\r\n" + head,
    "no size in the middle": lambda head, rest: chunk(head) + b"-5\r\n" + rest,
    "longer than its size": lambda head, rest: chunk(head) + b"5\r\n" + rest + b"og mer til",
    "a size without end": lambda head, rest: chunk(head) + b"0" * 20_000,
    "a tail that is none": lambda head, rest: chunk(head) + b"0\r\nikke en header\r\n\r\n",
}


def call(mottak: Mottak, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """The whole answer to a call whose body is in chunks, if these are."""
    where = urlsplit(mottak.url)
    told = {"Host": where.netloc, "Transfer-Encoding": "chunked", "Connection": "close", **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    with socket.create_connection((str(where.hostname), where.port or 80), SECONDS) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        connection.shutdown(socket.SHUT_WR)
        answer = bytearray()
        while piece := connection.recv(65_536):
            answer += piece
    return bytes(answer)


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize("what", NONSENSE)
def test_a_letter_in_chunks_that_are_none_is_refused_in_words(
    intake: Mottak, doors: dict[str, Door], name: str, what: str
) -> None:
    door = doors[name]
    headers = {**door.login(), "Content-Type": door.kind}
    before = letters(intake.hus)
    answer = call(intake, door.path, headers, NONSENSE[what](door.head, door.filling[:1000] + door.tail))
    if name in SOAP:  # whose faults have status 500, and say in them whose mistake it is
        assert answer.startswith(b"HTTP/1.1 500 ") and (b"soap:Client" in answer or b"soap:Sender" in answer)
    else:
        assert answer.startswith(b"HTTP/1.1 400 ")
    assert "ikke er delt riktig opp på veien" in answer.decode()
    assert letters(intake.hus) == before
    assert send(intake, door, door.pieces(MIB), (SECONDS, SECONDS)).ok, "the next letter is taken in"


@pytest.mark.parametrize("what", NONSENSE)
def test_a_question_in_chunks_that_are_none_is_refused_in_words(
    intake: Mottak, doors: dict[str, Door], what: str
) -> None:
    headers = {**doors["v1"].login(), "Content-Type": "application/json"}
    path = doors["v1"].path.replace("sendForsendelse", "statuser")
    answer = call(intake, path, headers, NONSENSE[what](b'["', b'"]'))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert "ikke er delt riktig opp på veien" in answer.decode()


def test_a_stranger_with_chunks_that_are_none_is_told_only_that_he_is_one(
    intake: Mottak, doors: dict[str, Door]
) -> None:
    answer = call(intake, doors["v1"].path, {"Content-Type": doors["v1"].kind}, b"tull\r\n")
    assert answer.startswith(b"HTTP/1.1 401 ")
