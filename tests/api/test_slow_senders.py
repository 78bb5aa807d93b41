"""While a letter arrives, its sender holds no connection to the database; one that has fallen silent is let go."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.pool import QueuePool
from werkzeug.test import TestResponse

from fiks.core.db import db
from portal.http.unread_body import SILENCE
from tests.api.calls import BOUNDARY, Avsender, letter_v2, letter_v3, multipart
from tests.integration.api.fagsystem import SOAP, V1, Fagsystem, forsendelse, make_fagsystem
from tests.submissions import FNR, PDF
from tests.unit.svarut.soap import document, document_of, envelope, field, letter, operation, person

MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
INCLUDE = '<data><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:en"/></data>'
PART = b"--" + BOUNDARY.encode() + b"\r\nContent-ID: <%s>\r\n\r\n%s\r\n"


class Watched(io.BytesIO):
    """A body that comes a little at a time, and notes how many connections are in use whenever it is read."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.held: list[int] = []

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        pool = db.engine.pool
        assert isinstance(pool, QueuePool)
        self.held.append(pool.checkedout())
        return super().readinto(memoryview(buffer)[:64])


@pytest.fixture(scope="module")
def fagsystem(app: Flask, avsender: Avsender) -> Fagsystem:
    with app.app_context():
        return make_fagsystem(app, avsender.hus)


def post(
    app: Flask, path: str, login: Mapping[str, str], kind: str, body: bytes
) -> tuple[TestResponse, set[int]]:
    """The answer, and how many connections were in use while the body was read."""
    stream = Watched(body)
    answer = app.test_client().post(
        path,
        headers=login,
        content_type=kind,
        content_length=len(body),
        input_stream=stream,
    )
    assert stream.held
    return answer, set(stream.held)


def rest(facts: dict[str, Any], name: str) -> bytes:
    return multipart(("forsendelse", "", json.dumps(facts).encode()), ("filer", name, PDF))


def test_a_letter_by_rest_arrives_without_a_connection(
    app: Flask, avsender: Avsender, fagsystem: Fagsystem
) -> None:
    machine, konto, name = avsender.kall.headers(), fagsystem.headers, "skatteseddel.pdf"
    for path, login, body in (
        (avsender.konto, machine, rest(letter_v2(), name)),
        (avsender.konto_v3 + "/person", machine, rest(letter_v3(), name)),
        (V1 + "/sendForsendelse", konto, rest(forsendelse(), "brev.pdf")),
    ):
        answer, held = post(app, path, login, MULTIPART, body)
        assert (answer.status_code, held) == (200, {0}), answer.text


def test_a_letter_by_soap_arrives_without_a_connection(app: Flask, fagsystem: Fagsystem) -> None:
    whole = letter([document("brev.pdf", PDF)], to=person(FNR))
    answer, held = post(
        app, SOAP, fagsystem.headers, "text/xml", envelope(operation("sendForsendelse", whole))
    )
    assert (answer.status_code, held) == (200, {0}), answer.text


def test_documents_beside_a_message_whose_id_was_reserved_arrive_without_a_connection(
    app: Flask, fagsystem: Fagsystem
) -> None:
    own = fagsystem.post("/startNyForsendelse").json["id"]
    said = letter([document_of("brev.pdf", INCLUDE)], to=person(FNR))
    message = envelope(operation("sendForsendelseMedId", said + field("forsendelsesid", own)))
    body = PART % (b"rot", message) + PART % (b"en", PDF * 20) + b"--" + BOUNDARY.encode() + b"--\r\n"
    kind = f'multipart/related; boundary={BOUNDARY}; type="application/xop+xml"'
    answer, held = post(app, SOAP, fagsystem.headers, kind, body)
    assert (answer.status_code, held) == (200, {0}), answer.text
    assert own in answer.text


@pytest.mark.parametrize("passord", ["feil", None])
def test_what_a_refused_sender_still_sends_is_read_without_a_connection(
    app: Flask, avsender: Avsender, passord: str | None
) -> None:
    login = avsender.kall.headers(**({"IntegrasjonPassord": passord} if passord else {}))
    answer, held = post(app, avsender.konto, login, MULTIPART, rest(letter_v2(tittel=""), "skatteseddel.pdf"))
    assert (answer.status_code, held) == (401 if passord else 400, {0})


class Connection:
    """What the server gives its app of the connection."""

    def __init__(self) -> None:
        self.timeouts: list[float] = []

    def settimeout(self, seconds: float) -> None:
        self.timeouts.append(seconds)


@pytest.mark.parametrize(
    ("path", "seconds"), [("/api/v2/kontoer/x/forsendelser", [SILENCE]), ("/helse/levende", [])]
)
def test_a_machines_silence_is_bounded_before_it_is_asked_for_anything(
    app: Flask, path: str, seconds: list[float]
) -> None:
    connection = Connection()
    app.test_client().post(path, environ_overrides={"gunicorn.socket": connection})
    assert connection.timeouts == seconds
