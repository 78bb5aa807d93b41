"""The sweeper: runs what is due, rings what is ready, and no job's trouble is another's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from config.broker import LANES
from fiks.core import doorbell
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.queue import planned_jobs
from fiks.core.queue.planned_jobs import PlanlagtJobb
from fiks.svarut.rules import Bane
from fiks.utsending.invariants import audit_is_sealed
from fiks.utsending.templates import house_templates
from tests.integration.databases import Database, QuickProcess
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.svarut.letters import make_letter
from tests.integration.worlds import World
from workers import housekeeping, planned, rule_checks, sveip
from workers.planned import JOBS, KEEPS_HOUSE, MOVES_WORK_ON, ONLY_LOOKING, RESCUES, Jobb
from workers.sveip import Holder, sweep_once

LONG = 60.0
INTERVALS = {name: job.seconds for name, job in JOBS.items()}


@pytest.fixture
def rung() -> Iterator[list[str]]:
    """The lanes that rang, in order."""
    lanes: list[str] = []
    doorbell.install(lanes.append)
    yield lanes
    doorbell.install(None)


@pytest.fixture
def own_jobs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three jobs instead of the house's, the middle one broken; returns the names of those that ran."""
    ran: list[str] = []

    def job(name: str) -> int:
        ran.append(name)
        if name == "b":
            raise ZeroDivisionError
        return 2

    # The sweeper reads the table of jobs when it sweeps; there is no other way to give it others.
    own = {name: Jobb(60, lambda name=name: job(name)) for name in "abc"}
    monkeypatch.setattr(sveip, "JOBS", own)
    return ran


def test_a_job_that_breaks_is_counted_and_the_others_run(
    empty: None, process: QuickProcess, own_jobs: list[str]
) -> None:
    before = sveip.FAILED.labels("b")._value.get()
    session().rollback()
    assert sweep_once(process, everything=True) == 4
    assert own_jobs == ["a", "b", "c"]
    assert sveip.FAILED.labels("b")._value.get() == before + 1


@pytest.mark.parametrize(("found", "told"), [(3, ["ta_tilbake_arbeid", 3]), (0, [])])
def test_work_that_a_dead_worker_left_is_told_of_with_its_job_and_number(
    empty: None,
    process: QuickProcess,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    found: int,
    told: list[object],
) -> None:
    # As `own_jobs`: two jobs that found as much, of which one looks for what the dead left.
    found_by = {name: Jobb(60, lambda: found) for name in ("ta_tilbake_arbeid", "lesefrist")}
    monkeypatch.setattr(sveip, "JOBS", found_by)
    sweep_once(process, everything=True)
    records = [record for record in caplog.records if record.message == "work_taken_back"]
    assert [value for record in records for value in (record.jobb, record.antall)] == told  # type: ignore[attr-defined]


def test_the_jobs_that_rescue_are_jobs() -> None:
    assert set(JOBS) > RESCUES


def test_a_sweep_runs_what_is_due_and_nothing_else(
    empty: None, process: QuickProcess, own_jobs: list[str]
) -> None:
    planned_jobs.ensure_jobs({"a": 60, "c": 60, "en jobb fra en annen versjon": 60})
    session().rollback()
    sweep_once(process)
    assert sorted(own_jobs) == ["a", "c"]
    sweep_once(process)
    assert sorted(own_jobs) == ["a", "c"]
    planned_jobs.make_due("c")
    session().rollback()
    sweep_once(process)
    assert sorted(own_jobs) == ["a", "c", "c"]


def test_the_houses_jobs_all_run_in_an_empty_house(
    empty: None, process: QuickProcess, caplog: pytest.LogCaptureFixture
) -> None:
    before = {name: sveip.FAILED.labels(name)._value.get() for name in JOBS}
    session().rollback()
    assert sweep_once(process, everything=True) == len(house_templates.READY), "published, and nothing else"
    assert {name: sveip.FAILED.labels(name)._value.get() for name in JOBS} == before


def test_the_houses_jobs_get_their_rows(empty: None) -> None:
    planned_jobs.ensure_jobs(INTERVALS)
    stored = session().execute(select(PlanlagtJobb.navn, PlanlagtJobb.intervall_sekunder))
    assert {row[0]: row[1] for row in stored} == INTERVALS


def test_lanes_with_ready_letters_are_rung(hus: Hus, process: QuickProcess, rung: list[str]) -> None:
    make_letter(hus, new_fnr(), bane=Bane.MASSE)
    rung.clear()
    assert planned.ring_ready() == 1
    assert rung == ["masse"]


def test_the_restricted_lane_is_never_rung(hus: Hus, rung: list[str]) -> None:
    make_letter(hus, new_fnr(), bane=Bane.SPERRET)
    rung.clear()
    assert planned.ring_ready() == 0
    assert rung == []


def test_the_incoming_lane_is_rung_though_nothing_waits_in_the_house(rung: list[str]) -> None:
    planned.ring_incoming()
    assert rung == ["inn"]
    assert "inn" in LANES


def test_what_only_looks_is_not_work_done(hus: Hus, process: QuickProcess, world: World) -> None:
    make_letter(hus, new_fnr())
    house_templates.publish(actor=HOUSE)
    session().rollback()
    assert set(JOBS) > ONLY_LOOKING
    written = session().scalar(select(func.count()).select_from(Audit))
    session().rollback()
    assert sweep_once(process, everything=True) == written, "the audit rows of what was made, sealed"
    assert sweep_once(process, everything=True) == 0


