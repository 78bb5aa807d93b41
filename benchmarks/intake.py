"""Letters from a fagsystem by REST v3, one document of 50 kB each, into one web process: how many a second, how fast.

The real stack without workers: taking in needs PostgreSQL and the object store alone. Each connection sends its next
letter when the last is answered. The clients share the machine with the server, so the figures are a lower bound.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import requests
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import func, select

from benchmarks.measure import Watch, percentile
from benchmarks.report import Figure, Report
from config.settings import Settings
from fiks.core.db import session
from fiks.svarut.models import Forsendelse
from testmiljo.folders import VAR
from testmiljo.machines import CLIENT_ID, SCOPE, Fagsystem, seed_fagsystem
from testmiljo.seed import FJORDVIK, seed
from testmiljo.stack import Options, Stack
from testmiljo.staff import synthetic_fnr
from workers.app import create_app

FOLDER = VAR / "benchmarks" / "intake"
SECONDS, QUICK_SECONDS = 30.0, 5.0
CONNECTIONS = 4
DOCUMENT = b"%PDF-1.7\n" + os.urandom(50 * 1024)
BOUNDARY = "brev"
WARM_UP = 3
"""Letters of each connection that are not measured."""
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_SECONDS = 60.0
WEB_MIB = 300.0
HTTP_OK = 200


@dataclass
class Sender:
    """One connection: sends letter after letter until it is told to stop, and notes how long each took."""

    address: str
    path: str
    caller: Caller
    warm: threading.Barrier
    stopped: threading.Event
    answered: int = 0
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
        self.answered += 1
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
            DOCUMENT,
            f"\r\n--{BOUNDARY}--\r\n".encode(),
        ]
    )


def run(*, quick: bool) -> Report:
    """Run the benchmark; with `quick` for a few seconds only."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name in ("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "OBJECT_STORE_URL"):
        os.environ.pop(name, None)
    with Stack(Options(FOLDER, workers=False)) as stack:
        os.environ.update(stack.environ)
        app = create_app(Settings.from_env(stack.environ))
        with app.app_context():
            seeded = seed(FJORDVIK, [], angrefrist_sekunder=0)
            fagsystem = seed_fagsystem(seeded, FOLDER)
            konto_id = next(iter(seeded.kontoer.values()))
        stack.sim.add_machines(fagsystem.registration())
        stack.start_portal()
        caller = Caller(stack.environ["MASKINPORTEN_ISSUER"], fagsystem)
        figures = _measure(stack, konto_id, caller, QUICK_SECONDS if quick else SECONDS)
        with app.app_context():
            stored = session().execute(select(func.count()).select_from(Forsendelse)).scalar_one()
    answered = figures[0].value
    return Report(
        "intake, 50 kB", [*figures, Figure("letters lost or doubled", abs(stored - answered), "letters", 0)]
    )


def _measure(stack: Stack, konto_id: UUID, caller: Caller, seconds: float) -> list[Figure]:
    path, stopped = f"/api/v3/kontoer/{konto_id}/forsendelser/person", threading.Event()
    warm = threading.Barrier(CONNECTIONS + 1)
    senders = [Sender(stack.base_url, path, caller, warm, stopped) for _ in range(CONNECTIONS)]
    threads = [threading.Thread(target=sender.run) for sender in senders]
    with Watch({"portal": stack.children["portal"].pid}) as watch:
        for thread in threads:
            thread.start()
        took = _while_they_send(warm, stopped, seconds)
        for thread in threads:
            thread.join()
    for sender in senders:
        if sender.failed is not None:
            raise sender.failed
    times = [one for sender in senders for one in sender.times]
    return [
        Figure("letters answered with an id", sum(sender.answered for sender in senders), "letters"),
        Figure("letters a second", len(times) / took, "letters/s"),
        Figure("median", 1000 * percentile(times, 0.5), "ms"),
        Figure("p95", 1000 * percentile(times, 0.95), "ms"),
        Figure("web process, most memory", watch.peak("portal"), "MiB", WEB_MIB),
    ]


def _while_they_send(warm: threading.Barrier, stopped: threading.Event, seconds: float) -> float:
    """Let them send for so long; a sender that failed has broken the barrier, and its error is told by the caller."""
    with suppress(threading.BrokenBarrierError):
        warm.wait(120)
    began = time.monotonic()
    stopped.wait(0 if warm.broken else seconds)
    stopped.set()
    return time.monotonic() - began
