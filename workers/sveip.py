"""The sweeper: finds rows that are ready, stuck or due, and rings for them. It sends nothing and calls
nobody.

Run two of them; an advisory lock decides which one works, and two at once would be harmless. Everything is
found by state and age, never by a time window, so a sweeper that slept for an hour skips nothing.
"""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from types import FrameType

import psycopg
from prometheus_client import Counter, Gauge
from sqlalchemy.exc import DBAPIError

from config import metrics
from config.broker import LANES, make_listener, make_ringer
from config.logging import log_everything, log_lacking_settings
from config.settings import Settings
from fiks.core import doorbell
from fiks.core.db import session
from fiks.core.queue import planned_jobs
from fiks.core.telemetry.counters import start_at_zero
from fiks.core.values.identifiers import mask_numbers
from fiks.drift import key_check, measures, restore_guard
from fiks.drift.alive_processes import HOLDER_LOCK
from fiks.drift.readiness import ROWS
from fiks.utsending import invariant_schedule
from workers import health
from workers.housekeeping import Housekeeper
from workers.planned import JOBS, KEEPS_HOUSE, MOVES_WORK_ON, ONLY_LOOKING, RESCUES, TELLS
from workers.process import Process

log = logging.getLogger(__name__)
TICK_SECONDS = 1.0
SWEPT = Gauge("fiks_sweep_found", "What the last run of a planned job found", ["jobb"])
FAILED = Counter("fiks_sweep_failures_total", "Runs of a planned job that ended in an error", ["jobb"])
TAKEN_BACK = Counter(
    "fiks_work_taken_back_total", "Runs of a planned job that found work whose worker is no more", ["jobb"]
)
start_at_zero(FAILED, JOBS)
start_at_zero(doorbell.RINGS_FAILED, LANES)
start_at_zero(TAKEN_BACK, RESCUES)


def sweep_once(
    process: Process, *, everything: bool = False, among: Callable[[str], bool] = lambda name: True
) -> int:
    """Run the due planned jobs (or all of them) that `among` accepts; return how much they found together."""
    chosen = [name for name in JOBS if among(name)]
    with process.app.app_context():
        return sum(_run(name) for name in (chosen if everything else planned_jobs.due_jobs(chosen)))


def move_work_on(process: Process) -> int:
    """Run the jobs that move work on, due or not, and no others; return how much they found together."""
    with process.app.app_context():
        return sum(_run(name) for name in JOBS if name in MOVES_WORK_ON)


def _run(name: str) -> int:
    """Run one job; a failure is logged and counted, and never stops the others."""
    try:
        found = JOBS[name].run()
    except DBAPIError as error:
        log.warning("job_failed", extra={"jobb": name, "error": type(error).__name__})
        FAILED.labels(name).inc()
        session().rollback()
        return 0
    except Exception:
        log.exception("job_broken", extra={"jobb": name})
        FAILED.labels(name).inc()
        session().rollback()
        return 0
    SWEPT.labels(name).set(found)
    if found and name in RESCUES:
        TAKEN_BACK.labels(name).inc()
        log.warning("work_taken_back", extra={"jobb": name, "antall": found})
    return 0 if name in ONLY_LOOKING else found


class Holder:
    """Whether this sweeper is the working one. The idle one's gauges are old or 0, and are not exported."""

    def __init__(self) -> None:
        self.works = False


def main() -> None:
    """Sweep until TERM while holding the lock; without it, wait for it."""
    log_everything(scrub=mask_numbers)
    settings = Settings.from_env()
    log_lacking_settings(settings)
    doorbell.install(make_ringer(settings.redis_url), make_listener(settings.redis_url))
    stopped: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.append(number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    process, holder = Process(settings), Holder()
    metrics.listen(settings, measures=lambda: holder.works, pages=health.pages(process, ROWS))
    while not stopped:
        try:
            _hold_and_sweep(process, settings.psycopg_url, stopped, holder)
        except (psycopg.Error, DBAPIError) as error:
            log.warning("sweeper_lost_database", extra={"error": type(error).__name__})
            time.sleep(TICK_SECONDS)
        finally:
            holder.works = False


def _hold_and_sweep(process: Process, url: str, stopped: list[int], holder: Holder) -> None:
    with process.app.app_context():
        key_check.require_ours()  # a process never gets others: this one ends, and another sweeps
    with psycopg.connect(url, autocommit=True) as lock:
        while not stopped:
            row = lock.execute("SELECT pg_try_advisory_lock(%s)", (HOLDER_LOCK,)).fetchone()
            if row and row[0]:
                break
            time.sleep(TICK_SECONDS)
        if stopped:
            return
        with process.app.app_context():
            planned_jobs.ensure_jobs({name: job.seconds for name, job in JOBS.items()})
            invariant_schedule.resume_chain_check()
            restore_guard.advance_epoch()
            for name in JOBS:
                if name in TELLS:
                    _run(name)
            measures.measure()
        holder.works = True
        with Housekeeper(lambda: sweep_once(process, among=_keeps_house), TICK_SECONDS):
            while not stopped:
                lock.execute("SELECT 1")
                sweep_once(process, among=lambda name: not _keeps_house(name))
                time.sleep(TICK_SECONDS)


def _keeps_house(name: str) -> bool:
    return name in KEEPS_HOUSE


if __name__ == "__main__":
    main()
