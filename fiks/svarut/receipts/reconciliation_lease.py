"""Lease of a channel's reconciliation: run once a day, and taken over when a process was cut off.

The start of the last run is kept in seconds, so that every release can read it. Until the run has ended, a
second marker holds its start and the time from which another process may take over: an hour after it was
taken, since a dead process can report nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.queue.feed_markers import Kvitteringsmarkor
from fiks.svarut.rules import Kanal

INTERVAL = timedelta(hours=24)
TAKEN_OVER_AFTER = timedelta(hours=1)
"""A run taken so long ago has ended, or its process has (`reconciliation.LONGEST_SECONDS`)."""


@dataclass(frozen=True, slots=True)
class Tur:
    """A leased run. `begun` (database time) is its first holder's start; `markor` is the stored marker text."""

    kanal: Kanal
    begun: datetime
    markor: str


def take_lease(kanal: Kanal) -> Tur | None:
    """Lease the reconciliation of `kanal` if the last is a day old or was cut off; None when it is not due.

    A run taken over keeps its original start, so that nobody is asked about twice. After a day it is a new
    run.
    """
    done = f"AVSTEMT_{kanal}"
    with transaction() as tx:
        tx.execute(insert(Kvitteringsmarkor).values(kilde=done).on_conflict_do_nothing())
        last = tx.execute(_marker(done).with_for_update()).scalar_one()
        under_way = tx.execute(_marker(_place(kanal))).scalar_one_or_none()
        now = begun = clock.database_now()
        if under_way is not None:
            first, free = map(datetime.fromisoformat, under_way.split())
            if free > now:
                return None
            begun = first if first > now - INTERVAL else now
        elif last is not None and float(last) > (now - INTERVAL).timestamp():
            return None
        tur = Tur(kanal, begun, _marker_text(begun, now + TAKEN_OVER_AFTER))
        _keep(done, str(now.timestamp()))
        _keep(_place(kanal), tur.markor)
        return tur


def end_lease(tur: Tur) -> None:
    """End today's run, unless another process has taken it over."""
    with transaction() as tx:
        gone = delete(Kvitteringsmarkor).where(*_is_ours(tur))
        tx.execute(gone.execution_options(synchronize_session=False))


def release_lease(tur: Tur) -> None:
    """Release the lease, so that another process may continue at once, unless one already has."""
    with transaction() as tx:
        free = update(Kvitteringsmarkor).where(*_is_ours(tur))
        free = free.values(markor=_marker_text(tur.begun, clock.database_now()))
        tx.execute(free.execution_options(synchronize_session=False))


def _place(kanal: Kanal) -> str:
    return f"AVSTEMMES_{kanal}"


def _marker_text(begun: datetime, free: datetime) -> str:
    return f"{begun.isoformat()} {free.isoformat()}"


def _marker(kilde: str) -> Select[str | None]:
    return select(Kvitteringsmarkor.markor).where(Kvitteringsmarkor.kilde == kilde)


def _keep(kilde: str, markor: str) -> None:
    row = insert(Kvitteringsmarkor).values(kilde=kilde, markor=markor)
    session().execute(
        row.on_conflict_do_update(index_elements=["kilde"], set_={"markor": row.excluded.markor})
    )


def _is_ours(tur: Tur) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Kvitteringsmarkor.kilde == _place(tur.kanal), Kvitteringsmarkor.markor == tur.markor
