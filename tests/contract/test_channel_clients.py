"""One contract for both digital channels: the client against the simulated channel, over HTTP, with every switch."""

from __future__ import annotations

import json
import time
import uuid
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import requests

from fiks.core.errors import Avvist, ProvIgjen, Uavklart
from fiks.core.values.calendar import OSLO
from fiks.svarut.channels import altinn
from fiks.svarut.channels.altinn import AltinnClient
from fiks.svarut.channels.base import Kvittering, Utgaende
from fiks.svarut.channels.dpi import DpiClient
from testmiljo.folders import LILLEVIK
from testmiljo.processes import wait_until
from testmiljo.sim.process import Simulation

CLIENTS: dict[str, type[DpiClient] | type[AltinnClient]] = {"dpi": DpiClient, "altinn": AltinnClient}
SHORT = (1.0, 0.5)

Client = DpiClient | AltinnClient


@pytest.fixture(params=CLIENTS)
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(sim: Simulation, channel: str) -> Client:
    return CLIENTS[channel](sim.url(channel), SHORT)


@pytest.fixture(scope="module")
def receiver() -> str:
    """Somebody with a mailbox who never reads in Altinn."""
    persons = json.loads((LILLEVIK / "register.json").read_text("utf-8"))["personer"]
    return next(
        str(fnr)
        for fnr, entry in persons.items()
        if entry["krr"]["postkasse"] and entry["altinn"]["lesing"] == "ALDRI" and not entry["krr"]["passiv"]
    )


def letter(mottaker: str, **changes: Any) -> Utgaende:
    values: dict[str, Any] = {
        "referanse": str(uuid.uuid4()),
        "mottaker": mottaker,
        "avsender_orgnr": "311990039",
        "tittel": "Eiendomsskatt 2027",
        "tekst": "Du har fått brev.",
        "lenke": "http://127.0.0.1:1/forsendelse/x/1",
        "sikkerhetsniva": "BETYDELIG",
        "spraak": "nn",
        "filnavn": "brev.pdf",
        "dokument": b"%PDF-1.7 brev",
    }
    return Utgaende(**values | changes)


def all_receipts(client: Client, limit: int = 100) -> list[Kvittering]:
    found, cursor = [], None
    while True:
        page, following = client.receipts(cursor, limit)
        if following == cursor:
            return found
        assert len(page) <= limit
        found += page
        cursor = following


def references(client: Client, receipts: list[Kvittering]) -> list[str | None]:
    """Our own, which Altinn's events do not tell."""
    return [client.whose(receipt.referanse) for receipt in receipts]


def known_as(channel: str, row: dict[str, Any]) -> str:
    """A mailbox letter's id at the integrasjonspunkt is our own reference."""
    return str(row["referanse" if channel == "dpi" else "leverandor_ref"])


def test_a_letter_is_received_once_and_found_by_our_reference(
    sim: Simulation, client: Client, channel: str, receiver: str
) -> None:
    brev = letter(receiver)
    provider_id = client.send(brev)

    log = sim.received(channel)
    assert client.lookup(brev.referanse) == provider_id
    assert (log["antall"], log["distinkte"], log["gjentatte"]) == (1, 1, 0)
    [row] = log["rader"]
    assert (row["referanse"], known_as(channel, row)) == (brev.referanse, provider_id)


def test_the_log_shows_the_receiver_only_as_a_hash(
    sim: Simulation, client: Client, channel: str, receiver: str
) -> None:
    client.send(letter(receiver))
    log = sim.received(channel)
    assert receiver not in json.dumps(log)
    assert [row["mottaker"] for row in log["rader"]] == sim.hashed(receiver)


def test_an_unknown_reference_is_not_found(client: Client) -> None:
    assert client.lookup(str(uuid.uuid4())) is None


def test_a_letter_they_have_already_is_a_success_with_the_same_id(
    sim: Simulation, client: Client, channel: str, receiver: str
) -> None:
    brev = letter(receiver)
    assert client.send(brev) == client.send(brev)
    log = sim.received(channel)
    assert (log["antall"], log["gjentatte"]) == (1, 1)


