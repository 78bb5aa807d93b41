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


def v1_pieces() -> Iterator[bytes]:
    facts = (
        '{"tittel":"Film","kunDigitalLevering":true,"mottaker":{"postAdresse":{"navn":"Testperson","postSted":"OSLO"},'
        f'"digitalAdresse":{{"fodselsNummer":"{FNR}"}}}},"dokumenter":[{{"filnavn":"film.mp4","mimeType":"video/mp4"}}]}}'
    )
    yield f'--grense\r\nContent-Disposition: form-data; name="forsendelse"\r\n\r\n{facts}\r\n'.encode()
    yield b'--grense\r\nContent-Disposition: form-data; name="filer"; filename="film.mp4"\r\n\r\n'
    for _ in range(SIZE // (1024 * 1024)):
        yield b"x" * 1024 * 1024
    yield b"\r\n--grense--\r\n"


def test_who_is_refused_while_still_sending_is_told_why(mottak: Mottak) -> None:
    def without_title() -> Iterator[bytes]:
        return (piece.replace(b'"tittel":"Film",', b"") for piece in v1_pieces())

    right, wrong = (mottak.avsender, mottak.passord), (mottak.avsender, "feil")
    url, kind = mottak.url + V1 + "/sendForsendelse", "multipart/form-data; boundary=grense"
    with requests.Session() as http:
        http.trust_env = False
        for login, status, word in ((right, 400, "TITTEL_MANGLER"), (wrong, 401, "Feil brukernavn")):
            body = without_title() if login is right else b"".join(v1_pieces())[: 32 * 1024 * 1024]
            answer = http.post(url, auth=login, data=body, headers={"Content-Type": kind}, timeout=SECONDS)
            assert (answer.status_code, word in answer.text) == (status, True)
    assert letters(mottak.hus) == 0


def test_sv12_07_a_large_letter_in_chunks_passes_with_flat_memory(mottak: Mottak) -> None:
    login = (mottak.avsender, mottak.passord)
    calls = [
        (mottak.url + PATH, soap_pieces, "application/soap+xml"),
        (mottak.url + V1 + "/sendForsendelse", v1_pieces, "multipart/form-data; boundary=grense"),
    ]
    with requests.Session() as http:
        http.trust_env = False
        assert http.post(mottak.url + V1 + "/startNyForsendelse", auth=login, timeout=SECONDS).ok
        before = memory(mottak)
        for url, pieces, kind in calls:
            answer = http.post(
                url, auth=login, data=pieces(), headers={"Content-Type": kind}, timeout=SECONDS
            )
            assert answer.status_code == 200, answer.text
    assert letters(mottak.hus) == 2
    assert sorted(session().scalars(select(Dokument.storrelse))) == sorted(
        [SIZE // (57 * 1024) * 57 * 1024, SIZE]
    )
    assert memory(mottak) - before < GROWTH
