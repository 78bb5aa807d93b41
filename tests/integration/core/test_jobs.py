"""Planned jobs are rows: each run once when due, however many sweepers there are."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from fiks.core.db import session, transaction
from fiks.core.queue import planned_jobs
from fiks.core.queue.planned_jobs import PlanlagtJobb
from workers.process import Process

pytestmark = pytest.mark.usefixtures("empty")


def test_a_new_job_is_due_at_once_and_then_not_before_its_time() -> None:
    planned_jobs.ensure_jobs({"rydd": 60})
    assert list(planned_jobs.due_jobs()) == ["rydd"]
    assert list(planned_jobs.due_jobs()) == []


def test_a_job_that_is_made_due_runs_again_once() -> None:
    planned_jobs.ensure_jobs({"rydd": 60})
    list(planned_jobs.due_jobs())
    planned_jobs.make_due("rydd")
    assert list(planned_jobs.due_jobs()) == ["rydd"]
    assert list(planned_jobs.due_jobs()) == []


def test_a_job_that_was_missed_many_times_runs_once() -> None:
    planned_jobs.ensure_jobs({"rydd": 1})
    with transaction() as tx:
        tx.execute(update(PlanlagtJobb).values(neste=PlanlagtJobb.neste - planned_jobs.timedelta(days=1)))
    assert list(planned_jobs.due_jobs()) == ["rydd"]
    assert list(planned_jobs.due_jobs()) == []


def test_naming_a_job_again_keeps_its_next_run_and_follows_a_changed_interval() -> None:
    planned_jobs.ensure_jobs({"rydd": 60})
    list(planned_jobs.due_jobs())
    before = session().scalars(select(PlanlagtJobb)).one().neste
    planned_jobs.ensure_jobs({"rydd": 5})
    after = session().scalars(select(PlanlagtJobb).execution_options(populate_existing=True)).one()
    assert (after.neste, after.intervall_sekunder) == (before, 5)


def test_a_job_that_no_release_has_any_more_is_gone_when_it_is_a_day_late() -> None:
    now = datetime.now(UTC)
    with transaction() as tx:
        tx.add(PlanlagtJobb(navn="borte", intervall_sekunder=60, neste=now - timedelta(days=2)))
        tx.add(PlanlagtJobb(navn="naboens", intervall_sekunder=60, neste=now - timedelta(hours=1)))
    planned_jobs.ensure_jobs({"rydd": 60})
    assert set(session().scalars(select(PlanlagtJobb.navn))) == {"naboens", "rydd"}


def test_two_sweepers_at_once_never_both_run_a_job(process: Process) -> None:
    names = {f"jobb {n}": 60 for n in range(40)}
    planned_jobs.ensure_jobs(names)
    session().rollback()
    taken: list[str] = []
    start = threading.Barrier(2)

    def sweep() -> None:
        with process.app.app_context():
            start.wait()
            taken.extend(list(planned_jobs.due_jobs()))

    threads = [threading.Thread(target=sweep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(names)