def test_letters_in_order_break_no_rule(hus: Hus, process: QuickProcess) -> None:
    make_letter(hus, new_fnr())
    assert rule_checks.check_minute() == 0
    assert rule_checks.check_in_turn() == 0


def test_who_takes_the_lock_measures_every_gauge_before_it_tells_any_though_no_job_is_due(
    empty: None, process: QuickProcess, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, stopped = Holder(), list[int]()
    ran: list[tuple[str, bool]] = []

    def job(name: str) -> Callable[[], int]:
        def run() -> int:
            ran.append((name, holder.works))
            return 0

        return run

    planned_jobs.ensure_jobs(dict.fromkeys(JOBS, 86_400))
    list(planned_jobs.due_jobs())
    # The sweeper reads the table of jobs when it sweeps, and has no other end than a signal.
    own = {name: Jobb(86_400, job(name)) for name in JOBS}
    monkeypatch.setattr(sveip, "JOBS", own | {"slutt": Jobb(60, lambda: stopped.append(1) or 0)})
    monkeypatch.setattr(sveip, "TICK_SECONDS", 0.0)
    session().rollback()
    url = database.app_url.replace("postgresql+psycopg://", "postgresql://", 1)
    sveip._hold_and_sweep(process, url, stopped, holder)
    before_it_tells = [name for name, works in ran if not works]
    assert {name for name in ONLY_LOOKING if INTERVALS[name] > 15} <= {*before_it_tells} < ONLY_LOOKING
    assert len(before_it_tells) == len({*before_it_tells})
    assert [name for name, works in ran if works and name in before_it_tells] == []


def test_late_jobs_are_not_counted_by_the_thread_that_may_hang() -> None:
    assert "mal_drift" not in KEEPS_HOUSE


def test_what_keeps_house_is_no_rescue_and_moves_nothing_on() -> None:
    assert set(JOBS) > KEEPS_HOUSE
    assert not KEEPS_HOUSE & (MOVES_WORK_ON | RESCUES)


def test_no_letter_waits_for_who_keeps_house(
    empty: None, process: QuickProcess, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeps, stopped, waited = threading.Event(), list[int](), list[bool]()

    def long() -> int:
        keeps.set()
        end.wait(LONG)
        return 0

    def feed() -> int:
        waited.append(keeps.wait(LONG))
        stopped.append(1)
        return 0

    end = threading.Event()
    own = {"slett_utlopt_innhold": Jobb(60, long), "mat_utsendinger": Jobb(60, feed)}
    monkeypatch.setattr(sveip, "JOBS", own)
    monkeypatch.setattr(sveip, "TICK_SECONDS", 0.0)
    monkeypatch.setattr(housekeeping, "PATIENCE", 0.0)
    session().rollback()
    url = database.app_url.replace("postgresql+psycopg://", "postgresql://", 1)
    sveip._hold_and_sweep(process, url, stopped, Holder())
    assert waited == [True]
    assert not end.is_set(), "the other job was not over"
    end.set()


def test_a_turn_that_breaks_is_told_of_and_the_next_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    turns, taken = iter([ZeroDivisionError(), OperationalError("", {}, Exception())]), threading.Event()

    def turn() -> None:
        error = next(turns, None)
        if error is not None:
            raise error
        taken.set()

    with housekeeping.Housekeeper(turn, 0.0):
        assert taken.wait(LONG)
    assert {record.message for record in caplog.records} == {
        "housekeeping_broken",
        "housekeeping_lost_database",
    }


def test_a_job_is_moved_to_its_next_time_as_it_is_begun_and_not_before(
    empty: None, process: QuickProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or what comes after it would wait a day for its next time, if the process died."""
    monkeypatch.setattr(sveip, "JOBS", {name: Jobb(86_400, lambda: 0) for name in "ab"})
    planned_jobs.ensure_jobs({"a": 86_400, "b": 86_400})
    first = next(planned_jobs.due_jobs())
    assert [*planned_jobs.due_jobs(), first] in (["a", "b"], ["b", "a"])


def test_a_busy_mornings_acts_are_sealed_in_time(empty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planned_jobs, "time", SimpleNamespace(monotonic=lambda: 0.0))
    with transaction() as tx:
        tx.execute(
            text(
                "INSERT INTO audit (tid, aktor, aktor_navn, handling, objekt_type, objekt_id)"
                " SELECT now() - interval '6 minutes', 'a', 'a', 'BREV_APNET', 'o', '1' FROM generate_series(1, 12000)"
            )
        )
    JOBS["forsegl_revisjonslogg"].run()
    assert audit_is_sealed() == []


def test_all_sessions_that_are_over_are_deleted(empty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planned_jobs, "time", SimpleNamespace(monotonic=lambda: 0.0))
    with transaction() as tx:
        tx.execute(
            text(
                "INSERT INTO sesjon (id, token_hash, acr, sist_sett) SELECT gen_random_uuid(), sha256(g::text::bytea),"
                " 0, now() - interval '25 hours' FROM generate_series(1, 25000) g"
            )
        )
    assert JOBS["slett_gamle_sesjoner"].run() == 25_000
