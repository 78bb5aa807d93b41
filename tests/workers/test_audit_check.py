"""The sweeper's check of the audit log's chain: what it tells the alarm, after each turn and after each start."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import func, select

from config.broker import LANES
from fiks.core.audit import Audit
from fiks.core.audit_upkeep.chain_verification import DAY, ChainWalk
from fiks.core.db import session
from fiks.core.queue import planned_jobs
from fiks.utsending import invariant_schedule
from tests.integration.core.seals import Clock, rename, write
from tests.integration.databases import Database, QuickProcess
from workers import planned, rule_checks, sveip
from workers.cli import drain
from workers.planned import Jobb

pytestmark = pytest.mark.usefixtures("empty")
JOB = "kontroller_revisjonslogg"
GAUGE = rule_checks.BREACHES.labels("natt", "I10")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of a sweeper that has just been started and reads two seals a turn: a turn is one portion."""
    made = Clock(step=invariant_schedule.IN_TURN_SECONDS)
    # What a process knows to be broken is its own; a test is one process for all of them.
    monkeypatch.setattr(invariant_schedule, "_chain", ChainWalk(2, made))
    GAUGE.set(0)
    return made


def turn() -> float:
    """What the alarm is told after one more turn."""
    planned.JOBS[JOB].run()
    return told()


def told() -> float:
    return GAUGE._value.get()


def test_the_alarm_stays_while_a_new_walk_goes_on_and_goes_when_it_finds_the_chain_mended(
    database: Database, clock: Clock
) -> None:
    write(*"ABCDE")
    rename(database, "E", "X")
    assert [turn() for _ in range(4)] == [0, 0, 1, 1]
    clock.time += DAY
    assert [turn() for _ in range(4)] == [1, 1, 1, 1]
    rename(database, "X", "E")
    clock.time += DAY
    assert [turn() for _ in range(4)] == [1, 1, 1, 0]


def test_a_turn_is_due_each_minute() -> None:
    assert planned.JOBS[JOB].seconds == 60


def sweep_once_with_the_lock(
    process: QuickProcess, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Be the sweeper that takes the lock, with this check as its own job, and let go after one sweep."""
    stopped: list[int] = []
    # The sweeper reads the table of jobs when it sweeps, and has no other end than a signal.
    monkeypatch.setattr(
        sveip, "JOBS", {JOB: planned.JOBS[JOB], "slutt": Jobb(60, lambda: stopped.append(1) or 0)}
    )
    monkeypatch.setattr(sveip, "TICK_SECONDS", 0.0)
    session().rollback()
    url = database.app_url.replace("postgresql+psycopg://", "postgresql://", 1)
    sveip._hold_and_sweep(process, url, stopped, sveip.Holder())


def test_a_sweeper_that_takes_over_after_a_walks_end_walks_from_the_first_seal_at_once(
    database: Database, process: QuickProcess, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(*"ABC")
    assert [turn() for _ in range(3)] == [0, 0, 0], "its walk of today is done"
    rename(database, "A", "X")
    assert turn() == 0
    planned_jobs.ensure_jobs({JOB: 86_400})
    list(planned_jobs.due_jobs())
    sweep_once_with_the_lock(process, database, monkeypatch)
    assert told() == 1


def test_a_new_process_meets_again_what_is_broken(
    database: Database, process: QuickProcess, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(*"ABC")
    rename(database, "A", "X")
    assert turn() == 1
    planned_jobs.ensure_jobs({JOB: 60})
    list(planned_jobs.due_jobs())
    GAUGE.set(0)
    monkeypatch.setattr(invariant_schedule, "_chain", ChainWalk())
    sweep_once_with_the_lock(process, database, monkeypatch)
    assert told() == 1


def test_drain_walks_no_chain_and_cleans_nothing_away_and_a_sweep_does_both(
    database: Database, process: QuickProcess, clock: Clock
) -> None:
    with database.owner() as owner:
        owner.execute(
            "INSERT INTO audit (tid, aktor, aktor_navn, handling, objekt_type, objekt_id)"
            " VALUES (now() - interval '6 years', 'a', 'a', 'GAMMEL', 'o', '1')"
        )
    write("A")
    rename(database, "A", "X")
    drain(process, list(LANES))
    assert (told(), of_old()) == (0, 1)
    sveip.sweep_once(process, everything=True)
    assert (told(), of_old()) == (1, 0)


def of_old() -> int:
    session().rollback()
    found = session().execute(select(func.count()).where(Audit.handling == "GAMMEL")).scalar_one()
    session().rollback()
    return found


def test_drain_runs_the_jobs_that_move_work_on_and_no_others(
    process: QuickProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: set[str] = set()

    def job(name: str) -> int:
        ran.add(name)
        return 0

    # The sweeper reads the table of jobs when it sweeps; there is no other way to see which it runs.
    monkeypatch.setattr(sveip, "JOBS", {name: Jobb(1, partial(job, name)) for name in planned.JOBS})
    session().rollback()
    drain(process, [])
    assert ran == planned.MOVES_WORK_ON


def test_what_moves_work_on_is_swept_each_minute_at_least_and_does_not_only_look() -> None:
    assert not planned.MOVES_WORK_ON & planned.ONLY_LOOKING
    assert max(planned.JOBS[name].seconds for name in planned.MOVES_WORK_ON) <= 60
