"""Planned jobs are rows: name, interval and next run. The sweeper runs each due job once, late if need be."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Integer, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Mapped, mapped_column

from fiks.core.db import Base, session, transaction

TURN_SECONDS = 3.0
"""Seconds that a job done in portions may go on in one run."""
OBSOLETE_AFTER = timedelta(days=1)
T = TypeVar("T")


class PlanlagtJobb(Base):
    """One planned job. A guarded update moves `neste` before the job runs, so two sweepers never both run it."""

    __tablename__ = "planlagt_jobb"
    navn: Mapped[str] = mapped_column(primary_key=True)
    intervall_sekunder: Mapped[int] = mapped_column(Integer())
    neste: Mapped[datetime] = mapped_column(server_default=func.now())
    sist: Mapped[datetime | None]


def ensure_jobs(intervals: dict[str, int]) -> None:
    """Create a row for every job of `intervals` (name to seconds), and update changed intervals.

    A job not listed that has not run for a day is deleted; until then a release running beside this one may
    still run it.
    """
    with transaction() as tx:
        unknown = PlanlagtJobb.navn.not_in(list(intervals))
        tx.execute(delete(PlanlagtJobb).where(unknown, PlanlagtJobb.neste < func.now() - OBSOLETE_AFTER))
        for navn, seconds in intervals.items():
            row = insert(PlanlagtJobb).values(navn=navn, intervall_sekunder=seconds)
            tx.execute(
                row.on_conflict_do_update(index_elements=["navn"], set_={"intervall_sekunder": seconds})
            )


def due_jobs(among: Collection[str] | None = None) -> Iterator[str]:
    """Claim and yield the names of due jobs, all or those `among` these; each is moved to its next time as it
    is yielded.
    """
    due = select(PlanlagtJobb.navn).where(PlanlagtJobb.neste <= func.now()).limit(100)
    names = session().scalars(due if among is None else due.where(PlanlagtJobb.navn.in_(among))).all()
    session().rollback()
    return (navn for navn in names if _claim(navn))


def _claim(navn: str) -> bool:
    step = PlanlagtJobb.intervall_sekunder * text("interval '1 second'")
    with transaction() as tx:
        taken = tx.execute(
            update(PlanlagtJobb)
            .where(PlanlagtJobb.navn == navn, PlanlagtJobb.neste <= func.now())
            .values(neste=func.now() + step, sist=func.now())
            .execution_options(synchronize_session=False)
        )
        assert isinstance(taken, CursorResult)
        return bool(taken.rowcount == 1)


def make_due(navn: str) -> None:
    """Make job `navn` due at the next sweep."""
    with transaction() as tx:
        tx.execute(
            update(PlanlagtJobb)
            .where(PlanlagtJobb.navn == navn)
            .values(neste=func.now() - timedelta(seconds=1))
        )


def in_portions(take: Callable[[], int], seconds: float = TURN_SECONDS) -> int:
    """Call `take` until it finds nothing or the time is up; return the sum of what it found.

    `take` is called at least once. The rest waits for the next run: the sweeper has other jobs.
    """
    total, end = 0, time.monotonic() + seconds
    while found := take():
        total += found
        if time.monotonic() >= end:
            break
    return total


def until_time_is_up(items: Iterable[T], seconds: float = TURN_SECONDS) -> Iterator[T]:
    """Yield the items, at least the first, until the time is up: handling each may wait for a store that
    hangs.
    """
    end = time.monotonic() + seconds
    for item in items:
        yield item
        if time.monotonic() >= end:
            return
