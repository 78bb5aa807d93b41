"""F17: the sweeper and a worker that is just beginning its call, in both orders; a sweeper cut off at every commit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from fiks.core.db import db, session
from fiks.core.locks import Owner
from fiks.svarut import delivery, recovery
from fiks.svarut.letters import Brev
from fiks.svarut.models import Levering, Leveringsforsok
from fiks.svarut.rules import Bane, Kanal
from fiks.utsending import feeder
from tests.fault.conftest import Chance
from tests.fault.cut import Cut, CutOff
from tests.fault.platform import Platform, assert_all_well
from workers.sveip import JOBS

ROWS = 3


USE_UP = ("mat_utsendinger", "ta_tilbake_foreldrelose", "ring_klare_baner")
"""Before these jobs there shall be a mailing not yet begun, and letters that a dead owner holds."""
WRITTEN = """SELECT 1 FROM pg_locks
 WHERE relation = 'levering'::regclass AND pid = pg_backend_pid() AND mode = 'RowExclusiveLock'"""
"""Whether this transaction has written to levering."""


class Vanishing(Owner):
    """An owner whose lock is lost the moment after it was last found alive, as when the database restarts."""

    def alive(self) -> bool:
        was = super().alive()
        if self.vanish:
            self.release()
        return was

    vanish = False


class Counting:
    """The real channel, counting calls per reference."""

    def __init__(self, port: delivery.Kanalport) -> None:
        self.port = port
        self.calls: list[str] = []

    def send(self, referanse: str, brev: Brev) -> str:
        self.calls.append(referanse)
        return self.port.send(referanse, brev)

    def lookup(self, referanse: str) -> str | None:
        return self.port.lookup(referanse)


class Gate:
    """Holds the thread named `who` at its first commit that has written to levering, until opened."""

    def __init__(self, who: str) -> None:
        self.who = who
        self.reached, self.opened = threading.Event(), threading.Event()

    @contextmanager
    def shut(self) -> Iterator[None]:
        event.listen(Session, "before_commit", self._hold)
        try:
            yield
        finally:
            self.opened.set()
            event.remove(Session, "before_commit", self._hold)

    def _hold(self, held: Session) -> None:
        if threading.current_thread().name != self.who or self.reached.is_set():
            return
        if held.execute(text(WRITTEN)).first():
            self.reached.set()
            assert self.opened.wait(60)


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
) -> tuple[UUID, Vanishing, delivery.Verden, dict[Kanal, Counting]]:
    """A mailing of one letter ready, an owner that will vanish, and a world that counts calls."""
    utsending_id = platform.mailing(1)
    feeder.feed_all()
    owner = Vanishing(platform.process.settings.sqlalchemy_url)
    real = platform.process.world
    ports = {kanal: Counting(port) for kanal, port in real.kanaler.items()}
    return utsending_id, owner, delivery.Verden(real.register, ports), ports


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
    claims = delivery.claim(Bane.MASSE, owner.ensure())
    assert len(claims) == 1
    owner.vanish = True
    with gate.shut():
        worker = thread(platform, "worker", lambda: delivery.hand_over(claims, owner, world))
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
    claims = delivery.claim(Bane.MASSE, owner.ensure())
    assert len(claims) == 1
    still_believes = Believing(platform.process.settings.sqlalchemy_url, owner.number)
    owner.release()
    with gate.shut():
        sweeper = thread(platform, "sweeper", recovery.recover_orphans)
        assert gate.reached.wait(60)
        worker = thread(platform, "worker", lambda: delivery.hand_over(claims, still_believes, world))
        platform.wait("the worker waits for the sweeper", somebody_waits_for_a_lock)
        gate.opened.set()
        worker.join(60)
        sweeper.join(60)
    assert status_of(utsending_id) == ("KLAR", 0)
    assert sum(len(port.calls) for port in ports.values()) == 0
    finish(platform, utsending_id, chance)


class Believing(Owner):
    """An owner that looked at its lock just before it was lost."""

    def __init__(self, database_url: str, number: int) -> None:
        super().__init__(database_url)
        self.release()
        self.number = number

    def alive(self) -> bool:
        return True


def finish(platform: Platform, utsending_id: UUID, chance: Chance) -> None:
    """Let the rest of the house do its work, and hold the result against I1-I10."""

    platform.wait("all is out", lambda: platform.sweep_and_work() and platform.at_rest([utsending_id]))
    assert_all_well(platform, [utsending_id], chance.seed)


def test_f17_a_sweeper_cut_off_at_any_commit_of_any_job_is_repaired_by_the_next_sweep(
    platform: Platform, chance: Chance
) -> None:
    utsending_ids, hits = [platform.mailing(ROWS)], 0
    for name, (_, job) in JOBS.items():
        if name in USE_UP:
            feeder.feed_all()
            dead = Owner(platform.process.settings.sqlalchemy_url)
            delivery.claim(Bane.MASSE, dead.number)
            dead.release()
            utsending_ids.append(platform.mailing(ROWS))
        for at in (1, 2, 3):
            cut = Cut(at)
            with cut.ready():
                run_until_cut(job)
            hits += cut.hit
    assert hits >= len(USE_UP) + 3, "hardly anything was cut off"
    for utsending_id in utsending_ids:
        finish(platform, utsending_id, chance)
    assert_all_well(platform, utsending_ids, chance.seed)


def run_until_cut(job: Callable[[], int]) -> None:
    try:
        job()
    except CutOff:
        session().rollback()