def test_stored_but_answer_lost_is_unknown_and_settled_by_look_up(
    sim: Simulation, client: Client, channel: str, receiver: str
) -> None:
    sim.set_switches(**{channel: {"accept_then_drop": 1}})
    brev = letter(receiver)
    with pytest.raises(Uavklart):
        client.send(brev)
    [row] = sim.received(channel)["rader"]
    assert client.lookup(brev.referanse) == known_as(channel, row)


@pytest.mark.parametrize("status", [500, 502, 504])
def test_stored_but_answered_with_an_error_is_unknown(
    sim: Simulation, client: Client, channel: str, receiver: str, status: int
) -> None:
    sim.set_switches(**{channel: {"accept_then_status": {str(status): 1}}})
    brev = letter(receiver)
    with pytest.raises(Uavklart) as failure:
        client.send(brev)
    assert failure.value.kode == f"HTTP_{status}"
    assert client.lookup(brev.referanse) is not None


@pytest.mark.parametrize("switches", [{"drop": 1}, {"status": {"500": 1}}, {"status": {"504": 1}}], ids=str)
def test_not_stored_and_no_clear_answer_is_unknown_and_look_up_finds_nothing(
    sim: Simulation, client: Client, channel: str, receiver: str, switches: dict[str, Any]
) -> None:
    sim.set_switches(**{channel: {**switches, "only": ["send"]}})
    brev = letter(receiver)
    with pytest.raises(Uavklart):
        client.send(brev)
    assert client.lookup(brev.referanse) is None


def test_a_slow_channel_may_store_after_we_gave_up(
    sim: Simulation, client: Client, channel: str, receiver: str
) -> None:
    sim.set_switches(**{channel: {"delay_ms": 800, "only": ["send"]}})
    brev = letter(receiver)
    with pytest.raises(Uavklart) as failure:
        client.send(brev)
    assert failure.value.kode == "TIDSAVBRUDD"
    assert client.lookup(brev.referanse) is None
    assert _under_way(sim, channel) == 1
    wait_until(lambda: _under_way(sim, channel) == 0, "the channel")
    assert client.lookup(brev.referanse) is not None


def _under_way(sim: Simulation, channel: str) -> int:
    return int(sim.state()["systemer"][channel]["paagaar"])


@pytest.mark.parametrize("status", [429, 503])
def test_throttling_delivers_nothing_and_says_how_long_to_wait(
    sim: Simulation, client: Client, channel: str, receiver: str, status: int
) -> None:
    sim.set_switches(**{channel: {"status": {str(status): 1}, "retry_after": 12}})
    with pytest.raises(ProvIgjen) as failure:
        client.send(letter(receiver))
    assert (failure.value.after, failure.value.throttled) == (12.0, True)
    assert sim.received(channel)["antall"] == 0


@pytest.mark.parametrize(("status", "throttled"), [(401, True), (403, False)])
def test_token_trouble_is_not_the_letters_fault_and_what_is_forbidden_is_a_try(
    sim: Simulation, client: Client, channel: str, receiver: str, status: int, throttled: bool
) -> None:
    sim.set_switches(**{channel: {"status": {str(status): 1}}})
    with pytest.raises(ProvIgjen) as failure:
        client.send(letter(receiver))
    assert failure.value.throttled is throttled


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_refusal_is_final(
    sim: Simulation, client: Client, channel: str, receiver: str, status: int
) -> None:
    sim.set_switches(**{channel: {"status": {str(status): 1}}})
    with pytest.raises(Avvist):
        client.send(letter(receiver))


def test_a_refused_letter_is_refused_again_and_not_stored(
    sim: Simulation, client: Client, channel: str, receiver: str
) -> None:
    sim.set_switches(**{channel: {"refuse": 1}})
    brev = letter(receiver)
    for _ in range(2):
        with pytest.raises(Avvist) as failure:
            client.send(brev)
    assert receiver not in failure.value.detalj
    assert sim.received(channel)["antall"] == 0


