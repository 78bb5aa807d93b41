"""A fagsystem that speaks REST v1 and SOAP with the service password of its konto."""

from __future__ import annotations

import base64
import io
import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from fiks.core.db import session
from fiks.core.environment import current
from fiks.konfigurasjon.konto import password
from fiks.konfigurasjon.models import Konto
from fiks.svarut.models import Forsendelse
from tests.integration.houses import HOUSE, Hus, make_hus
from tests.submissions import FNR, PDF

V1 = "/tjenester/api/forsendelse/v1"
SOAP = "/tjenester/forsendelseservice/ForsendelsesServiceV9"
POST = {
    "navn": "Testperson Fjelltur",
    "adresse1": "\u00d8vre Testveg 7",
    "postNummer": "4262",
    "postSted": "AVALDSNES",
}


def basic(avsender: str, passord: str, encoding: str = "utf-8") -> dict[str, str]:
    coded = base64.b64encode(f"{avsender}:{passord}".encode(encoding)).decode()
    return {"Authorization": f"Basic {coded}"}


def forsendelse(**changes: Any) -> dict[str, Any]:
    """A letter to a person with one PDF, in v1's spelling."""
    return {
        "tittel": "Eiendomsskatt 2026",
        "mottaker": {"postAdresse": POST, "digitalAdresse": {"fodselsNummer": FNR}},
        "dokumenter": [{"filnavn": "brev.pdf", "mimeType": "application/pdf"}],
    } | changes


@dataclass
class Fagsystem:
    """One konto's fagsystem."""

    app: Flask
    hus: Hus
    avsender: str
    passord: str
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.headers = basic(self.avsender, self.passord)

    def get(self, path: str, **query: str) -> TestResponse:
        return self.app.test_client().get(V1 + path, headers=self.headers, query_string=query)

    def post(self, path: str, body: object = None) -> TestResponse:
        return self.app.test_client().post(V1 + path, headers=self.headers, json=body)

    def send(
        self,
        letter: dict[str, Any] | None = None,
        *files: tuple[str, bytes],
        path: str = "/sendForsendelse",
        nokkel: str = "",
    ) -> TestResponse:
        """Send a letter as the clients do: the facts first, then every document as a part named `filer`."""
        facts = json.dumps(letter or forsendelse()).encode()
        parts = [("forsendelse", None, facts)]
        parts += [("filer", name, content) for name, content in files or (("brev.pdf", PDF),)]
        headers = self.headers | ({"Idempotency-Key": nokkel} if nokkel else {})
        kind = "multipart/form-data; boundary=grense"
        return self.app.test_client().post(
            V1 + path, headers=headers, data=_multipart(parts), content_type=kind
        )

    def sent(self, letter: dict[str, Any] | None = None, *files: tuple[str, bytes]) -> str:
        """The id of a letter that was sent."""
        answer = self.send(letter, *files)
        assert answer.status_code == 200, answer.text
        return str(answer.json["id"])

    def soap(self, body: bytes, *, kind: str = "application/soap+xml") -> TestResponse:
        headers = self.headers
        return self.app.test_client().post(SOAP, headers=headers, data=body, content_type=kind)


def make_fagsystem(app: Flask, hus: Hus | None = None) -> Fagsystem:
    """A fagsystem for the konto of `hus`, or of a new kommune."""
    hus = hus or make_hus()
    avsender = session().execute(select(Konto.avsender).where(Konto.id == hus.konto_id)).scalar_one()
    passord = password.new_password(hus.konto_id, replaces=None, actor=HOUSE)
    return Fagsystem(app, hus, avsender, passord.verdi)


def letters(hus: Hus) -> int:
    """How many letters the konto has."""
    session().rollback()
    mine = select(func.count()).select_from(Forsendelse).where(Forsendelse.konto_id == hus.konto_id)
    return session().execute(mine).scalar_one()


def objects() -> int:
    """How many documents the store holds."""
    store = current().store
    return sum(1 for day in store.days() for _ in store.made_on(day))


def returned(answer: TestResponse) -> list[ET.Element]:
    """The `return` elements of a SOAP answer."""
    assert answer.status_code == 200, answer.text
    return ET.fromstring(answer.data).findall(".//return")


def fault(answer: TestResponse) -> str:
    """The text of a SOAP 1.1 fault."""
    found = ET.fromstring(answer.data).find(".//faultstring")
    assert found is not None, answer.text
    return found.text or ""


def _multipart(parts: list[tuple[str, str | None, bytes]]) -> bytes:
    made = io.BytesIO()
    for name, filnavn, content in parts:
        made.write(f'--grense\r\nContent-Disposition: form-data; name="{name}"'.encode())
        if filnavn is not None:
            made.write(f'; filename="{filnavn}"\r\nContent-Type: application/octet-stream'.encode())
        made.write(b"\r\n\r\n" + content + b"\r\n")
    made.write(b"--grense--\r\n")
    return made.getvalue()
