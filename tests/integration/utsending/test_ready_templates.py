"""The templates that ship with the house reach every organisation, and a text that was changed those who have them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from fiks.core.actor import system
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.utsending.brev import Brevmal, bundled_template
from fiks.utsending.letters.inputs import letter_inputs
from fiks.utsending.models import Mal, Malversjon
from fiks.utsending.overview import mailings
from fiks.utsending.templates import house_templates
from tests.integration.databases import Database, QuickProcess
from tests.integration.utsending.at_once import elsewhere, until_somebody_waits
from tests.integration.utsending.jobs import begin
from tests.integration.utsending.kommuner import make_kommune
from workers import cli
from workers.planned import JOBS

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
HOUSE = system("test")


@pytest.fixture
def navn(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a tax note that this test alone has published."""
    name = f"Skatteseddel {uuid4()}"
    monkeypatch.setattr(house_templates, "READY", {"eiendomsskatt": name})
    return name


def release(monkeypatch: pytest.MonkeyPatch, kilde_nb: str) -> Brevmal:
    """From now on this process is of a release with this text."""
    text = replace(bundled_template("eiendomsskatt"), kilde_nb=kilde_nb)
    monkeypatch.setattr(house_templates, "bundled_template", lambda key: text)
    return text


def versions(navn: str) -> list[tuple[int, str]]:
    found = select(Malversjon.versjon, Malversjon.kilde_nb).join(Mal, Mal.id == Malversjon.mal_id)
    rows = session().execute(found.where(Mal.navn == navn).order_by(Malversjon.versjon))
    return [(row[0], row[1]) for row in rows]


def test_the_sweeper_publishes_what_every_organisation_may_then_choose(navn: str) -> None:
    assert JOBS["publiser_maler"].run() == 1
    [(_, _, version, nn)] = [row for row in mailings.templates(make_kommune().id) if row[1] == navn]
    assert (version, nn) == (1, bundled_template("eiendomsskatt").kilde_nn)
    told = select(Audit.detaljer).where(Audit.handling == "MAL_PUBLISERT").order_by(Audit.id.desc())
    assert session().scalars(told.limit(1)).one() == {"navn": navn, "versjon": 1}


def test_what_is_published_already_is_not_written_again(navn: str) -> None:
    assert house_templates.publish(actor=HOUSE) == 1
    assert house_templates.publish(actor=HOUSE) == 0
    assert versions(navn) == [(1, bundled_template("eiendomsskatt").kilde_nb)]


def test_an_older_release_does_not_put_its_own_text_back(navn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("Gammel.", "Ny.", "Gammel.", "Ny."):
        release(monkeypatch, text)
        house_templates.publish(actor=HOUSE)
    assert versions(navn) == [(1, "Gammel."), (2, "Ny.")]


def test_two_who_publish_at_once_publish_one(navn: str, process: QuickProcess, database: Database) -> None:
    with ThreadPoolExecutor(1) as pool:
        with transaction():
            assert house_templates.publish(actor=HOUSE) == 1
            other = elsewhere(pool, process, lambda: house_templates.publish(actor=HOUSE))
            until_somebody_waits(database, other)
        assert other.result() == 0
    assert len(versions(navn)) == 1


def test_a_mailing_keeps_the_version_it_has_chosen(navn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    release(monkeypatch, "Gammel.")
    utsending_id = begin(make_kommune())
    before = letter_inputs(utsending_id)
    release(monkeypatch, "Ny.")
    assert house_templates.publish(actor=HOUSE) == 1
    after = letter_inputs(utsending_id)
    assert (after.mal, after.digest) == (before.mal, before.digest)
    assert after.mal.kilde_nb == "Gammel."


def offered(navn: str, organisasjon_id: UUID) -> list[int]:
    """The versions of the template that may be chosen."""
    session().rollback()
    return [version for _, name, version, _ in mailings.templates(organisasjon_id) if name == navn]


def test_a_text_that_only_a_newer_release_can_read_leaves_the_one_before_to_be_chosen(
    navn: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kommune = make_kommune()
    for text in (
        "Til ((navn)).",
        "Til ((navn)), ((nytt_felt)).",
        "Til ((navn)), ((nytt_felt | nytt_format)).",
    ):
        release(monkeypatch, text)
        assert house_templates.publish(actor=HOUSE) == 1
    assert [offered(navn, kommune.id) for _ in range(3)] == [[1]] * 3
    assert [one.message for one in caplog.records].count("template_not_readable") == 2


def test_a_text_that_was_never_readable_here_is_not_offered(
    navn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(monkeypatch, "Til ((nytt_felt)).")
    house_templates.publish(actor=HOUSE)
    assert offered(navn, make_kommune().id) == []


def test_an_organisations_own_template_may_name_columns_of_its_own_list(navn: str) -> None:
    kommune = make_kommune()
    with transaction() as tx:
        own = Mal(organisasjon_id=kommune.id, navn=navn)
        tx.add(own)
        tx.flush()
        for versjon, text in enumerate(("Til ((navn)).", "Til ((egen_kolonne))."), 1):
            tx.add(Malversjon(mal_id=own.id, versjon=versjon, kilde_nb=text, tittel_nb="Brev"))
    assert offered(navn, kommune.id) == [2]


@pytest.fixture
def fiks(process: QuickProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The command runs on this test's database."""
    monkeypatch.setattr(cli, "Process", lambda settings: process)
    monkeypatch.setattr(cli.doorbell, "install", lambda ringer: None)
    monkeypatch.setattr(cli.Settings, "from_env", lambda: process.settings)
    yield


@pytest.mark.usefixtures("fiks")
def test_who_will_not_wait_for_the_sweeper_publishes_by_command(
    navn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for told in ("følger med: 1.", "følger med: 0."):
        assert cli.main(["mal", "publiser"]) == 0
        assert told in capsys.readouterr().out
    assert len(versions(navn)) == 1


@pytest.mark.usefixtures("fiks")
def test_the_command_about_a_mailing_asks_how_its_letters_are_to_be_made(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["mal", str(uuid4())]) == 2
    assert "skriv hurtig eller langsom" in capsys.readouterr().err
