"""F17: the sweeper and a worker that is just beginning its call, in both orders; a sweeper cut off at every commit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from fiks.core.db import db, session
from fiks.core.errors import ProvIgjen, Uavklart
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.delivery import claims as delivery_claims
from fiks.svarut.delivery import deliver, outcomes, wakeup
from fiks.svarut.models import Levering, Leveringsforsok
from fiks.svarut.operations import recovery
from fiks.svarut.rules import Bane, Kanal
from fiks.utsending.sending import feeder
from tests.fault.conftest import Chance
from tests.fault.cut import Cut, CutOff
from tests.fault.platform import BEFORE_A_DIGITAL_ROW, Platform, assert_all_well
from tests.fault.stand_ins import AT_ONCE, Believing, Counting, Gate, Vanishing, Witness
from workers.planned import JOBS

pytestmark = pytest.mark.slow

ROWS = 3


def thread(platform: Platform, name: str, act: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        with platform.process.app.app_context():
            try:
                act()
            finally:
                db.session.remove()

    made = threading.Thread(target=run, name=name)
    made.start()
    return made


def somebody_waits_for_a_lock() -> bool:
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    return session().execute(query).scalar_one() > 0


def claimed_by_a_vanishing_owner(
    platform: Platform,
) -> tuple[UUID, Vanishing, deliver.Verden, dict[Kanal, Counting]]:
    """A mailing of one letter ready, an owner that will vanish, and a world that counts calls."""
    utsending_id = platform.mailing(1, BEFORE_A_DIGITAL_ROW)
    feeder.feed_all()
    owner = Vanishing(platform.process.settings.sqlalchemy_url)
    real = platform.process.world
    ports = {kanal: Counting(port) for kanal, port in real.kanaler.items()}
    return utsending_id, owner, replace(real, kanaler=ports), ports


def status_of(utsending_id: UUID) -> tuple[str, int]:
    """(status, attempts in the ledger) of the mailing's only hand-over."""
    session().rollback()
    row = (
        session()
        .execute(
            select(Levering.status, func.count(Leveringsforsok.nr))
            .outerjoin(Leveringsforsok, Leveringsforsok.levering_id == Levering.id)
            .where(Levering.utsending_id == utsending_id)
            .group_by(Levering.status)
        )
        .one()
    )
    return row[0], row[1]


def test_f17_when_the_worker_marks_its_call_first_the_sweeper_waits_and_calls_the_outcome_unknown(
    platform: Platform, chance: Chance
) -> None:
    utsending_id, owner, world, ports = claimed_by_a_vanishing_owner(platform)
    gate = Gate("worker")
    claims = delivery_claims.claim(Bane.MASSE, owner.ensure())
    assert len(claims) == 1
    owner.vanish = True
    with gate.shut():
        worker = thread(platform, "worker", lambda: deliver.hand_over(claims, owner, world))
        assert gate.reached.wait(60)
        sweeper = thread(platform, "sweeper", recovery.recover_orphans)
        platform.wait("the sweeper waits for the worker", somebody_waits_for_a_lock)
        gate.opened.set()
        worker.join(60)
        sweeper.join(60)
    assert status_of(utsending_id) in (("UAVKLART", 1), ("OVERLEVERT", 1))
    assert sum(len(port.calls) for port in ports.values()) == 1
    finish(platform, utsending_id, chance)


def test_f17_when_the_sweeper_takes_the_letter_first_the_worker_makes_no_call(
    platform: Platform, chance: Chance
) -> None:
    utsending_id, owner, world, ports = claimed_by_a_vanishing_owner(platform)
    gate = Gate("sweeper")
    claims = delivery_claims.claim(Bane.MASSE, owner.ensure())
    assert len(claims) == 1
    still_believes = Believing(platform.process.settings.sqlalchemy_url, owner.number)
    owner.release()
    with gate.shut():
        sweeper = thread(platform, "sweeper", recovery.recover_orphans)
        assert gate.reached.wait(60)
        worker = thread(platform, "worker", lambda: deliver.hand_over(claims, still_believes, world))
        platform.wait("the worker waits for the sweeper", somebody_waits_for_a_lock)
        gate.opened.set()
        worker.join(60)
        sweeper.join(60)
    assert status_of(utsending_id) == ("KLAR", 0)
    assert sum(len(port.calls) for port in ports.values()) == 0
    finish(platform, utsending_id, chance)


def test_f01_a_call_that_arrives_is_already_marked_and_in_the_ledger_whoever_dies_then(
    platform: Platform, chance: Chance
) -> None:
    utsending_id = platform.mailing(ROWS)
    feeder.feed_all()
    process = platform.process
    ports = {
        kanal: Witness(port, process.settings.sqlalchemy_url) for kanal, port in process.world.kanaler.items()
    }
    deliver.deliver(Bane.MASSE, process.owner, replace(process.world, kanaler=ports))
    known = [seen for port in ports.values() for seen in port.known]
    assert known and set(known) == {(1, 1)}
    finish(platform, utsending_id, chance)