def test_nobody_listening_means_nothing_was_delivered(channel: str, receiver: str) -> None:
    with pytest.raises(ProvIgjen) as failure:
        CLIENTS[channel]("http://127.0.0.1:1", SHORT).send(letter(receiver))
    assert failure.value.kode == "IKKE_NAADD"
    assert not failure.value.throttled


def test_a_look_up_that_lags_says_unknown_until_it_knows(
    sim: Simulation, client: Client, channel: str, receiver: str
) -> None:
    sim.set_switches(**{channel: {"lookup_lag_s": 0.5}})
    brev = letter(receiver)
    provider_id = client.send(brev)
    assert client.lookup(brev.referanse) is None
    with pytest.raises(Uavklart):
        client.send(brev)
    time.sleep(0.5)
    assert client.lookup(brev.referanse) == provider_id
    assert client.send(brev) == provider_id


def test_a_channel_that_knows_no_references_shows_a_caller_that_doubles(
    sim: Simulation, client: Client, channel: str, receiver: str
) -> None:
    sim.set_switches(**{channel: {"accept_duplicates": True}})
    brev = letter(receiver)
    client.send(brev)
    client.send(brev)
    log = sim.received(channel)
    assert (log["antall"], log["distinkte"]) == (2, 1)


def test_receipts_come_in_order_page_by_page(
    sim: Simulation, client: Client, channel: str, receiver: str
) -> None:
    sent = [letter(receiver) for _ in range(7)]
    for brev in sent:
        client.send(brev)
    receipts = all_receipts(client, limit=3)
    assert {r.art for r in receipts} == {"LEVERT"}
    assert references(client, receipts) == [brev.referanse for brev in sent]
    assert all(r.tidspunkt.tzinfo is not None for r in receipts)
    assert sim.state()["systemer"][channel]["uhentede_kvitteringer"] == 0


def test_an_empty_feed_keeps_the_cursor(client: Client) -> None:
    assert client.receipts(None, 10) == ([], None)
    assert client.receipts("17", 10) == ([], "17")


def test_receipts_can_come_twice(sim: Simulation, client: Client, channel: str, receiver: str) -> None:
    sim.set_switches(**{channel: {"duplicate_receipts": 2}})
    brev = letter(receiver)
    client.send(brev)
    assert references(client, all_receipts(client)) == [brev.referanse] * 3


def test_receipts_can_come_late(sim: Simulation, client: Client, channel: str, receiver: str) -> None:
    sim.set_switches(**{channel: {"receipt_delay_ms": 400}})
    client.send(letter(receiver))
    assert all_receipts(client) == []
    assert sim.state()["systemer"][channel]["uhentede_kvitteringer"] == 1
    time.sleep(0.45)
    assert len(all_receipts(client)) == 1


def test_a_mailbox_that_does_not_work_gives_failed(
    sim: Simulation, client: Client, channel: str, receiver: str
) -> None:
    sim.set_switches(**{channel: {"feiler_mottakere": [receiver]}})
    client.send(letter(receiver))
    [receipt] = all_receipts(client)
    assert receipt.art == "FEILET"
    assert bool(receipt.melding) is (channel == "dpi"), "Altinn's events say no more"


def test_a_receipt_for_a_letter_nobody_sent_can_come(sim: Simulation, client: Client, channel: str) -> None:
    stranger = str(uuid.uuid4())
    sim.add_receipt(channel, stranger, "LEVERT", copies=2)
    receipts = all_receipts(client)
    assert [r.referanse for r in receipts] == references(client, receipts) == [stranger] * 2


def test_reading_receipts_again_gives_the_same(client: Client, receiver: str) -> None:
    client.send(letter(receiver))
    assert client.receipts(None, 10) == client.receipts(None, 10)


