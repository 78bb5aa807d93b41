"""The channels' books against ours: what one of us does not know is found, told, and forgotten when it is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import ProvIgjen
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.models import Forsendelse, Kanalavvik, Kanaloppslag, Levering
from fiks.svarut.receipts import feed, reconciliation
from fiks.svarut.receipts.reconciliation import compare, compare_due
from fiks.svarut.rules import Kanal
from tests.integration.houses import Hus, new_fnr
from tests.integration.svarut.letters import hand_over, letter, levering, make_letter
from tests.integration.svarut.test_held_letters import while_waited_for
from tests.integration.worlds import FakePort, Receipt, World
from workers.process import Process

STRANGER = "0f7c1c9a-0000-4000-8000-000000000001"


def sent(hus: Hus, eier: Owner, world: World, *, hours_ago: float) -> UUID:
    """A letter that a mailbox took so long ago and has said nothing of since."""
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    hand_over(eier, world)
    with transaction() as tx:
        at = clock.now() - timedelta(hours=hours_ago)
        tx.execute(update(Forsendelse).where(Forsendelse.id == made).values(overlevert=at))
    return made


def differing() -> list[tuple[str, str, str]]:
    session().rollback()
    rows = session().execute(select(Kanalavvik.kanal, Kanalavvik.art, Kanalavvik.referanse))
    return sorted((row[0], row[1], row[2]) for row in rows)


def test_a_letter_that_the_channel_does_not_know_after_a_day_is_told_of(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    made = sent(hus, eier, world, hours_ago=25)
    referanse = str(levering(made).id)
    del world.dpi.fikk[referanse]
    assert compare(Kanal.DPI, world.dpi).avvik == 1
    assert differing() == [("DPI", "UKJENT_HOS_DEM", referanse)]
    assert [r.referanse for r in caplog.records if r.message == "books_differ"] == [referanse]  # type: ignore[attr-defined]
    assert compare(Kanal.DPI, world.dpi).avvik == 1
    assert len([r for r in caplog.records if r.message == "books_differ"]) == 1, "it is told once"


def test_one_that_it_knows_after_all_is_no_disagreement_any_more(hus: Hus, eier: Owner, world: World) -> None:
    made = sent(hus, eier, world, hours_ago=25)
    referanse = str(levering(made).id)
    taken = world.dpi.fikk.pop(referanse)
    assert compare(Kanal.DPI, world.dpi).avvik == 1
    world.dpi.fikk[referanse] = taken
    assert compare(Kanal.DPI, world.dpi).avvik == 0
    assert differing() == []


@pytest.mark.parametrize("hours_ago", [1, 23, 31 * 24])
def test_one_sent_within_a_day_or_a_month_ago_is_not_asked_about(
    hus: Hus, eier: Owner, world: World, hours_ago: float
) -> None:
    made = sent(hus, eier, world, hours_ago=hours_ago)
    world.dpi.fikk.clear()
    assert compare(Kanal.DPI, world.dpi).avvik == 0
    assert str(levering(made).id) not in world.dpi.oppslag


def test_one_that_the_channel_has_said_it_delivered_is_not_asked_about(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = sent(hus, eier, world, hours_ago=48)
    feed.apply_receipt(Kanal.DPI, Receipt(str(levering(made).id), "LEVERT"))
    assert compare(Kanal.DPI, world.dpi).avvik == 0
    assert world.dpi.oppslag == []


def test_a_receipt_of_a_letter_that_is_not_ours_is_kept_once(hus: Hus, eier: Owner, world: World) -> None:
    for _ in range(2):
        feed.apply_receipt(Kanal.ALTINN, Receipt(STRANGER, "LEVERT"))
    assert differing() == [("ALTINN", "UKJENT_HOS_OSS", STRANGER)]
    assert compare(Kanal.ALTINN, world.altinn).avvik == 1


def test_a_strange_reference_that_holds_a_persons_number_is_kept_masked(hus: Hus) -> None:
    number = new_fnr()
    feed.apply_receipt(Kanal.DPI, Receipt(f"sak-{number}", "LEVERT"))
    [(_, _, kept)] = differing()
    assert number not in kept
    assert kept.startswith("sak-")


def test_a_channel_that_is_away_ends_its_comparison_and_leaves_what_is_known(
    hus: Hus, eier: Owner, world: World
) -> None:
    sent(hus, eier, world, hours_ago=25)
    sent(hus, eier, world, hours_ago=26)
    world.dpi.nede = ProvIgjen("FORBINDELSE_NEKTET")
    assert compare(Kanal.DPI, world.dpi).avvik == 0
    assert len(world.dpi.oppslag) == 1


def test_one_whose_receipt_comes_is_no_disagreement_any_more(hus: Hus, eier: Owner, world: World) -> None:
    """It is not asked about again, so nothing else would take it off the list."""
    made = sent(hus, eier, world, hours_ago=25)
    referanse = str(levering(made).id)
    del world.dpi.fikk[referanse]
    assert compare(Kanal.DPI, world.dpi).avvik == 1
    feed.apply_receipt(Kanal.DPI, Receipt(referanse, "LEVERT"))
    assert differing() == []
    assert compare(Kanal.DPI, world.dpi).avvik == 0


@dataclass
class Lagging(FakePort):
    """A mailbox whose search lags: it tells of a letter that it does not find yet."""

    kanal: Kanal = Kanal.DPI

    def lookup(self, referanse: str) -> str | None:
        self.oppslag.append(referanse)
        feed.apply_receipt(Kanal.DPI, Receipt(referanse, "LEVERT"))
        return None


def test_one_whose_receipt_comes_while_it_is_looked_up_is_no_disagreement(
    hus: Hus, eier: Owner, world: World
) -> None:
    """It is not asked about again, so what was noted would stand for ever."""
    made, port = sent(hus, eier, world, hours_ago=25), Lagging()
    assert compare(Kanal.DPI, port).avvik == 0
    assert (letter(made).status, len(port.oppslag)) == ("LEVERT_SDP", 1)
    assert differing() == []


def test_one_whose_receipt_is_being_applied_when_it_was_looked_up_is_no_disagreement(
    hus: Hus, eier: Owner, world: World, process: Process
) -> None:
    made = sent(hus, eier, world, hours_ago=25)
    receipt = Receipt(str(levering(made).id), "LEVERT")
    session().rollback()
    world.dpi.fikk.clear()
    found = list[int]()
    while_waited_for(
        process,
        lambda: feed.apply_receipt(Kanal.DPI, receipt),
        lambda: found.append(compare(Kanal.DPI, world.dpi).avvik),
    )
    assert (found, letter(made).status) == ([0], "LEVERT_SDP")
    assert differing() == []


def test_each_channel_is_compared_once_a_day(hus: Hus, eier: Owner, world: World) -> None:
    sent(hus, eier, world, hours_ago=25)
    world.dpi.fikk.clear()
    channels = {Kanal.DPI: world.dpi, Kanal.ALTINN: world.altinn}
    assert compare_due(channels) == 1
    assert compare_due(channels) == 0
    assert len(world.dpi.oppslag) == 1


@pytest.fixture
def short_nights(monkeypatch: pytest.MonkeyPatch) -> None:
    """A night has time for two look-ups: thousands of letters would take the test a minute."""
    monkeypatch.setattr(reconciliation, "PORTION", 2)
    monkeypatch.setattr(reconciliation, "NIGHT_SECONDS", 0)


def not_compared(caplog: pytest.LogCaptureFixture) -> list[tuple[str, int, int]]:
    told = (vars(record) for record in caplog.records if record.message == "books_not_compared")
    return [(one["kode"], one["igjen"], one["aldri_spurt"]) for one in told]


def unasked() -> float:
    return REGISTRY.get_sample_value("fiks_books_not_compared_total", {"kanal": "DPI"}) or 0


@pytest.mark.usefixtures("short_nights")
def test_a_night_ends_when_its_time_is_over_and_says_what_it_did_not_reach(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    before = unasked()
    first, second, _ = (sent(hus, eier, world, hours_ago=hours) for hours in (30, 29, 28))
    compare(Kanal.DPI, world.dpi)
    assert world.dpi.oppslag == [str(levering(one).id) for one in (first, second)]
    assert not_compared(caplog) == [("TIDEN_ER_UTE", 1, 1)]
    assert unasked() - before == 1


def test_a_night_goes_on_while_there_is_time(
    hus: Hus, eier: Owner, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reconciliation, "PORTION", 2)
    made = [sent(hus, eier, world, hours_ago=hours) for hours in (32, 31, 30, 29, 28)]
    compare(Kanal.DPI, world.dpi)
    assert world.dpi.oppslag == [str(levering(one).id) for one in made]
    assert not_compared(caplog) == []


@pytest.mark.usefixtures("short_nights")
def test_letters_that_the_channel_knows_do_not_stand_before_one_it_has_lost_every_night(
    hus: Hus, eier: Owner, world: World
) -> None:
    _, _, lost = (sent(hus, eier, world, hours_ago=hours) for hours in (30, 29, 28))
    referanse = str(levering(lost).id)
    del world.dpi.fikk[referanse]
    for _ in range(2):
        compare(Kanal.DPI, world.dpi)
    assert differing() == [("DPI", "UKJENT_HOS_DEM", referanse)]


@pytest.mark.usefixtures("short_nights")
def test_each_has_its_turn_those_never_asked_about_first_and_then_those_longest_ago(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = [sent(hus, eier, world, hours_ago=hours) for hours in (30, 29, 28)]
    compare(Kanal.DPI, world.dpi)
    made.append(sent(hus, eier, world, hours_ago=27))
    world.dpi.oppslag.clear()
    for _ in range(3):
        compare(Kanal.DPI, world.dpi)
    turns = [made.index(letter_of(referanse)) for referanse in world.dpi.oppslag]
    assert turns == [2, 3, 0, 1, 2, 3]


def test_one_that_the_channel_gives_no_answer_about_does_not_stand_before_the_others(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = (sent(hus, eier, world, hours_ago=hours) for hours in (30, 29))
    world.dpi.nede = ProvIgjen("ULESELIG_SVAR")
    compare(Kanal.DPI, world.dpi)
    assert not_compared(caplog) == [("ULESELIG_SVAR", 2, 1)]
    world.dpi.nede = None
    compare(Kanal.DPI, world.dpi)
    turns = [letter_of(referanse) for referanse in world.dpi.oppslag]
    assert turns == [first, second, first]


def test_it_is_forgotten_when_one_was_asked_about_that_has_its_receipt_or_is_too_old(
    hus: Hus, eier: Owner, world: World
) -> None:
    answered, old, waits = (sent(hus, eier, world, hours_ago=hours) for hours in (30, 29, 28))
    compare(Kanal.DPI, world.dpi)
    feed.apply_receipt(Kanal.DPI, Receipt(str(levering(answered).id), "LEVERT"))
    with transaction() as tx:
        at = clock.now() - timedelta(days=31)
        tx.execute(update(Forsendelse).where(Forsendelse.id == old).values(overlevert=at))
    compare(Kanal.DPI, world.dpi)
    assert list(session().scalars(select(Kanaloppslag.levering_id))) == [levering(waits).id]


def letter_of(referanse: str) -> UUID:
    found = select(Levering.forsendelse_id).where(Levering.id == UUID(referanse))
    return session().execute(found).scalar_one()
