"""Which failure class a call ends in, against a server that misbehaves on the socket itself."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from fiks.core.errors import Avvist, KanalFeil, ProvIgjen, Uavklart
from fiks.core.http.client import MAX_ANSWER, MAX_REFUSAL, HttpClient

Behaviour = Callable[[socket.socket], None]
FNR = "17912099997"


@contextmanager
def server(*behaviours: Behaviour) -> Iterator[str]:
    """Serve one connection per behaviour, in order."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for behaviour in behaviours:
                connection, _ = listener.accept()
                with connection:
                    behaviour(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(2)


def answers(status: str, body: bytes = b"{}", *headers: str) -> Behaviour:
    def behaviour(connection: socket.socket) -> None:
        read_request(connection)
        head = "\r\n".join(
            [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
        )
        connection.sendall(head.encode() + b"\r\n\r\n" + body)

    return behaviour


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ),
        0,
    )
    left = length - len(body)
    while left > 0:
        left -= len(connection.recv(65536))
    return head


def resets(connection: socket.socket) -> None:
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hangs_up_in_the_answer(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id":')


def never_answers(connection: socket.socket) -> None:
    read_request(connection)
    connection.recv(1)


def wire(base_url: str) -> HttpClient:
    return HttpClient("prove", base_url, (0.5, 0.3))


def sent(base_url: str) -> KanalFeil:
    with pytest.raises(KanalFeil) as failure:
        wire(base_url).send("/send", json={"mottaker": FNR})
    return failure.value


UNKNOWN: dict[str, Behaviour] = {
    "reset": resets,
    "half an answer": hangs_up_in_the_answer,
    "no answer": never_answers,
    "not json": answers("200 OK", b"<html>"),
    "500": answers("500 Oops"),
    "502": answers("502 Bad Gateway"),
    "504": answers("504 Timeout"),
    "408": answers("408 Timeout"),
}


@pytest.mark.parametrize("what", UNKNOWN)
def test_what_may_have_been_carried_out_is_unknown(what: str) -> None:
    with server(UNKNOWN[what]) as url:
        assert type(sent(url)) is Uavklart


@pytest.mark.parametrize("what", UNKNOWN)
def test_the_same_doubt_about_a_call_that_only_reads_can_be_tried_again(what: str) -> None:
    with server(UNKNOWN[what]) as url, pytest.raises(ProvIgjen):
        wire(url).read("GET", "/les")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://ingen.invalid", "ftp://127.0.0.1", "http://"])
def test_no_connection_at_all_delivers_nothing(url: str) -> None:
    failure = sent(url)
    assert (type(failure), failure.kode) == (ProvIgjen, "IKKE_NAADD")


PROBLEM = b'{"type": "about:blank", "title": "Nei", "status": %d, "traceId": "00-1"}'
EXCEPTION = (
    b'{"timestamp": "2027-01-11T12:00:00+01:00", "status": %d, "error": "Nei", "message": "Finnes ikke",'
    b' "exception": "no.difi.meldingsutveksling.exceptions.MessageNotFoundException", "path": "/api"}'
)


@pytest.mark.parametrize("status", [400, 404, 410, 413, 422])
@pytest.mark.parametrize("body", [PROBLEM, EXCEPTION], ids=["RFC 9457", "integrasjonspunkt"])
def test_what_the_system_itself_refuses_is_refused_for_good(status: int, body: bytes) -> None:
    with server(answers(f"{status} X", body % status)) as url:
        assert (type(failure := sent(url)), failure.kode) == (Avvist, f"HTTP_{status}")


@pytest.mark.parametrize("body", [b'"Content must be provided"', b"{}", b'{"kode": "FREG-000"}', b"[]"])
@pytest.mark.parametrize("status", [400, 422])
def test_what_a_call_holds_can_be_refused_in_any_json(status: int, body: bytes) -> None:
    with server(answers(f"{status} X", body)) as url:
        assert type(sent(url)) is Avvist


@pytest.mark.parametrize("status", ["401 X", "429 X", "503 X"])
def test_what_is_not_the_letters_fault_is_throttled(status: str) -> None:
    with server(answers(status, b"{}")) as url:
        failure = sent(url)
    assert isinstance(failure, ProvIgjen)
    assert failure.throttled


@pytest.mark.parametrize("status", ["301 X", "403 X"])
def test_what_may_never_be_let_through_is_a_try(status: str) -> None:
    """Forbidden may be this sender alone: then there must be an end to it, with a person."""
    with server(answers(status, b"{}", "Location: /elsewhere")) as url:
        failure = sent(url)
    assert isinstance(failure, ProvIgjen)
    assert not failure.throttled


def test_a_conflict_means_they_have_it() -> None:
    with server(answers("409 Conflict", b"whatever")) as url:
        assert wire(url).send("/send", json={}).known


def test_retry_after_may_be_a_moment() -> None:
    now = datetime.now(UTC)
    headers = (f"Date: {format_datetime(now, usegmt=True)}",)
    headers += (f"Retry-After: {format_datetime(now + timedelta(seconds=90), usegmt=True)}",)
    with server(answers("503 Later", b"", *headers)) as url:
        failure = sent(url)
    assert isinstance(failure, ProvIgjen)
    assert failure.after == 90


@pytest.mark.parametrize("value", ["soon", "", "-5"])
def test_a_useless_retry_after_is_no_wait(value: str) -> None:
    with server(answers("429 Slow", b"", f"Retry-After: {value}")) as url:
        failure = sent(url)
    assert isinstance(failure, ProvIgjen)
    assert not failure.after


@pytest.mark.parametrize("number", [FNR, "179120 99997", "1791 2099 997", "311990039", "311 990 039"])
def test_the_reason_of_a_refusal_holds_no_number(number: str) -> None:
    body = json.dumps({"title": "Ukjent mottaker", "detail": f"{number} finnes ikke"}).encode()
    with server(answers("422 No", body)) as url:
        failure = sent(url)
    assert "Ukjent mottaker" in failure.detalj
    assert number not in failure.detalj
    assert failure.__cause__ is None


def test_a_kept_alive_connection_that_was_closed_meanwhile_is_opened_again() -> None:
    with server(answers("200 OK"), answers("200 OK")) as url:
        both = wire(url)
        assert both.read("GET", "/les") == {}
        assert both.read("GET", "/les") == {}


def test_redirects_are_not_followed() -> None:
    with server(answers("302 Found", b"", "Location: http://127.0.0.1:1/")) as url, pytest.raises(ProvIgjen):
        wire(url).read("GET", "/les")


@pytest.mark.parametrize("body", [PROBLEM, EXCEPTION], ids=["RFC 9457", "integrasjonspunkt"])
def test_not_found_is_none_only_where_one_thing_is_asked_for(body: bytes) -> None:
    with server(*[answers("404 Not Found", body % 404)] * 2) as url:
        assert wire(url).find("/en") is None
        with pytest.raises(Avvist):
            wire(url).read("GET", "/alle")


def test_a_file_is_fetched_up_to_its_limit_and_no_further() -> None:
    """Also one that doesn't say how long it is: the rest is never read."""
    with server(answers("200 OK", b"a" * 1_000)) as url:
        assert HttpClient("test", url).fetch("/fil", at_most=1_000) == b"a" * 1_000
    for behaviour in (answers("200 OK", b"a" * 1_001), chunked(*[b"a" * 1_000] * 1_000)):
        with server(behaviour) as url, pytest.raises(ProvIgjen) as error:
            HttpClient("test", url).fetch("/fil", at_most=1_000)
        assert error.value.kode == "SVARET_FOR_STORT"


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> Behaviour:
    def behaviour(connection: socket.socket) -> None:
        read_request(connection)
        with suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
            for chunk in chunks:
                connection.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            connection.sendall(end)

    return behaviour


def test_a_file_in_chunks_is_whole_at_its_last_one_and_not_before() -> None:
    with server(chunked(b"a", b"bc")) as url:
        assert HttpClient("test", url).fetch("/fil", at_most=1_000) == b"abc"
    with server(chunked(b"a", b"bc", end=b"")) as url, pytest.raises(ProvIgjen, match="FORBINDELSE_BRUTT"):
        HttpClient("test", url).fetch("/fil", at_most=1_000)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_file_is_not_taken_when_nobody_can_tell_where_it_ends(version: str) -> None:
    """The end of the connection is no end of the file: it may have been broken off."""

    def hangs_up(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(f"HTTP/{version} 200 OK\r\nConnection: close\r\n\r\nhalvt".encode())

    with server(hangs_up) as url, pytest.raises(ProvIgjen, match="SVAR_UTEN_LENGDE"):
        HttpClient("test", url).fetch("/fil", at_most=1_000)


def endless(status: str = "200 OK") -> Behaviour:
    def behaviour(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(f"HTTP/1.1 {status}\r\nConnection: close\r\n\r\n".encode())
        with suppress(OSError):
            for _ in range(10_000):
                connection.sendall(b"a" * 65_536)

    return behaviour


never_stops = endless()


@pytest.mark.parametrize("ask", [lambda one: one.read("GET", "/alle"), lambda one: one.find("/en")])
def test_an_answer_that_never_ends_is_left_and_asked_for_again_later(
    ask: Callable[[HttpClient], object],
) -> None:
    with server(never_stops) as url, pytest.raises(ProvIgjen) as error:
        ask(HttpClient("test", url))
    assert error.value.kode == "SVARET_FOR_STORT"


def test_an_answer_as_long_as_is_allowed_is_read() -> None:
    said = b'"' + b"a" * (MAX_ANSWER - 2) + b'"'
    with server(answers("200 OK", said)) as url:
        assert HttpClient("test", url).read("GET", "/alle") == "a" * (MAX_ANSWER - 2)
    with server(answers("200 OK", said + b" ")) as url, pytest.raises(ProvIgjen, match="SVARET_FOR_STORT"):
        HttpClient("test", url).read("GET", "/alle")


def test_what_is_sent_and_answered_without_end_may_have_been_carried_out() -> None:
    with server(never_stops) as url, pytest.raises(Uavklart) as error:
        HttpClient("test", url).send("/send", json={})
    assert error.value.kode == "SVARET_FOR_STORT"


@pytest.mark.parametrize(
    "answer",
    [endless("422 No"), answers("422 No", json.dumps({"title": "Nei", "mer": "a" * MAX_REFUSAL}).encode())],
)
def test_a_refusal_that_nobody_can_read_to_its_end_is_a_try_without_words(answer: Behaviour) -> None:
    with server(answer) as url:
        failure = sent(url)
    assert (type(failure), failure.kode, failure.detalj) == (ProvIgjen, "HTTP_422", "prove")


def test_json_that_is_nested_without_end_is_not_understood() -> None:
    deep = b"[" * 200_000
    with server(answers("200 OK", deep)) as url, pytest.raises(ProvIgjen, match="UFORSTAAELIG_SVAR"):
        HttpClient("test", url).read("GET", "/alle")


def test_a_file_that_breaks_off_or_is_refused_is_tried_again_or_not_as_any_reading() -> None:
    with server(hangs_up_in_the_answer) as url, pytest.raises(ProvIgjen, match="FORBINDELSE_BRUTT"):
        HttpClient("test", url).fetch("/fil", at_most=1_000)
    with server(answers("404 Not Found", PROBLEM % 404)) as url, pytest.raises(Avvist, match="HTTP_404"):
        HttpClient("test", url).fetch("/fil", at_most=1_000)
    with server(answers("404 Not Found")) as url, pytest.raises(ProvIgjen, match="HTTP_404"):
        HttpClient("test", url).fetch("/fil", at_most=1_000)
