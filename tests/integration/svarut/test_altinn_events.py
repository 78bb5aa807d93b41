"""Altinn's events tell Altinn's own id of a message, and are read of one service at a time."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, KanalFeil, ProvIgjen, Uavklart
from fiks.core.queue.feed_markers import load_marker, save_marker
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.channels.altinn import CONFIDENTIAL_FEED, AltinnClient
from fiks.svarut.delivery import unknown_outcomes
from fiks.svarut.letters import Brev
from fiks.svarut.models import Kanalavvik, Levering
from fiks.svarut.receipts.feed import UNKNOWN_RECEIPTS, read_feed, sources
from fiks.svarut.rules import Kanal, Status
from tests.integration.houses import Hus, new_fnr
from tests.integration.svarut.letters import hand_over, letter, levering, make_letter
from tests.integration.worlds import World

LONG_AGO = datetime(2026, 1, 11, 12, tzinfo=UTC)
ORDINARY, CONFIDENTIAL = "urn:altinn:resource:svarut", "urn:altinn:resource:svarut-taushetsbelagt"


@dataclass
class Altinn:
    """The wire to Altinn: its events by service, and what it says of a message of its own. `nede` is raised once."""

    events: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {ORDINARY: [], CONFIDENTIAL: []})
    messages: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    nede: list[KanalFeil] = field(default_factory=list)

    def read(self, method: str, path: str, *, params: dict[str, Any]) -> object:
        told = self.events[params["resource"]]
        return [one for one in told if int(one["id"]) > int(params["after"])]

    def find(self, path: str) -> object:
        self.asked.append(path.rpartition("/")[2])
        if self.nede:
            raise self.nede.pop()
        known = self.messages.get(self.asked[-1])
        return None if known is None else {"sendersReference": known}

    def tells(
        self, nr: int, its_id: str, art: str = "published", service: str = ORDINARY, at: datetime = LONG_AGO
    ) -> None:
        event = {
            "id": str(nr),
            "type": f"no.altinn.correspondence.correspondence{art}",
            "time": at.isoformat(),
            "resource": service,
            "resourceinstance": its_id,
        }
        self.events[service].append(event)


@pytest.fixture
def altinn() -> Altinn:
    return Altinn()


@pytest.fixture
def client(altinn: Altinn) -> AltinnClient:
    made = AltinnClient("http://127.0.0.1:1")
    made._wire = altinn  # type: ignore[assignment]
    return made


def marker(kilde: str) -> str | None:
    session().rollback()
    return load_marker(kilde)


def noted() -> list[str]:
    session().rollback()
    return list(session().scalars(select(Kanalavvik.referanse)))


def ago(**since: float) -> datetime:
    moment = clock.database_now() - timedelta(**since)
    session().rollback()
    return moment


def its_id(made: UUID) -> str:
    """Altinn's id of the letter's message, as we have stored it."""
    stored = session().scalar(select(Levering.leverandor_ref).where(Levering.id == levering(made).id))
    session().rollback()
    assert stored
    return stored


def test_an_event_is_of_the_hand_over_that_altinn_gave_its_id(
    hus: Hus, eier: Owner, world: World, altinn: Altinn, client: AltinnClient
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    altinn.tells(1, its_id(made))
    assert read_feed(Kanal.ALTINN, client) == 1
    assert (letter(made).status, noted(), altinn.asked) == (Status.LEVERT_ALTINN, [], [])


def test_an_event_that_comes_before_we_have_written_its_id_down_is_kept(
    hus: Hus, eier: Owner, world: World, altinn: Altinn, client: AltinnClient
) -> None:
    there = str(uuid4())

    def told_at_once(referanse: str, brev: Brev) -> None:
        altinn.messages[there] = referanse
        altinn.tells(1, there)
        read_feed(Kanal.ALTINN, client)

    world.altinn.under = told_at_once
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    assert (letter(made).status, noted(), altinn.asked) == (Status.LEVERT_ALTINN, [], [there])


def test_an_event_of_a_message_whose_answer_was_lost_settles_it(
    hus: Hus, eier: Owner, world: World, altinn: Altinn, client: AltinnClient
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    world.altinn.svar = [Uavklart("TIDSAVBRUDD")]
    hand_over(eier, world)
    there = str(uuid4())
    altinn.messages[there] = str(levering(made).id)
    altinn.tells(1, there)
    read_feed(Kanal.ALTINN, client)
    unknown_outcomes.resolve_unknown_outcomes(world.verden)
    assert (letter(made).status, noted()) == (Status.LEVERT_ALTINN, [])


@pytest.mark.parametrize("known", [True, False])
def test_what_is_not_ours_is_noted_by_what_its_sender_calls_it_or_else_by_its_id(
    hus: Hus, altinn: Altinn, client: AltinnClient, known: bool
) -> None:
    there, strange = str(uuid4()), str(uuid4())
    if known:
        altinn.messages[there] = strange
    altinn.tells(1, there)
    read_feed(Kanal.ALTINN, client)
    assert noted() == [strange if known else there]


def test_one_that_altinn_will_not_be_asked_about_is_noted_and_holds_nothing_up(
    hus: Hus, altinn: Altinn, client: AltinnClient
) -> None:
    there = str(uuid4())
    altinn.tells(1, there)
    altinn.nede = [Avvist("HTTP_400")]
    assert read_feed(Kanal.ALTINN, client) == 1
    assert (noted(), marker("ALTINN")) == ([there], "1")


@pytest.mark.parametrize("kode", ["HTTP_401", "HTTP_403", "UFORSTAAELIG_SVAR"])
def test_one_that_altinn_tells_of_and_does_not_show_us_is_noted_and_holds_nothing_up(
    hus: Hus, altinn: Altinn, client: AltinnClient, caplog: pytest.LogCaptureFixture, kode: str
) -> None:
    altinn.tells(1, there := str(uuid4()), at=ago(minutes=15))
    altinn.nede = [ProvIgjen(kode)]
    assert read_feed(Kanal.ALTINN, client) == 1
    assert (noted(), marker("ALTINN")) == ([there], "1")
    assert [one.kode for one in caplog.records if one.message == "receipt_not_asked_about"] == [kode]  # type: ignore[attr-defined]


def test_an_answer_about_a_damaged_message_is_waited_for_one_hour(
    hus: Hus, altinn: Altinn, client: AltinnClient
) -> None:
    altinn.tells(1, old := str(uuid4()), at=ago(minutes=61))
    altinn.tells(2, str(uuid4()), at=ago(minutes=59))
    altinn.nede = [ProvIgjen("HTTP_500"), ProvIgjen("HTTP_500")]
    with pytest.raises(ProvIgjen, match="HTTP_500"):
        read_feed(Kanal.ALTINN, client)
    assert (noted(), altinn.nede) == ([old], [])


@pytest.mark.parametrize("kode", ["HTTP_429", "HTTP_503", "IKKE_NAADD"])
def test_no_event_is_passed_however_old_while_altinn_answers_nobody(
    hus: Hus, altinn: Altinn, client: AltinnClient, kode: str
) -> None:
    altinn.tells(1, str(uuid4()), at=ago(hours=9))
    altinn.nede = [ProvIgjen(kode)]
    with pytest.raises(ProvIgjen, match=kode):
        read_feed(Kanal.ALTINN, client)
    assert (noted(), marker("ALTINN")) == ([], None)


@pytest.mark.parametrize("nede", [None, Avvist("HTTP_400"), ProvIgjen("HTTP_403")])
def test_an_event_that_is_ahead_of_our_record_and_of_altinns_own_is_tried_again(
    hus: Hus, eier: Owner, world: World, altinn: Altinn, client: AltinnClient, nede: KanalFeil | None
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    altinn.tells(1, there := str(uuid4()), at=ago(seconds=1))
    altinn.nede = [nede] if nede else []
    with pytest.raises(ProvIgjen, match="KVITTERING_UTEN_BREV"):
        read_feed(Kanal.ALTINN, client)
    assert (noted(), marker("ALTINN")) == ([], None)
    written_down(made, there)
    read_feed(Kanal.ALTINN, client)
    assert (letter(made).status, noted(), marker("ALTINN")) == (Status.LEVERT_ALTINN, [], "1")


def written_down(made: UUID, there: str) -> None:
    """This is Altinn's id of the letter's message."""
    with transaction() as tx:
        tx.execute(update(Levering).where(Levering.forsendelse_id == made).values(leverandor_ref=there))


@pytest.mark.parametrize("ahead", [-1, 1])
def test_one_that_nobody_knows_is_waited_for_ten_minutes_without_a_word_to_anyone_and_is_then_noted(
    hus: Hus, altinn: Altinn, client: AltinnClient, caplog: pytest.LogCaptureFixture, ahead: int
) -> None:
    there = str(uuid4())
    altinn.tells(1, there, at=ago(minutes=9.5 * ahead))
    before = UNKNOWN_RECEIPTS.labels(Kanal.ALTINN)._value.get()
    with pytest.raises(ProvIgjen, match="KVITTERING_UTEN_BREV"):
        read_feed(Kanal.ALTINN, client)
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []
    assert (noted(), UNKNOWN_RECEIPTS.labels(Kanal.ALTINN)._value.get()) == ([], before)
    altinn.events[ORDINARY].clear()
    altinn.tells(1, there, at=ago(minutes=10.5 * ahead))
    assert read_feed(Kanal.ALTINN, client) == 1
    assert (noted(), marker("ALTINN")) == ([there], "1")


def test_a_message_of_another_sender_s_that_altinn_knows_is_not_waited_for(
    hus: Hus, altinn: Altinn, client: AltinnClient
) -> None:
    """What is ours was written down before it was sent, by the name that Altinn tells of."""
    altinn.tells(1, there := str(uuid4()), at=ago(seconds=1))
    altinn.messages[there] = "faktura 7"
    assert read_feed(Kanal.ALTINN, client) == 1
    assert noted() == ["faktura 7"]


def test_what_was_noted_by_altinns_id_is_no_disagreement_when_it_is_written_down_and_told_of_again(
    hus: Hus, eier: Owner, world: World, altinn: Altinn, client: AltinnClient
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    altinn.tells(1, there := str(uuid4()))
    read_feed(Kanal.ALTINN, client)
    assert noted() == [there]
    written_down(made, there)
    altinn.tells(2, there, "receiverread")
    read_feed(Kanal.ALTINN, client)
    assert noted() == []


def test_what_was_noted_by_altinns_id_is_a_persons_to_see_when_its_letter_is_looked_up(
    hus: Hus, eier: Owner, world: World, altinn: Altinn, client: AltinnClient
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    world.altinn.svar = [Uavklart("TIDSAVBRUDD")]
    hand_over(eier, world)
    there = f"ALTINN-{levering(made).id}"
    altinn.tells(1, there)
    read_feed(Kanal.ALTINN, client)
    assert noted() == [there]
    world.altinn.fikk[str(levering(made).id)] = []
    unknown_outcomes.resolve_unknown_outcomes(world.verden)
    assert (letter(made).status, noted()) == (Status.SENDT_ALTINN, [there]), "what it told had no effect"


def test_while_altinn_cannot_say_whose_it_is_the_feed_stays_where_it_was(
    hus: Hus, eier: Owner, world: World, altinn: Altinn, client: AltinnClient
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    there = str(uuid4())
    altinn.messages[there] = str(levering(made).id)
    altinn.tells(1, there)
    altinn.nede = [ProvIgjen("HTTP_503")]
    with pytest.raises(ProvIgjen):
        read_feed(Kanal.ALTINN, client)
    assert (noted(), marker("ALTINN")) == ([], None)
    read_feed(Kanal.ALTINN, client)
    assert letter(made).status == Status.LEVERT_ALTINN


def test_confidential_post_is_read_from_where_all_was_read_and_nothing_between_is_passed(
    hus: Hus, altinn: Altinn, client: AltinnClient
) -> None:
    with transaction():
        save_marker("ALTINN", "7")
    altinn.tells(6, str(uuid4()), service=CONFIDENTIAL)
    altinn.tells(8, between := str(uuid4()), service=CONFIDENTIAL)
    altinn.tells(9, ordinary := str(uuid4()))
    told = sources(Kanal.ALTINN, client)
    assert list(told) == ["ALTINN", CONFIDENTIAL_FEED]
    for kilde, feed in told.items():
        assert read_feed(Kanal.ALTINN, feed, kilde) == 1
    assert sorted(noted()) == sorted([between, ordinary])
    assert (marker("ALTINN"), marker(CONFIDENTIAL_FEED)) == ("9", "8")


def test_a_new_house_reads_confidential_post_from_the_beginning(
    hus: Hus, altinn: Altinn, client: AltinnClient
) -> None:
    """Also what comes after ordinary post has been read."""
    altinn.tells(2, str(uuid4()))
    read_feed(Kanal.ALTINN, client)
    altinn.tells(1, first := str(uuid4()), service=CONFIDENTIAL)
    read_feed(Kanal.ALTINN, client.apart[CONFIDENTIAL_FEED], CONFIDENTIAL_FEED)
    assert first in noted()
