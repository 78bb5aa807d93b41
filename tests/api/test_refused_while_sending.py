"""A machine that is refused while it still sends is told why by a real server, though it reads only at the end."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator

import pytest
import requests
from flask import Flask, g, request

from config.settings import Settings
from portal.http import unread_body
from portal.http.unread_body import drain_refused_body
from tests.api.calls import Avsender, letter_v2
from tests.api.live import serving
from tests.submissions import PDF

pytestmark = pytest.mark.slow

MB = 1024 * 1024


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(settings.database_url, tmp_path_factory.mktemp("web")) as base:
        yield base


def post(server: str, avsender: Avsender, letter: object, size: int, **headers: str) -> requests.Response:
    files = [
        ("forsendelse", (None, json.dumps(letter))),
        ("filer_0", ("skatteseddel.pdf", PDF + bytes(size), "application/pdf")),
    ]
    named = avsender.kall.headers(**headers)
    return requests.post(server + avsender.konto, files=files, headers=named, timeout=120)


def test_a_right_letter_is_taken_by_the_real_server(server: str, avsender: Avsender) -> None:
    answer = post(server, avsender, letter_v2(), 2 * MB)
    assert (answer.status_code, set(answer.json())) == (200, {"id"})


@pytest.mark.parametrize(
    ("changes", "headers", "status", "kode"),
    [
        ({"tittel": ""}, {}, 400, "TITTEL_MANGLER"),
        ({"dokumenter": [{"filnavn": "a.pdf", "mimeType": "application/pdf"}]}, {}, 400, "FILNAVN_AVVIKER"),
        ({}, {"IntegrasjonPassord": "feil"}, 401, None),
    ],
)
def test_a_refused_sender_of_50_mb_gets_its_answer(
    server: str,
    avsender: Avsender,
    changes: dict[str, object],
    headers: dict[str, str],
    status: int,
    kode: str | None,
) -> None:
    for _ in range(2):
        answer = post(server, avsender, letter_v2(**changes), 50 * MB, **headers)
        assert (answer.status_code, answer.json()["errorCode"]) == (status, kode)


def test_a_body_larger_than_the_route_takes_is_read_on_as_well(server: str, avsender: Avsender) -> None:
    answer = requests.post(
        f"{server}{avsender.konto}/status-sok",
        data=b"[" * (20 * MB),
        headers=avsender.kall.headers() | {"Content-Type": "application/json"},
        timeout=60,
    )
    assert (answer.status_code, answer.json()["status"]) == (413, 413)


@pytest.mark.parametrize(
    ("length", "begun", "every"),
    [
        (f"Content-Length: {MB}", b"[", None),
        (f"Content-Length: {MB}", b"[", 0.5),
        ("Transfer-Encoding: chunked", b"ff\r\n[", None),
    ],
    ids=["stalls", "trickles", "stalls in a chunk"],
)
def test_who_stops_sending_is_answered_when_the_time_is_up(
    server: str, length: str, begun: bytes, every: float | None
) -> None:
    """A read that waits for the caller is ended too, and so is one that gets a byte now and then."""
    host, port = server.removeprefix("http://").split(":")
    head = f"POST /api/v3/kontoer/x HTTP/1.1\r\nHost: {host}:{port}\r\n{length}\r\n\r\n"
    patience = unread_body.STRANGER_LIMIT[1]
    began = time.monotonic()
    with socket.create_connection((host, int(port))) as caller:
        caller.sendall(head.encode() + begun)
        answer, until = b"", began + 3 * patience
        caller.settimeout(every or 3 * patience)
        while b"errorId" not in answer and time.monotonic() < until:
            try:
                answer += caller.recv(4096)
            except TimeoutError:
                caller.sendall(b"x")
    assert answer.startswith(b"HTTP/1.1 404")
    assert time.monotonic() - began < 2 * patience


class Endless:
    """A body that never ends."""

    def __init__(self) -> None:
        self.read_bytes = 0

    def read(self, size: int = -1) -> bytes:
        self.read_bytes += size
        return bytes(size)


@pytest.mark.parametrize("known", [False, True])
def test_what_never_ends_is_given_up(app: Flask, known: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread_body, "STRANGER_LIMIT", (1 * MB, 10.0))
    monkeypatch.setattr(unread_body, "CALLER_LIMIT", (2 * MB, 10.0))
    body = Endless()
    environ = {"wsgi.input": body, "wsgi.input_terminated": True}
    with app.test_request_context("/api/v2/kontoer/x/forsendelser", method="POST", environ_overrides=environ):
        request.max_content_length = 1024 * MB
        if known:
            g.actor = object()
        drain_refused_body(app.response_class(status=400))
    assert body.read_bytes == (2 if known else 1) * MB