def test_f05_what_a_thawed_worker_says_of_a_letter_that_was_taken_from_it_changes_nothing(
    platform: Platform, chance: Chance
) -> None:
    utsending_id, owner, world, ports = claimed_by_a_vanishing_owner(platform)
    [late] = delivery_claims.claim(Bane.MASSE, owner.ensure())
    owner.release()
    assert recovery.recover_orphans() == 1
    [now] = delivery_claims.claim(Bane.MASSE, platform.process.owner.ensure())
    for say in (
        lambda: outcomes.postpone(late.claim, ProvIgjen("IKKE_NAADD"), counts=True),
        lambda: outcomes.record_unclear(late.claim, Uavklart("TIDSAVBRUDD"), Kanal.DPI),
        lambda: outcomes.move_to_restricted_lane(late.claim),
        lambda: outcomes.give_back([late.claim]),
    ):
        say()
        assert status_of(utsending_id)[0] == "SENDER"
    deliver.hand_over([now], platform.process.owner, world)
    assert sum(len(port.calls) for port in ports.values()) == 1
    assert status_of(utsending_id) == ("OVERLEVERT", 1)
    finish(platform, utsending_id, chance)


def finish(platform: Platform, utsending_id: UUID, chance: Chance) -> None:
    """Let the rest of the house do its work, and hold the result against I1-I10."""
    platform.wait("all is out", lambda: platform.sweep_and_work() and platform.at_rest([utsending_id]))
    assert_all_well(platform, [utsending_id], chance.seed)


def a_mailing(platform: Platform) -> UUID:
    """A mailing released, of which no letter has been made."""
    return platform.mailing(ROWS)


def orphans(platform: Platform) -> UUID:
    """Letters claimed by an owner that has died."""
    utsending_id = platform.mailing(ROWS)
    feeder.feed_all()
    dead = Owner(platform.process.settings.sqlalchemy_url)
    assert delivery_claims.claim(Bane.MASSE, dead.number)
    dead.release()
    return utsending_id


def waiting(platform: Platform) -> UUID:
    """Letters whose wait after a known failure is over."""
    utsending_id = platform.mailing(ROWS)
    feeder.feed_all()
    for krav in delivery_claims.claim(Bane.MASSE, platform.process.owner.ensure()):
        outcomes.postpone(krav.claim, ProvIgjen("OPPTATT", after=AT_ONCE), counts=False)
    return utsending_id


def waiting_for_a_channel(platform: Platform) -> UUID:
    """Letters that waited for a channel, which is open again."""
    utsending_id = platform.mailing(ROWS)
    feeder.feed_all()
    for krav in delivery_claims.claim(Bane.MASSE, platform.process.owner.ensure()):
        wakeup.wait_for_opening(krav.claim, Kanal.ALTINN)
    return utsending_id


WORK: dict[str, tuple[int, Callable[[Platform], UUID]]] = {
    "mat_utsendinger": (2, a_mailing),
    "ta_tilbake_foreldrelose": (1, orphans),
    "vekk_ventende": (1, waiting),
    "vekk_ved_apning": (1, waiting_for_a_channel),
}
"""Jobs to how many commits they make at least, and to what they shall find to do each time."""


@pytest.mark.parametrize("name", WORK)
def test_f17_a_sweeper_cut_off_at_any_commit_of_its_work_is_repaired_by_the_next_sweep(
    platform: Platform, chance: Chance, name: str
) -> None:
    commits, make = WORK[name]
    utsending_ids, at = [make(platform)], 1
    while cut_off(name, at):
        JOBS[name].run()
        utsending_ids.append(make(platform))
        at += 1
    assert at > commits, "the job commits more often than that"
    for utsending_id in utsending_ids:
        finish(platform, utsending_id, chance)


def test_f17_a_sweeper_cut_off_in_what_else_it_does_is_repaired_by_the_next_sweep(
    platform: Platform, chance: Chance
) -> None:
    utsending_id = platform.mailing(ROWS)
    finish(platform, utsending_id, chance)
    for name in (name for name in JOBS if name not in WORK):
        at = 1
        while cut_off(name, at):
            at += 1
    assert_all_well(platform, [utsending_id], chance.seed)


def cut_off(name: str, at: int) -> bool:
    """Run a job until its commit number `at`; False if it ended before."""
    cut = Cut(at)
    with cut.ready():
        run_until_cut(JOBS[name].run)
    return cut.hit


def run_until_cut(job: Callable[[], int]) -> None:
    try:
        job()
    except CutOff:
        session().rollback()
