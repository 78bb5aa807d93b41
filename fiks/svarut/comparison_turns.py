"""Whose it is to hold a channel's books against ours: once a day, and again when the one who began was cut off.

When the last comparison was begun is kept in seconds, so that each version of the programs can read it. Beside it
stands, until that one has ended, when it was begun and from when on somebody else may go on with it. A process that
dies can say nothing: then it is an hour after it took it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.feeds import Kvitteringsmarkor
from fiks.svarut.rules import Kanal

EVERY = timedelta(hours=24)
TAKEN_OVER_AFTER = timedelta(hours=1)
"""A comparison that was taken so long ago has ended, or its process has (`comparison.LONGEST_SECONDS`)."""


@dataclass(frozen=True, slots=True)
class Tur:
    """A comparison that is ours. `begun`, the database's time, is when the first who had it began; `markor` says so."""

    kanal: Kanal
    begun: datetime
    markor: str


def take_turn(kanal: Kanal) -> Tur | None:
    """The comparison with `kanal`, if it is a day since the last or that was cut off; None: it is not ours to do.

    One that is taken over has the time it was begun at, so that who was asked about is not asked about again. After a
    day it is a new one.
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
            begun = first if first > now - EVERY else now
        elif last is not None and float(last) > (now - EVERY).timestamp():
            return None
        tur = Tur(kanal, begun, _told(begun, now + TAKEN_OVER_AFTER))
        _keep(done, str(now.timestamp()))
        _keep(_place(kanal), tur.markor)
        return tur


def end_turn(tur: Tur) -> None:
    """It is done for today, unless somebody has taken it over meanwhile."""
    with transaction() as tx:
        gone = delete(Kvitteringsmarkor).where(*_is_ours(tur))
        tx.execute(gone.execution_options(synchronize_session=False))


def lay_turn_down(tur: Tur) -> None:
    """Anybody may go on with it at once, unless somebody has taken it over meanwhile."""
    with transaction() as tx:
        free = update(Kvitteringsmarkor).where(*_is_ours(tur))
        free = free.values(markor=_told(tur.begun, clock.database_now()))
        tx.execute(free.execution_options(synchronize_session=False))


def _place(kanal: Kanal) -> str:
    return f"AVSTEMMES_{kanal}"


def _told(begun: datetime, free: datetime) -> str:
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
