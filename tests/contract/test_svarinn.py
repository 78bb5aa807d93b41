"""SvarInn over loopback: sent by a real client of SvarUt, received by a script that knows only the contract."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from config.settings import Settings
from fiks.core import environment
from fiks.core.db import session
from fiks.core.queue.owner_lock import Owner
from fiks.pdf import Pdfleser
from tests.contract.download_server import Nedlasting, running_downloads
from tests.contract.intake_server import Mottak, running_intake
from tests.integration.api.mottak import Avsending
from tests.integration.databases import Database
from tests.integration.svarut.letters import hand_over
from tests.integration.svarut.submitted import PAGE, control_all
from tests.integration.systems import System, make_system
from tests.integration.worlds import World
from tests.submissions import document, submission

pytestmark = pytest.mark.slow

MB = 1024 * 1024
SMALLER, LARGE, GROWTH = 64 * MB, 512 * MB, 64 * MB
"""Each of its threads keeps what it has had of buffers; a file held in memory would be seven times as much."""
TITTEL = "Søknad om båtplass"


@pytest.fixture(scope="module")
def mottak(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mottak]:
    with running_intake(database, tmp_path_factory.mktemp("mottak")) as running:
        yield running


@pytest.fixture(scope="module")
def settings(mottak: Mottak) -> Settings:
    found: Settings = mottak.app.config["FIKS_SETTINGS"]
    return found


@pytest.fixture(scope="module")
def nedlasting(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nedlasting]:
    folder = tmp_path_factory.mktemp("nedlasting")
    with running_downloads(settings.database_url, settings.object_store_url, folder) as running:
        yield running


@pytest.fixture
def sender(mottak: Mottak, settings: Settings) -> Iterator[Avsending]:
    """The workers of this process, on the intake's database and store."""
    environment.install(environment.from_settings(settings))
    owner, reader = Owner(settings.database_url), Pdfleser()
    owner.ensure()
    yield Avsending(mottak.hus, owner, World(), reader)
    owner.release()
    reader.close()
    session().rollback()


def vtfk_letter(orgnr: str) -> dict[str, Any]:
    post = {"navn": "Havvik kommune", "adresse1": "Brygga 1", "postNummer": "4260", "postSted": "TORVASTAD"}
    return {
        "tittel": TITTEL,
        "mottaker": {"postAdresse": post, "digitalAdresse": {"organisasjonsNummer": orgnr}},
        "dokumenter": [
            {
                "filnavn": "søknad.pdf",
                "mimeType": "application/pdf",
                "data": base64.b64encode(PAGE).decode(),
            }
        ],
    }


def told(mottak: Mottak, own: str) -> tuple[str, list[str]]:
    status, log = [one["value"] for one in mottak.vtfk(["getStatus", own], ["getForsendelseHistorikk", own])]
    return status["statuser"][0]["status"], [line["hendelse"] for line in log["hendelsesLogger"]]


def work(sender: Avsending) -> None:
    session().rollback()
    control_all(sender.world, sender.reader)
    hand_over(sender.eier, sender.world)


def receiver(sender: Avsending) -> tuple[System, str]:
    orgnr = sender.receiver()
    return make_system(orgnr), orgnr


def test_a_letter_of_a_real_client_is_received_and_its_sender_is_told(
    mottak: Mottak, nedlasting: Nedlasting, sender: Avsending
) -> None:
    system, orgnr = receiver(sender)
    [sent] = mottak.vtfk(["sendForsendelse", vtfk_letter(orgnr)])
    own = sent["value"]["id"]
    work(sender)
    assert nedlasting.receive(system) == {"mottatt": [{"id": own, "tittel": TITTEL, "filer": ["søknad.pdf"]}]}
    assert nedlasting.receive(system) == {"mottatt": []}
    status, lines = told(mottak, own)
    assert status == "LEST"
    assert lines[-2:] == ["Klar til henting i mottakerens system", "Mottatt i mottakerens system"]


def test_a_letter_the_receiver_cannot_take_goes_on_and_its_sender_reads_why(
    mottak: Mottak, nedlasting: Nedlasting, sender: Avsending
) -> None:
    system, orgnr = receiver(sender)
    own = str(sender.send(orgnr))
    for _ in range(2):
        assert len(nedlasting.receive(system, "--feilet", "Arkivet er nede")["mottatt"]) == 1
    assert len(nedlasting.receive(system, "--feilet", "Ukjent sak", "--permanent")["mottatt"]) == 1
    assert nedlasting.receive(system) == {"mottatt": []}
    work(sender)
    assert sender.world.altinn.antall == 1
    status, lines = told(mottak, own)
    assert status == "VARSLET"
    assert "Mottakerens system kan ikke ta imot brevet (Ukjent sak)" in lines


def test_who_has_the_wrong_password_is_told_so(nedlasting: Nedlasting, sender: Avsending) -> None:
    system, _ = receiver(sender)
    wrong = System(system.id, "feil", system.nokler, system.organisasjon_id)
    said = nedlasting.receive(wrong)
    assert said["status"] == 401 and "Feil brukernavn eller passord" in said["svar"]


def test_sv12_38_a_large_letter_is_downloaded_with_flat_memory(
    nedlasting: Nedlasting, sender: Avsending
) -> None:
    system, orgnr = receiver(sender)
    said = submission(document("film.mp4", "video/mp4"), kun_digital=True)
    peaks = []
    for size in (SMALLER, LARGE):
        sender.send(orgnr, bytes(range(256)) * (size // 256), new=said)
        session().rollback()
        assert [one["filer"] for one in nedlasting.receive(system)["mottatt"]] == [["film.mp4"]]
        peaks.append(nedlasting.peak())
    assert peaks[1] - peaks[0] < GROWTH


def test_a_file_that_is_not_what_was_sent_ends_in_a_broken_connection(
    nedlasting: Nedlasting, sender: Avsending, database: Database
) -> None:
    system, orgnr = receiver(sender)
    own = sender.send(orgnr)
    with database.owner() as owner:
        assert isinstance(owner, psycopg.Connection)
        owner.execute("UPDATE dokument SET sha256 = %s WHERE forsendelse_id = %s", (b"\0" * 32, own))
    with pytest.raises(AssertionError, match="IncompleteRead"):
        nedlasting.receive(system)
