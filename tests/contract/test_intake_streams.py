"""Large letters whose length nobody tells pass through the intake process with flat memory."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from fiks.core.db import session
from fiks.svarut.models import Dokument
from portal.api.svarut.soap import PATH
from testmiljo.embedded import Services
from tests.contract.intake_server import Mottak, running_intake
from tests.integration.api.fagsystem import V1, letters
from tests.integration.databases import migrate, new_database
from tests.submissions import FNR
from tests.unit.svarut.soap import document_of, envelope, letter, operation, person

SIZE = 96 * 1024 * 1024
SMALLER = 8 * 1024 * 1024
GROWTH = 64 * 1024
LINE = base64.b64encode(b"x" * 57) + b"\r\n"
SECONDS = (5, 120)


@pytest.fixture
def mottak(tjenester: Services, tmp_path: Path) -> Iterator[Mottak]:
    with new_database(tjenester) as database:
        migrate(database)
        with running_intake(database, tmp_path) as running:
            yield running


def memory(mottak: Mottak) -> int:
    """Kilobytes that the web process has held at most."""
    [worker] = Path(f"/proc/{mottak.pid}/task/{mottak.pid}/children").read_text("ascii").split()
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{worker}/status").read_text("ascii"))
    assert found
    return int(found.group(1))


def soap_pieces() -> Iterator[bytes]:
    """A message whose document is SIZE bytes, in pieces."""
    body = letter(
        [document_of("film.mp4", "<data>|</data>", mimetype="video/mp4")],
        to=person(FNR),
        kunDigitalLevering="true",
    )
    head, tail = envelope(operation("sendForsendelse", body)).split(b"|")
    yield head
    for _ in range(SIZE // (57 * 1024)):
        yield LINE * 1024
    yield tail


def v1_pieces(size: int = SIZE) -> Iterator[bytes]:
    facts = (
        '{"tittel":"Film","kunDigitalLevering":true,"mottaker":{"postAdresse":{"navn":"Testperson","postSted":"OSLO"},'
        f'"digitalAdresse":{{"fodselsNummer":"{FNR}"}}}},"dokumenter":[{{"filnavn":"film.mp4","mimeType":"video/mp4"}}]}}'
    )
    yield f'--grense\r\nContent-Disposition: form-data; name="forsendelse"\r\n\r\n{facts}\r\n'.encode()
    yield b'--grense\r\nContent-Disposition: form-data; name="filer"; filename="film.mp4"\r\n\r\n'
    for _ in range(size // (1024 * 1024)):
        yield b"x" * 1024 * 1024
    yield b"\r\n--grense--\r\n"


def post(url: str, login: tuple[str, str], body: Iterator[bytes] | bytes, kind: str) -> requests.Response:
    """Each call has a connection of its own: none is closed under it for having been idle."""
    with requests.Session() as http:
        http.trust_env = False
        return http.post(url, auth=login, data=body, headers={"Content-Type": kind}, timeout=SECONDS)


MULTIPART = "multipart/form-data; boundary=grense"


def test_who_is_refused_while_still_sending_is_told_why(mottak: Mottak) -> None:
    url, whole = mottak.url + V1 + "/sendForsendelse", b"".join(v1_pieces(SMALLER))
    without_title = (piece.replace(b'"tittel":"Film",', b"") for piece in v1_pieces(SMALLER))
    right, wrong = (mottak.avsender, mottak.passord), (mottak.avsender, "feil")
    for login, body, status, word in (
        (right, without_title, 400, "TITTEL_MANGLER"),
        (wrong, whole, 401, "Feil brukernavn"),
    ):
        answer = post(url, login, body, MULTIPART)
        assert (answer.status_code, word in answer.text) == (status, True)
    assert letters(mottak.hus) == 0


def test_sv12_07_a_large_letter_in_chunks_passes_with_flat_memory(mottak: Mottak) -> None:
    login, v1 = (mottak.avsender, mottak.passord), mottak.url + V1
    assert post(v1 + "/startNyForsendelse", login, b"", "application/x-www-form-urlencoded").ok
    before = memory(mottak)
    for url, pieces, kind in (
        (mottak.url + PATH, soap_pieces(), "application/soap+xml"),
        (v1 + "/sendForsendelse", v1_pieces(), MULTIPART),
    ):
        answer = post(url, login, pieces, kind)
        assert answer.status_code == 200, answer.text
    assert letters(mottak.hus) == 2
    sizes = [SIZE // (57 * 1024) * 57 * 1024, SIZE]
    assert sorted(session().scalars(select(Dokument.storrelse))) == sorted(sizes)
    assert memory(mottak) - before < GROWTH
