"""A night's comparison that does not come to its end: it is told of, gone on with, and one letter holds up no other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import ProvIgjen
from fiks.core.queue.feed_markers import Kvitteringsmarkor
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.receipts import reconciliation
from fiks.svarut.receipts.reconciliation import compare, compare_due
from fiks.svarut.receipts.reconciliation_lease import Tur, take_lease
from fiks.svarut.rules import Kanal
from tests.integration.databases import Database, QuickProcess
from tests.integration.houses import Hus
from tests.integration.svarut.letters import levering
from tests.integration.svarut.test_comparison import differing, not_compared, sent, unasked
from tests.integration.utsending.at_once import elsewhere, until_somebody_waits
from tests.integration.worlds import FakePort, World
from workers import lanes

DONE, UNDER_WAY = "AVSTEMT_DPI", "AVSTEMMES_DPI"


class Ended(BaseException):
    """The process is ended in the middle of a look-up."""


@dataclass
class Odd(FakePort):
    """A channel that has every letter, and that does something else for some of them."""

    kanal: Kanal = Kanal.DPI
    odd: dict[str, BaseException] = field(default_factory=dict)
    after: Callable[[], object] = int
    """Done after each look-up."""

    def lookup(self, referanse: str) -> str | None:
        self.oppslag.append(referanse)
        self.after()
        if referanse in self.odd:
            raise self.odd[referanse]
        return f"{self.kanal}-{referanse}"


@pytest.fixture
def referanser(hus: Hus, eier: Owner, world: World) -> list[str]:
    """Three letters to mailboxes that have said nothing of them, the oldest first."""
    made = [sent(hus, eier, world, hours_ago=hours) for hours in (30, 29, 28)]
    return [str(levering(one).id) for one in made]


def marker(kilde: str) -> str | None:
    session().rollback()
    return (
        session()
        .execute(select(Kvitteringsmarkor.markor).where(Kvitteringsmarkor.kilde == kilde))
        .scalar_one_or_none()
    )


def let_pass(time: timedelta) -> None:
    """So long ago the comparison that is under way was taken, and could first be taken over."""
    told = marker(UNDER_WAY)
    assert told is not None
    moved = " ".join((datetime.fromisoformat(part) - time).isoformat() for part in told.split())
    with transaction() as tx:
        row = update(Kvitteringsmarkor).where(Kvitteringsmarkor.kilde == UNDER_WAY)
        tx.execute(row.values(markor=moved))


def broken_off(referanser: list[str]) -> Odd:
    """A channel whose second look-up the process did not live to see the end of; the night was begun."""
    port = Odd(odd={referanser[1]: Ended()})
    with pytest.raises(Ended):
        compare_due({Kanal.DPI: port})
    port.odd.clear()
    port.oppslag.clear()
    return port


def test_one_that_is_cut_off_tells_how_many_it_did_not_reach(
    referanser: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    before = unasked()
    broken_off(referanser)
    assert not_compared(caplog) == [("Ended", 2, 2)]
    assert unasked() - before == 2


def test_one_that_is_cut_off_is_gone_on_with_by_who_asks_an_hour_later(referanser: list[str]) -> None:
    port = broken_off(referanser)
    let_pass(timedelta(minutes=59))
    assert compare_due({Kanal.DPI: port}) == 0
    assert port.oppslag == [], "it may be under way yet"
    let_pass(timedelta(minutes=2))
    compare_due({Kanal.DPI: port})
    assert port.oppslag == referanser[1:]
    assert compare_due({Kanal.DPI: port}) == 0
    assert len(port.oppslag) == 2, "it is done for today"


def test_one_that_was_cut_off_a_day_ago_is_begun_anew(referanser: list[str]) -> None:
    port = broken_off(referanser)
    let_pass(timedelta(hours=25))
    compare_due({Kanal.DPI: port})
    assert sorted(port.oppslag) == sorted(referanser)


def test_a_process_that_is_leaving_stops_tells_of_the_rest_and_another_goes_on_at_once(
    referanser: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    leaving = threading.Event()
    port = Odd(after=leaving.set)
    channels = {Kanal.DPI: port, Kanal.ALTINN: Odd(Kanal.ALTINN)}
    compare_due(channels, leaving=leaving.is_set)
    assert port.oppslag == referanser[:1]
    assert not_compared(caplog) == [("PROSESSEN_SLUTTER", 2, 2)]
    assert marker("AVSTEMT_ALTINN") is None, "it begins with no other channel"
    compare_due(channels)
    assert port.oppslag == referanser
    assert len(not_compared(caplog)) == 1
    compare_due(channels)
    assert port.oppslag == referanser


def test_one_whose_last_look_up_is_done_when_the_process_leaves_has_ended(
    referanser: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    leaving = threading.Event()
    port = Odd()
    port.after = lambda: leaving.set() if len(port.oppslag) == 3 else None
    compare_due({Kanal.DPI: port}, leaving=leaving.is_set)
    assert not_compared(caplog) == []
    assert marker(UNDER_WAY) is None


def test_one_that_ended_is_told_as_an_earlier_version_reads_it(referanser: list[str]) -> None:
    compare_due({Kanal.DPI: Odd()})
    done = marker(DONE)
    assert done is not None
    assert abs(float(done) - clock.database_now().timestamp()) < 60
    assert marker(UNDER_WAY) is None


@pytest.mark.parametrize(("hours_ago", "asked"), [(23, 0), (25, 3)])
def test_what_an_earlier_version_has_done_counts(referanser: list[str], hours_ago: int, asked: int) -> None:
    with transaction() as tx:
        at = clock.database_now() - timedelta(hours=hours_ago)
        tx.merge(Kvitteringsmarkor(kilde=DONE, markor=str(at.timestamp())))
    port = Odd()
    compare_due({Kanal.DPI: port})
    assert len(port.oppslag) == asked


def test_of_two_processes_at_the_same_moment_one_compares_the_first_time_too(
    referanser: list[str], process: QuickProcess, database: Database
) -> None:
    """There is no row yet that the one could hold for the other."""
    port = Odd()
    with ThreadPoolExecutor(1) as pool:
        with transaction():
            tur = take_lease(Kanal.DPI)
            asked = elsewhere(pool, process, lambda: compare_due({Kanal.DPI: port}))
            until_somebody_waits(database, asked)
        asked.result(30)
    assert tur is not None
    assert port.oppslag == []
    assert marker(UNDER_WAY) == tur.markor


@pytest.mark.parametrize("leaves", [True, False])
def test_who_was_taken_over_from_changes_nothing_of_what_the_other_has_in_hand(
    referanser: list[str], *, leaves: bool
) -> None:
    leaving, others = threading.Event(), list[Tur | None]()

    def overtaken() -> None:
        if not others:
            let_pass(timedelta(minutes=61))
            others.append(take_lease(Kanal.DPI))
            if leaves:
                leaving.set()

    compare_due({Kanal.DPI: Odd(after=overtaken)}, leaving=leaving.is_set)
    [other] = others
    assert other is not None
    assert marker(UNDER_WAY) == other.markor


def test_a_portion_that_takes_too_long_is_broken_off_and_told_of(
    referanser: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reconciliation, "LONGEST_SECONDS", 0)
    port = Odd()
    compare_due({Kanal.DPI: port})
    assert port.oppslag == []
    assert not_compared(caplog) == [("TIDEN_ER_UTE", 3, 3)]
    assert marker(UNDER_WAY) is None


def test_one_that_breaks_a_look_up_holds_up_no_other_and_is_logged_told_of_and_raised(
    referanser: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    before = unasked()
    port = Odd(odd={referanser[0]: ZeroDivisionError("nobody thought of this")})
    with pytest.raises(ZeroDivisionError):
        compare(Kanal.DPI, port)
    assert port.oppslag == referanser
    told = [vars(one) for one in caplog.records if one.message == "books_lookup_broken"]
    assert [(one["referanse"], one["error"], bool(one["exc_info"])) for one in told] == [
        (referanser[0], "ZeroDivisionError", True)
    ]
    assert not_compared(caplog) == [("ZeroDivisionError", 1, 0)]
    assert unasked() - before == 1


def test_what_breaks_when_an_answer_is_written_down_holds_up_no_other_either(
    referanser: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    note = reconciliation.note_discrepancy

    def odd(kanal: Kanal, referanse: str, art: str) -> None:
        if referanse == referanser[0]:
            raise ZeroDivisionError("nobody thought of this")
        note(kanal, referanse, art)

    monkeypatch.setattr(reconciliation, "note_discrepancy", odd)
    with pytest.raises(ZeroDivisionError):
        compare(Kanal.DPI, FakePort(Kanal.DPI))
    assert sorted(row[2] for row in differing()) == sorted(referanser[1:])


def test_a_channel_with_a_letter_that_breaks_is_done_for_today_and_the_others_are_compared(
    referanser: list[str],
) -> None:
    port, altinn = Odd(odd={referanser[2]: ZeroDivisionError()}), Odd(Kanal.ALTINN)
    with pytest.raises(ZeroDivisionError):
        compare_due({Kanal.DPI: port, Kanal.ALTINN: altinn})
    assert marker("AVSTEMT_ALTINN") is not None
    compare_due({Kanal.DPI: port, Kanal.ALTINN: altinn})
    assert len(port.oppslag) == 3


def test_what_breaks_a_whole_comparison_stops_no_other_and_is_tried_again_in_an_hour(
    referanser: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls, clear = list[int](), reconciliation._delete_old_lookups

    def breaks_once() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError("nobody thought of this")
        clear()

    monkeypatch.setattr(reconciliation, "_delete_old_lookups", breaks_once)
    port = Odd()
    with pytest.raises(ZeroDivisionError):
        compare_due({Kanal.DPI: port, Kanal.ALTINN: Odd(Kanal.ALTINN)})
    assert len(calls) == 2, "the other channel was compared"
    told = [vars(one)["kanal"] for one in caplog.records if one.message == "books_comparison_broken"]
    assert told == ["DPI"]
    assert not_compared(caplog) == [("ZeroDivisionError", 3, 3)]
    compare_due({Kanal.DPI: port})
    assert port.oppslag == []
    let_pass(timedelta(minutes=61))
    compare_due({Kanal.DPI: port})
    assert port.oppslag == referanser


def test_a_client_that_breaks_on_every_letter_is_not_asked_about_them_all(
    referanser: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reconciliation, "MOST_BROKEN", 2)
    port = Odd(odd=dict.fromkeys(referanser, ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        compare(Kanal.DPI, port)
    assert port.oppslag == referanser[:2]
    assert not_compared(caplog) == [("ZeroDivisionError", 3, 1)]


def test_a_channel_that_is_away_is_asked_again_the_next_night_only(referanser: list[str]) -> None:
    port = Odd(odd={referanser[0]: ProvIgjen("FORBINDELSE_NEKTET")})
    compare_due({Kanal.DPI: port})
    compare_due({Kanal.DPI: port})
    assert port.oppslag == referanser[:1]
    assert marker(UNDER_WAY) is None


def test_the_lane_hands_on_that_its_process_is_leaving(
    hus: Hus, eier: Owner, world: World, process: QuickProcess
) -> None:
    made: UUID = sent(hus, eier, world, hours_ago=30)
    process.outside = world
    process.forget(QuickProcess.world_and_feeds)
    process.leaving.set()
    try:
        lanes.do_portion("inn", process)
    finally:
        process.leaving.clear()
    assert world.dpi.oppslag == []
    lanes.do_portion("inn", process)
    assert world.dpi.oppslag == [str(levering(made).id)]
