"""The history of letters, numbered without gaps and written in the transaction of the change.

The first row also keeps the request that the letter came from, so that log lines can be followed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Insert, Uuid, bindparam, func, insert, select, update
from sqlalchemy import Integer as SqlInteger
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.types import TypeEngine

from fiks.core import clock
from fiks.core.db import session, table_of
from fiks.core.telemetry import trace
from fiks.svarut.models import Forsendelse, Hendelse


@dataclass(frozen=True, slots=True)
class Event:
    """One history row to write; its `lopenr` is assigned when it is appended."""

    forsendelse_id: UUID
    art: str
    kode: str
    aktor: str
    fra: str | None = None
    til: str | None = None
    levering_id: UUID | None = None
    detaljer: dict[str, Any] = field(default_factory=dict)


def append_events(events: Sequence[Event]) -> None:
    """Append history rows in the present transaction, numbered without gaps per letter: one statement.

    LookupError: a letter that does not exist.
    """
    if not events:
        return
    counts = Counter(event.forsendelse_id for event in events)
    ids = sorted(counts)
    more = {"ids": ids, "counts": [counts[one] for one in ids]}
    written = session().execute(_append(clock.now_sql()), more | _arrays(events))
    if len(written.all()) != len(events):
        raise LookupError("history of a letter that does not exist")


def begin_histories(events: Sequence[Event]) -> None:
    """Write the first events of new letters in the present transaction.

    The rows of the letters already say in `siste_lopenr` how many these are.
    """
    session().execute(_write(clock.now_sql()), _arrays(events))


_EVENT_COLUMNS: dict[str, TypeEngine[Any]] = {
    name: table_of(Hendelse).c[name].type
    for name in ("forsendelse_id", "lopenr", "art", "levering_id", "fra", "til", "kode", "detaljer", "aktor")
}


def _bound(name: str) -> str:
    """The parameter name of a column's array: the column's own name would be taken for a value by INSERT."""
    return f"alle_{name}"


def _arrays(events: Sequence[Event]) -> dict[str, list[Any]]:
    """The events as one array per column; `lopenr` counts an event among those of its letter, from 1."""
    seen, numbers = Counter[UUID](), list[int]()
    for event in events:
        seen[event.forsendelse_id] += 1
        numbers.append(seen[event.forsendelse_id])
    told = {name: [getattr(one, name) for one in events] for name in _EVENT_COLUMNS if name != "lopenr"}
    return {_bound(name): column for name, column in {**told, "lopenr": numbers}.items()}


@cache
def _append(tid: ColumnElement[datetime]) -> ReturningInsert[int]:
    """Build the statement that raises `siste_lopenr` by `counts` and writes the events after the existing
    ones.

    Built once (cached): it runs several times for every letter.
    """
    table = table_of(Forsendelse)
    wanted = (
        func.unnest(
            bindparam("ids", type_=ARRAY(Uuid(as_uuid=True))), bindparam("counts", type_=ARRAY(SqlInteger()))
        )
        .table_valued("id", "n", name="wanted")
        .render_derived()
    )
    longer = (
        update(table)
        .where(table.c.id == wanted.c.id)
        .values(siste_lopenr=table.c.siste_lopenr + wanted.c.n)
        .returning(table.c.id, (table.c.siste_lopenr - wanted.c.n).label("before"))
        .cte("longer")
    )
    return _write(tid, longer).returning(table_of(Hendelse).c.lopenr)


@cache
def _write(tid: ColumnElement[datetime], longer: CTE | None = None) -> Insert:
    """Build the INSERT of events from arrays, numbered as given, or counted on from their letter's `before`."""
    arrays = [
        bindparam(_bound(name), type_=ARRAY(kind, dimensions=1)) for name, kind in _EVENT_COLUMNS.items()
    ]
    told = func.unnest(*arrays).table_valued(*_EVENT_COLUMNS, name="told").render_derived()
    values: dict[str, ColumnElement[Any]] = {name: told.c[name] for name in _EVENT_COLUMNS} | {"tid": tid}
    if longer is None:
        rows = select(*values.values())
    else:
        values["lopenr"] = longer.c.before + told.c.lopenr
        rows = select(*values.values()).where(longer.c.id == told.c.forsendelse_id)
    return insert(table_of(Hendelse)).from_select(list(values), rows, include_defaults=False)


def remark(forsendelse_id: UUID, kode: str, *, aktor: str, **detaljer: object) -> None:
    """Append a remark to the letter's history; no state changes."""
    append_events([Event(forsendelse_id, "MERKNAD", kode, aktor, detaljer=dict(detaljer))])


REQUEST_ID: ColumnElement[str | None] = table_of(Hendelse).c.detaljer[trace.KEY].astext
FIRST_EVENT = 1


def request_ids_of(forsendelse_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The request ids of these letters, where known."""
    rows = session().execute(
        select(Hendelse.forsendelse_id, REQUEST_ID).where(
            Hendelse.forsendelse_id.in_(forsendelse_ids),
            Hendelse.lopenr == FIRST_EVENT,
            REQUEST_ID.is_not(None),
        )
    )
    return {row[0]: str(row[1]) for row in rows}


def trace_letter(forsendelse_id: UUID) -> AbstractContextManager[None]:
    """Context manager: log lines inside carry the letter's id and the id of its request."""
    known = request_ids_of([forsendelse_id])
    return trace.continue_trace(known.get(forsendelse_id), forsendelse=str(forsendelse_id))
