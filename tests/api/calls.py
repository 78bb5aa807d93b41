"""Calls a fagsystem makes: JSON, and letters as multipart with their parts in order."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask
from werkzeug.test import TestResponse

from tests.integration.houses import Hus
from tests.integration.utsending.browser import Browser
from tests.machines import Kall
from tests.submissions import FNR, ORGNR, PDF

BOUNDARY = "b1"
Part = tuple[str, str, bytes]
"""Name, file name and content of one part; no file name for a field."""


def letter_v2(**changes: Any) -> dict[str, Any]:
    """A letter to a person by v2, without fault unless `changes` make one; None leaves a field out."""
    return _changed(
        {
            "tittel": "Eiendomsskatt 2026 - skatteseddel",
            "mottaker": {
                "navn": "Testperson Fjelltur",
                "digitalId": FNR,
                "adresselinje1": "Øvre Testveg 7",
                "postnummer": "4262",
                "poststed": "AVALDSNES",
            },
            "avgivendeSystem": "Utsendingsportal",
            "dokumenter": [{"filnavn": "skatteseddel.pdf", "mimeType": "application/pdf"}],
        },
        changes,
    )


def letter_v3(digital_id: str = FNR, **changes: Any) -> dict[str, Any]:
    """A letter by v3; `digital_id` empty for the print operation's."""
    address = {"adresselinje1": "Øvre Testveg 7", "postnummer": "4262", "poststed": "AVALDSNES"}
    receiver: dict[str, Any] = {"navn": "Testperson Fjelltur", "adresse": address}
    if digital_id:
        receiver["digitalId"] = digital_id
    return _changed(
        {
            "tittel": "Eiendomsskatt 2026 - skatteseddel",
            "mottaker": receiver,
            "dokumenter": [{"filnavn": "skatteseddel.pdf", "mimeType": "application/pdf"}],
        },
        changes,
    )


ORGANISATION = ORGNR


def _changed(letter: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (letter | changes).items() if value is not None}


def documents(letter: Any, *contents: bytes) -> list[Part]:
    """A part for each document that the letter tells of, as the official client names them."""
    said = letter.get("dokumenter") or [] if isinstance(letter, dict) else []
    given = contents or (PDF,) * len(said)
    return [(f"filer_{nr}", str(d["filnavn"]), c) for nr, (d, c) in enumerate(zip(said, given, strict=True))]


def multipart(*parts: Part) -> bytes:
    """The body. A field has no content type, as the official client sends it."""
    body = bytearray()
    for name, filnavn, content in parts:
        file = f'; filename="{filnavn}"' if filnavn else ""
        body += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode()
        body += content + b"\r\n"
    return bytes(body + f"--{BOUNDARY}--\r\n".encode())


@dataclass(frozen=True)
class Avsender:
    """A kommune's fagsystem: the portal it calls, its konto, and its credentials."""

    app: Flask
    hus: Hus
    kall: Kall

    @property
    def konto(self) -> str:
        return f"/api/v2/kontoer/{self.hus.konto_id}/forsendelser"

    @property
    def konto_v3(self) -> str:
        return f"/api/v3/kontoer/{self.hus.konto_id}/forsendelser"

    def send(
        self,
        letter: Any,
        *contents: bytes,
        path: str = "",
        parts: list[Part] | None = None,
        **headers: str,
    ) -> TestResponse:
        """Send the letter (JSON, or bytes as they are) with its documents, by v2 unless `path` says otherwise."""
        facts = letter if isinstance(letter, bytes) else json.dumps(letter, ensure_ascii=False).encode()
        files = documents(letter, *contents) if parts is None else parts
        return self.open(
            "POST",
            path or self.konto,
            data=multipart(("forsendelse", "", facts), *files),
            content_type=f"multipart/form-data; boundary={BOUNDARY}",
            **headers,
        )

    def open(
        self, method: str, path: str, *, data: Any = None, content_type: str | None = None, **headers: str
    ) -> TestResponse:
        client = cast(Browser, self.app.test_client())
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.open(
            path,
            method=method,
            headers=self.kall.headers(**named),
            input_stream=io.BytesIO(data) if isinstance(data, bytes) else None,
            content_type=content_type,
            content_length=len(data) if isinstance(data, bytes) else None,
        )

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.open("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        """POST JSON; bytes are sent as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.open("POST", path, data=data, content_type="application/json", **headers)


def told(answer: TestResponse) -> Any:
    """The JSON of the answer."""
    assert answer.content_type == "application/json;charset=UTF-8", answer.text
    return json.loads(answer.text)