def test_an_unknown_switch_is_refused_and_changes_nothing(sim: Simulation) -> None:
    answer = requests.post(f"{sim.base_url}/_sim/brytere", json={"dpi": {"sleep": 1}}, timeout=5)
    assert answer.status_code == 400
    assert requests.get(f"{sim.base_url}/_sim/brytere", timeout=5).json()["dpi"] == {}


def test_the_document_arrives_byte_for_byte(sim: Simulation, receiver: str) -> None:
    client = DpiClient(sim.url("dpi"))
    content = bytes(range(256)) * 1000
    client.send(letter(receiver, filnavn="Skatteseddel på ærlig vis.pdf", dokument=content))
    client.send(letter(receiver, filnavn=None, dokument=None))
    with_document, without = sim.received("dpi")["rader"]
    assert (with_document["sha256"], with_document["storrelse"]) == (
        sha256(content).hexdigest(),
        len(content),
    )
    assert without["storrelse"] > 0


def test_the_events_of_confidential_post_are_a_feed_of_their_own(sim: Simulation, receiver: str) -> None:
    client = AltinnClient(sim.url("altinn"))
    ordinary, confidential = letter(receiver), letter(receiver, taushetsbelagt=True)
    for brev in (ordinary, confidential):
        client.send(brev)
    [apart] = client.apart.values()
    for feed, brev in ((client, ordinary), (apart, confidential)):
        [receipt], cursor = feed.receipts(None, 10)
        assert client.whose(receipt.referanse) == brev.referanse
        assert feed.receipts(cursor, 10) == ([], cursor)
    assert sim.state()["systemer"]["altinn"]["uhentede_kvitteringer"] == 0


def test_altinn_tells_nothing_to_who_does_not_say_of_which_service(sim: Simulation) -> None:
    answer = requests.get(f"{sim.url('altinn')}/events/api/v1/events", params={"after": "0"}, timeout=5)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "title", ["Avslag <kopi>", "# Vedtak", "==x==", "1. termin", "*x*", "[x](https://e)"]
)
def test_a_title_reaches_altinn_that_would_refuse_it_as_it_is(
    sim: Simulation, receiver: str, monkeypatch: pytest.MonkeyPatch, title: str
) -> None:
    client = AltinnClient(sim.url("altinn"))
    assert client.send(letter(receiver, tittel=title))
    monkeypatch.setattr(altinn, "plain_title", str)  # as it is
    with pytest.raises(Avvist, match="HTTP_400"):
        client.send(letter(receiver, tittel=title))


def test_altinn_does_not_know_a_stranger(sim: Simulation) -> None:
    with pytest.raises(Avvist):
        AltinnClient(sim.url("altinn")).send(letter("17912099997"))


@pytest.mark.slow
def test_what_was_received_survives_a_crash_of_the_world(tmp_path: Path, receiver: str) -> None:
    sim = Simulation([LILLEVIK], tmp_path / "omverden.sqlite").start()
    try:
        sim.set_switches(dpi={"duplicate_receipts": 1})
        client = DpiClient(sim.url("dpi"))
        brev = letter(receiver)
        provider_id = client.send(brev)
        sim.kill()
        with pytest.raises(ProvIgjen):
            client.send(letter(receiver))
        sim.start()
        assert client.send(brev) == provider_id
        assert sim.received("dpi")["antall"] == 1
        assert [r.referanse for r in all_receipts(client)] == [brev.referanse] * 2
    finally:
        sim.stop()


@pytest.mark.parametrize(
    ("varsle", "fra", "kept"),
    [
        (True, None, "STRAKS"),
        (True, datetime(2026, 11, 26, 8, 0, tzinfo=OSLO), "2026-11-26T08:00:00+01:00"),
        (False, None, None),
    ],
)
def test_altinn_keeps_when_the_receiver_is_to_be_notified(
    sim: Simulation, receiver: str, varsle: bool, fra: datetime | None, kept: str | None
) -> None:
    AltinnClient(sim.url("altinn")).send(letter(receiver, varsle=varsle, varsle_fra=fra))
    [row] = sim.received("altinn")["rader"]
    assert row["varsles"] == kept
