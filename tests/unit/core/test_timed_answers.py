"""An answer that comes an octet at a time, never silent for long, is given up all the same."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from fiks.core.errors import ProvIgjen, Uavklart
from fiks.core.http.client import HttpClient
from tests.unit.core.test_wire import Behaviour, answers, read_request, server, wire

MANY = 60
PAUSE = 0.1
CONNECT = 0.2
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"


def trickles(begin: bytes, octet: bytes = b" ") -> Behaviour:
    """Say `begin`, and then one octet after the other for ten times as long as `wire` waits for an answer."""

    def behaviour(connection: socket.socket) -> None:
        read_request(connection)
        with suppress(OSError):
            connection.sendall(begin)
            for _ in range(MANY):
                time.sleep(PAUSE)
                connection.sendall(octet)

    return behaviour


@contextmanager
def given_up_in_time() -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < MANY * PAUSE / 2


@pytest.mark.parametrize(
    "begin", [HEAD + b"[", b"HTTP/1.1 200 OK\r\nX-Lang: ", b""], ids=["body", "head", "all"]
)
@pytest.mark.parametrize(
    "ask",
    [
        lambda one: one.read("GET", "/alle"),
        lambda one: one.find("/en"),
        lambda one: one.fetch("/fil", at_most=100_000),
    ],
    ids=["read", "find", "fetch"],
)
def test_an_answer_that_trickles_is_asked_for_again_later(
    ask: Callable[[HttpClient], object], begin: bytes
) -> None:
    with (
        server(trickles(begin, b"H")) as url,
        given_up_in_time(),
        pytest.raises(ProvIgjen, match="TIDSAVBRUDD"),
    ):
        ask(wire(url))


@pytest.mark.parametrize(
    "begin", [HEAD, HEAD.replace(b"200 OK", b"422 No"), HEAD.replace(b"200 OK", b"500 Oops")]
)
def test_what_was_sent_and_whose_answer_trickles_may_have_been_carried_out(begin: bytes) -> None:
    with server(trickles(begin)) as url, given_up_in_time(), pytest.raises(Uavklart, match="TIDSAVBRUDD"):
        wire(url).send("/send", json={})


def test_a_chunk_that_trickles_is_given_up_too() -> None:
    begin = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n"
    with server(trickles(begin)) as url, given_up_in_time(), pytest.raises(ProvIgjen, match="TIDSAVBRUDD"):
        wire(url).read("GET", "/alle")


def test_a_body_that_stops_is_told_as_one_that_took_too_long() -> None:
    def falls_silent(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(HEAD)
        connection.recv(1)

    with server(falls_silent) as url, given_up_in_time(), pytest.raises(Uavklart, match="TIDSAVBRUDD"):
        wire(url).send("/send", json={})


def test_a_large_file_may_be_given_more_time_than_other_answers() -> None:
    length = 10

    def comes_slowly(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(HEAD.replace(b"100000", str(length).encode()))
        for _ in range(length):
            time.sleep(PAUSE)
            connection.sendall(b"a")

    with server(comes_slowly) as url:
        assert wire(url).fetch("/fil", at_most=length, within=30) == b"a" * length


def test_a_connection_that_is_kept_is_not_hurried_by_the_call_before() -> None:
    def answers_twice(connection: socket.socket) -> None:
        for begin, rest, pause in (("[", "]", 0.25), ("{", "}", 0.25)):
            read_request(connection)
            connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{begin}".encode())
            time.sleep(pause)
            connection.sendall(rest.encode())

    with server(answers_twice) as url:
        both = HttpClient("prove", url, (0.5, 0.4))
        assert both.read("GET", "/en") == []
        assert both.read("GET", "/to") == {}


def test_an_answer_that_comes_at_once_is_read_as_ever() -> None:
    with server(answers("200 OK", b'{"a": 1}')) as url:
        assert wire(url).send("/send", json={}).body == {"a": 1}


def test_a_large_letter_on_a_slow_line_is_sent_though_it_takes_longer_than_to_connect() -> None:
    """The receiver begins to read late: more than the socket's buffers hold has to wait for that."""

    def reads_late(connection: socket.socket) -> None:
        time.sleep(4 * CONNECT)
        answers("200 OK")(connection)

    letter = {"fil": ("brev.pdf", bytes(32 * 1024 * 1024), "application/pdf")}
    with server(reads_late) as url:
        sender = HttpClient("kanal", url, timeout=(CONNECT, 5.0))
        assert sender.send("/send", fields=letter).status == 200
