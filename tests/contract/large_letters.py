"""A letter by every door, with one document of any size, in pieces: nothing here holds it, nor tells its length."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import requests

from fiks.konfigurasjon.rules import P
from portal.api.svarut.soap.routes import PATH
from testmiljo.sim.process import Simulation
from tests.api.calls import letter_v2, letter_v3
from tests.contract.intake_server import Mottak
from tests.contract.maskinporten_world import KEY, SCOPE, ask, assertion
from tests.integration.api.fagsystem import V1, basic, forsendelse
from tests.machines import Kall, make_kall
from tests.submissions import FNR
from tests.unit.svarut.soap import document_of, envelope, letter, operation, person

KIB, MIB = 1024, 1024 * 1024
MULTIPART = "multipart/form-data; boundary=grense"
RELATED = 'multipart/related; boundary=grense; type="application/xop+xml"; start="<rot@ks>"'
LINE = base64.b64encode(b"x" * 57) + b"\r\n"
INCLUDE = '<data><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:film%40ks"/></data>'
CLIENT, TOKEN_SECONDS = "store-brev", 60.0
Pieces = Iterator[bytes]


@dataclass(frozen=True)
class Door:
    """Where letters are sent, and what stands before and after the bytes of the document."""

    name: str
    path: str
    kind: str
    head: bytes
    tail: bytes
    login: Callable[[], Mapping[str, str]]
    filling: bytes = b"x" * MIB
    clear: int = MIB
    """Bytes of the document that `filling` is: less, where they are written as text."""

    def size(self, wanted: int) -> int:
        """Bytes of the document, `wanted` or a little less."""
        return wanted // self.clear * self.clear

    def pieces(self, wanted: int) -> Pieces:
        yield self.head
        for _ in range(wanted // self.clear):
            yield self.filling
        yield self.tail


@dataclass
class Maskin:
    """A fagsystem that Maskinporten knows, with a token it fetches anew in time."""

    sim: Simulation
    kall: Kall
    _token: str = ""
    _until: float = 0.0

    def headers(self) -> dict[str, str]:
        if time.monotonic() > self._until:
            answer = ask(self.sim, assertion(maskinporten(self.sim)["MASKINPORTEN_ISSUER"], iss=CLIENT))
            assert answer.ok, answer.text
            self._token, self._until = answer.json()["access_token"], time.monotonic() + TOKEN_SECONDS
        return self.kall.headers(Authorization=f"Bearer {self._token}")


def doors(mottak: Mottak, machine: Callable[[], Mapping[str, str]]) -> dict[str, Door]:
    """All that take letters in, by name; `machine` gives the headers of a call that Maskinporten vouches for."""
    konto = password(mottak.avsender, mottak.passord)
    kontoer = f"kontoer/{mottak.hus.konto_id}/forsendelser"
    film = {"dokumenter": [{"filnavn": "film.mp4", "mimeType": "video/mp4"}], "kunDigitalLevering": True}
    said = document_of("film.mp4", "<data>|</data>", mimetype="video/mp4")
    beside = document_of("film.mp4", INCLUDE, mimetype="video/mp4")
    before, after = _soap(said).split(b"|")
    xop = b"--grense\r\nContent-ID: <rot@ks>\r\nContent-Type: application/xop+xml\r\n\r\n"
    made = [
        _rest("v1", V1 + "/sendForsendelse", forsendelse(**film), konto),
        _rest("v2", f"/api/v2/{kontoer}", letter_v2(**film), machine),
        _rest("v3", f"/api/v3/{kontoer}/person", letter_v3(**film), machine),
        Door("soap", PATH, "application/soap+xml", before, after, konto, LINE * KIB, 57 * KIB),
        Door(
            "mtom",
            PATH,
            RELATED,
            xop + _soap(beside) + b"\r\n--grense\r\nContent-ID: <film@ks>\r\n\r\n",
            b"\r\n--grense--\r\n",
            konto,
        ),
    ]
    return {door.name: door for door in made}


def password(avsender: str, passord: str) -> Callable[[], Mapping[str, str]]:
    """The login of a konto."""
    return partial(basic, avsender, passord)


def _rest(name: str, path: str, facts: dict[str, Any], login: Callable[[], Mapping[str, str]]) -> Door:
    told = json.dumps(facts)
    head = f'--grense\r\nContent-Disposition: form-data; name="forsendelse"\r\n\r\n{told}\r\n'
    head += '--grense\r\nContent-Disposition: form-data; name="filer"; filename="film.mp4"\r\n\r\n'
    return Door(name, path, MULTIPART, head.encode(), b"\r\n--grense--\r\n", login)


def _soap(document: str) -> bytes:
    return envelope(
        operation("sendForsendelse", letter([document], to=person(FNR), kunDigitalLevering="true"))
    )


def maskinporten(sim: Simulation) -> dict[str, str]:
    """The settings of an intake that believes the simulated Maskinporten."""
    return {"MASKINPORTEN_ISSUER": sim.url("maskinporten") + "/"}


def open_doors(mottak: Mottak, sim: Simulation) -> dict[str, Door]:
    """The doors, with a fagsystem that Maskinporten knows and the konto has let in."""
    kall = make_kall(mottak.hus.organisasjon_id, P.SENDE, ressurs=mottak.hus.konto_id)
    client = {
        "client_id": CLIENT,
        "orgnr": kall.orgnr,
        "scopes": [SCOPE],
        "nokler": [KEY.as_dict(private=False)],
    }
    sim.add_machines({"klienter": [client], "tilganger": {SCOPE: [kall.orgnr]}})
    return doors(mottak, Maskin(sim, kall).headers)


def send(mottak: Mottak, door: Door, body: Pieces | bytes, seconds: tuple[int, int]) -> requests.Response:
    """Each call has a connection of its own: none is closed under it for having been idle."""
    with requests.Session() as http:
        http.trust_env = False
        headers = {**door.login(), "Content-Type": door.kind}
        return http.post(mottak.url + door.path, data=body, headers=headers, timeout=seconds)
