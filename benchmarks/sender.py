"""A fagsystem that sends letters by REST v3, one after another on each connection, with its credentials."""

from __future__ import annotations

import http.client
import io
import json
import os
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pikepdf
import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

from testmiljo.machines import CLIENT_ID, SCOPE, Fagsystem
from testmiljo.staff import synthetic_fnr

PICTURE = 50 * 1024
BOUNDARY = "brev"
WARM_UP = 3
"""Letters of each connection that are not measured."""
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_SECONDS = 60.0
HTTP_OK = 200


@dataclass
class Sender:
    """One connection: sends letter after letter until it is told to stop, and notes how long each took."""

    address: str
    path: str
    caller: Caller
    warm: threading.Barrier
    stopped: threading.Event
    answered: list[UUID] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    failed: Exception | None = None
    connection: http.client.HTTPConnection = field(init=False)

    def run(self) -> None:
        try:
            self.connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=60)
            for _ in range(WARM_UP):
                self._send()
            self.times.clear()
            self.warm.wait()
            while not self.stopped.is_set():
                self._send()
        except Exception as error:  # noqa: BLE001 - raised again by the thread that measures
            self.failed = error
            self.warm.abort()

    def _send(self) -> None:
        began = time.perf_counter()
        self.connection.request("POST", self.path, letter(), self.caller.headers())
        answer = self.connection.getresponse()
        said = answer.read()
        if answer.status != HTTP_OK:
            raise RuntimeError(f"{answer.status}: {said[:300]!r}")
        self.answered.append(UUID(json.loads(said)["id"]))
        self.times.append(time.perf_counter() - began)


class Caller:
    """The fagsystem's credentials, with a token that is fetched anew in time."""

    def __init__(self, issuer: str, fagsystem: Fagsystem) -> None:
        self.issuer, self.fagsystem = issuer, fagsystem
        self._lock, self._token, self._until = threading.Lock(), "", 0.0

    def headers(self) -> dict[str, str]:
        with self._lock:
            if time.monotonic() > self._until:
                self._token, self._until = self._fetch(), time.monotonic() + TOKEN_SECONDS
        return {
            "Authorization": f"Bearer {self._token}",
            "IntegrasjonId": str(self.fagsystem.integrasjon_id),
            "IntegrasjonPassord": self.fagsystem.passord,
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        }

    def _fetch(self) -> str:
        key, now = RSAKey.import_key(self.fagsystem.jwk), int(time.time())
        claims = {"aud": self.issuer, "iss": CLIENT_ID, "scope": SCOPE, "iat": now, "exp": now + 100}
        assertion = jwt.encode({"alg": "RS256", "kid": key.kid}, claims | {"jti": str(uuid4())}, key)
        form = {"grant_type": GRANT, "assertion": assertion}
        answer = requests.post(self.issuer + "token", data=form, timeout=20)
        answer.raise_for_status()
        return str(answer.json()["access_token"])


@cache
def document() -> bytes:
    """A page with a picture that nothing can compress: the workers look at it as at any other."""
    made = io.BytesIO()
    with pikepdf.Pdf.new() as out:
        out.add_blank_page(page_size=(595, 842))
        picture = out.make_stream(os.urandom(PICTURE))
        out.pages[0].obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Bilde=picture))
        out.save(made)
    return made.getvalue()


def letter() -> bytes:
    """The body of a send call."""
    address = {"adresselinje1": "Storgata 1", "postnummer": "4262", "poststed": "AVALDSNES"}
    facts = {
        "tittel": "Eiendomsskatt 2027",
        "mottaker": {"navn": "Kari Nordmann", "digitalId": synthetic_fnr(1, 1, 70), "adresse": address},
        "dokumenter": [{"filnavn": "brev.pdf", "mimeType": "application/pdf"}],
    }
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
    return b"".join(
        [
            f'{head}"forsendelse"\r\n\r\n{json.dumps(facts)}\r\n'.encode(),
            f'{head}"dokument"; filename="brev.pdf"\r\n\r\n'.encode(),
            document(),
            f"\r\n--{BOUNDARY}--\r\n".encode(),
        ]
    )
