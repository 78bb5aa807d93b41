"""One contract for the signing service: the client against the simulated one, over HTTP, with every switch."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from config.settings import Settings
from fiks.core.errors import Avvist, ProvIgjen, Uavklart
from fiks.svarut.signing.client import Art, SigneringClient, Signeringsordre
from testmiljo.processes import free_port
from testmiljo.sim.process import Simulation
from workers.channels import open_signing

SHORT = (1.0, 0.5)
PDF = b"%PDF-1.7 en avtale\n%%EOF\n"
FNR = "17912099997"


@pytest.fixture
def client(sim: Simulation) -> SigneringClient:
    return SigneringClient(sim.url("signering"), SHORT)


def order(**changes: Any) -> Signeringsordre:
    """An order nobody else has made, without fault unless `changes` make one."""
    values: dict[str, Any] = {
        "referanse": str(uuid.uuid4()),
        "signatar": FNR,
        "avsender_orgnr": "311990039",
        "avsender_navn": "Lillevik kommune",
        "tittel": "Avtale om båtplass",
        "type": "AVANSERT_SIGNATUR",
        "sikkerhetsniva": "HOYESTE",
        "frist": datetime.now(UTC) + timedelta(days=8),
        "dokument": PDF,
    }
    return Signeringsordre(**values | changes)


def test_an_order_is_made_once_and_found_by_our_reference(sim: Simulation, client: SigneringClient) -> None:
    ordre = order()
    assert client.find(ordre.referanse) is None
    made = client.create(ordre)

    assert client.create(ordre) == client.find(ordre.referanse) == made
    log = sim.received("signering")
    assert (log["antall"], log["distinkte"], log["gjentatte"]) == (1, 1, 1)


def test_the_feed_tells_what_the_receiver_did_in_order_from_where_we_were(
    sim: Simulation, client: SigneringClient
) -> None:
    first, second = order(), order()
    for ordre in (first, second):
        client.create(ordre)
    sim.sign(first.referanse, "start")
    sim.sign(first.referanse, "signer")
    sim.sign(second.referanse, "avvis")

    told, marker = client.events(None, 2)
    assert [(one.referanse, one.art) for one in told] == [
        (first.referanse, Art.STARTET),
        (first.referanse, Art.SIGNERT),
    ]
    assert all(abs(datetime.now(UTC) - one.tidspunkt) < timedelta(minutes=1) for one in told)
    rest, end = client.events(marker, 100)
    assert [(one.referanse, one.art) for one in rest] == [(second.referanse, Art.AVVIST)]
    assert client.events(end, 100) == ([], end)


def test_the_signed_copy_is_the_document_with_its_signature_the_same_every_time(
    sim: Simulation, client: SigneringClient
) -> None:
    ordre = order()
    client.create(ordre)
    with pytest.raises(Avvist):
        client.signed(ordre.referanse)
    sim.sign(ordre.referanse, "signer")
    copy = client.signed(ordre.referanse)
    assert copy.startswith(PDF) and b"Signert" in copy
    assert client.signed(ordre.referanse) == copy


@pytest.mark.parametrize("ended", ["signer", "avvis", "utlop"])
def test_what_has_ended_cannot_be_signed_any_more(
    sim: Simulation, client: SigneringClient, ended: str
) -> None:
    ordre = order()
    client.create(ordre)
    sim.sign(ordre.referanse, ended)
    with pytest.raises(requests.HTTPError):
        sim.sign(ordre.referanse, "signer")


def test_a_person_signs_at_the_page(sim: Simulation, client: SigneringClient) -> None:
    ordre = order(tittel="Leie av <naust>")
    client.create(ordre)
    page = requests.get(sim.url("signering") + "/", timeout=5)
    assert "Leie av &lt;naust&gt;" in page.text
    assert FNR not in page.text
    said = {"referanse": ordre.referanse, "handling": "signer"}
    answer = requests.post(sim.url("signering") + "/handling", data=said, timeout=5)
    assert "Ingen dokumenter venter" in answer.text
    assert [one.art for one in client.events(None, 10)[0]] == [Art.SIGNERT]


@pytest.mark.parametrize("status", [429, 503, 401, 302])
def test_a_service_that_is_busy_or_does_not_know_us_is_asked_again(
    sim: Simulation, client: SigneringClient, status: int
) -> None:
    sim.set_switches(signering={"status": {str(status): 1}, "retry_after": 7})
    calls = (
        lambda: client.create(order()),
        lambda: client.find(str(uuid.uuid4())),
        lambda: client.events(None, 10),
        lambda: client.signed(str(uuid.uuid4())),
    )
    for call in calls:
        with pytest.raises(ProvIgjen) as caught:
            call()
        assert caught.value.after == (7 if status in (429, 503) else None)


@pytest.mark.parametrize("fault", [{"status": {"500": 1}}, {"drop": 1}, {"delay_ms": 1_500}])
def test_a_doubt_is_unclear_when_ordering_and_try_again_when_reading(
    sim: Simulation, client: SigneringClient, fault: dict[str, object]
) -> None:
    sim.set_switches(signering=fault)
    with pytest.raises(Uavklart):
        client.create(order())
    for read in (client.find, client.signed):
        with pytest.raises(ProvIgjen):
            read(str(uuid.uuid4()))
    with pytest.raises(ProvIgjen):
        client.events(None, 10)


@pytest.mark.parametrize("fault", [{"accept_then_drop": 1}, {"accept_then_status": {"502": 1}}])
def test_an_order_whose_answer_was_lost_is_found_and_not_made_twice(
    sim: Simulation, client: SigneringClient, fault: dict[str, object]
) -> None:
    sim.set_switches(signering=fault)
    ordre = order()
    with pytest.raises(Uavklart):
        client.create(ordre)
    sim.set_switches(signering={})
    assert client.find(ordre.referanse) == client.create(ordre)
    assert sim.received("signering")["antall"] == 1


def test_an_order_it_has_but_cannot_show_yet_is_unclear(sim: Simulation, client: SigneringClient) -> None:
    ordre = order()
    client.create(ordre)
    sim.set_switches(signering={"lookup_lag_s": 60})
    with pytest.raises(Uavklart, match="KJENT_UTEN_ID"):
        client.create(ordre)


@pytest.mark.parametrize(
    "change", [{"dokument": b"ikke en pdf"}, {"frist": datetime(2020, 1, 1, tzinfo=UTC)}]
)
def test_what_the_service_will_never_take_is_refused(
    client: SigneringClient, change: dict[str, object]
) -> None:
    with pytest.raises(Avvist):
        client.create(order(**change))


def test_a_simulated_refusal_is_one(sim: Simulation, client: SigneringClient) -> None:
    sim.set_switches(signering={"refuse": 1})
    with pytest.raises(Avvist) as caught:
        client.create(order())
    assert FNR not in f"{caught.value} {caught.value.detalj}"


def test_no_service_at_the_address_means_that_nothing_was_ordered() -> None:
    with pytest.raises(ProvIgjen):
        SigneringClient(f"http://127.0.0.1:{free_port()}", SHORT).create(order())


def test_without_an_address_nothing_is_told_and_everything_waits() -> None:
    none = open_signing(Settings.from_env({"FIKS_ENV": "test"}))
    assert (none.find(str(uuid.uuid4())), none.events("7", 10)) == (None, ([], "7"))
    for call in (lambda: none.create(order()), lambda: none.signed(str(uuid.uuid4()))):
        with pytest.raises(ProvIgjen):
            call()


def test_the_address_of_the_settings_is_the_one_that_is_called(sim: Simulation) -> None:
    found = open_signing(Settings.from_env({"FIKS_ENV": "test", "SIGNERING_URL": sim.url("signering") + "/"}))
    ordre = order()
    assert found.create(ordre) == found.find(ordre.referanse)


def test_a_number_and_a_document_are_never_printed() -> None:
    assert FNR not in repr(order()) and "avtale" not in repr(order())


def test_orders_and_what_became_of_them_survive_a_crash_of_the_service(tmp_path: Path) -> None:
    with Simulation([], tmp_path / "omverden.sqlite") as sim:
        client = SigneringClient(sim.url("signering"), SHORT)
        ordre = order()
        made = client.create(ordre)
        sim.sign(ordre.referanse, "signer")
        sim.kill()
        sim.start()
        assert client.find(ordre.referanse) == made
        assert [one.art for one in client.events(None, 10)[0]] == [Art.SIGNERT]
        assert client.signed(ordre.referanse).startswith(PDF)
