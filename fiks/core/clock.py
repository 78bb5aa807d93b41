"""Time. Business time can be moved in test and demo; claims, owners and quarantine use the database's bare
now().
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ColumnElement, Interval, SmallInteger, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from fiks.core.db import Base, session, table_of, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeTilgang


class Klokke(Base):
    """One row: the offset of business time from the database's clock."""

    __tablename__ = "klokke"
    __table_args__ = (CheckConstraint("id = 1", name="en_rad"),)
    id: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    forskyvning: Mapped[timedelta] = mapped_column(Interval(), server_default=text("interval '0'"))


_ROW = table_of(Klokke).c
_AHEAD = func.coalesce(
    select(_ROW.forskyvning).where(_ROW.id == 1).scalar_subquery(),
    text("interval '0'"),
)
_REAL, _MOVED = func.clock_timestamp(), func.clock_timestamp() + _AHEAD
_REAL_NOW, _MOVED_NOW = select(func.now()), select(func.now() + _AHEAD)


def database_now() -> datetime:
    """Return the database's own time, which claims and quarantines are measured by."""
    return session().execute(_REAL_NOW).scalar_one()


def now() -> datetime:
    """Return business time (UTC): database now() plus the offset in table `klokke`, which production ignores."""
    if not current().movable_clock:
        return database_now()
    value = session().execute(_MOVED_NOW).scalar_one()
    assert isinstance(value, datetime)
    return value


def now_sql() -> ColumnElement[datetime]:
    """Return business time as an SQL expression for INSERT and UPDATE. Always the same object, so statements
    can be cached.
    """
    return _MOVED if current().movable_clock else _REAL


def offset() -> timedelta:
    """Return the offset of business time."""
    return session().execute(
        select(Klokke.forskyvning).where(Klokke.id == 1)
    ).scalar_one_or_none() or timedelta(0)


def move(by: timedelta) -> timedelta:
    """Move business time and return the new offset. Refused in production with KLOKKE_LAAST."""
    if not current().movable_clock:
        raise IkkeTilgang("KLOKKE_LAAST")
    with transaction() as tx:
        row = tx.get(Klokke, 1, with_for_update=True)
        if row is None:
            row = Klokke(id=1, forskyvning=timedelta(0))
            tx.add(row)
        row.forskyvning = row.forskyvning + by
        return row.forskyvning
