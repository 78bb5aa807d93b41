"""The history of letters: what happened, numbered without gaps, written in the transaction of what it tells of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Uuid, bindparam, func, insert, select, update
from sqlalchemy import Integer as SqlInteger
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.types import TypeEngine

from fiks.core import clock
from fiks.core.db import session, table_of
from fiks.core.environment import current
from fiks.svarut.models import Forsendelse, Hendelse


@dataclass(frozen=True, slots=True)
class Event:
    """One history row to write; `lopenr` is given when it is appended."""

    forsendelse_id: UUID
    art: str
    kode: str
    aktor: str
    fra: str | None = None
    til: str | None = None
    levering_id: UUID | None = None
    detaljer: dict[str, Any] = field(default_factory=dict)


def append_events(events: Sequence[Event]) -> None:
    """Append history rows, numbered without gaps per forsendelse, in the present transaction."""
    if not events:
        return
    counts: dict[UUID, int] = {}
    for event in events:
        counts[event.forsendelse_id] = counts.get(event.forsendelse_id, 0) + 1
    ids = sorted(counts)
    bumped = session().execute(_bump(), {"ids": ids, "counts": [counts[i] for i in ids]})
    following = {row.id: row.siste_lopenr - counts[row.id] for row in bumped}
    rows = []
    for event in events:
        following[event.forsendelse_id] += 1
        rows.append(event_row(event, following[event.forsendelse_id]))
    columns = {_bound(name): [row[name] for row in rows] for name in _EVENT_COLUMNS}
    session().execute(_write_events(current().movable_clock), columns)


_EVENT_COLUMNS: dict[str, TypeEngine[Any]] = {
    name: table_of(Hendelse).c[name].type
    for name in ("forsendelse_id", "lopenr", "art", "levering_id", "fra", "til", "kode", "detaljer", "aktor")
}


def _bound(name: str) -> str:
    """What a column's array is called among the parameters: INSERT would take its own name for a value."""
    return f"alle_{name}"


@cache
def _bump() -> ReturningUpdate[UUID, int]:
    """Give letters `counts` more event numbers each. Made once: it runs several times for every letter."""
    table = table_of(Forsendelse)
    wanted = (
        func.unnest(
            bindparam("ids", type_=ARRAY(Uuid(as_uuid=True))), bindparam("counts", type_=ARRAY(SqlInteger()))
        )
        .table_valued("id", "n", name="wanted")
        .render_derived()
    )
    return (
        update(table)
        .where(table.c.id == wanted.c.id)
        .values(siste_lopenr=table.c.siste_lopenr + wanted.c.n)
        .returning(table.c.id, table.c.siste_lopenr)
    )


@cache
def _write_events(movable_clock: bool) -> Insert:
    """Write events from arrays, all in one statement, however many; made once for either clock."""
    arrays = [
        bindparam(_bound(name), type_=ARRAY(kind, dimensions=1)) for name, kind in _EVENT_COLUMNS.items()
    ]
    written = func.unnest(*arrays).table_valued(*_EVENT_COLUMNS, name="written").render_derived()
    tid = clock.expression() if movable_clock else func.clock_timestamp()
    return insert(table_of(Hendelse)).from_select(
        [*_EVENT_COLUMNS, "tid"],
        select(*(written.c[name] for name in _EVENT_COLUMNS), tid),
        include_defaults=False,
    )


def event_row(event: Event, lopenr: int) -> dict[str, Any]:
    """The history row of `event` as column values."""
    return {
        "forsendelse_id": event.forsendelse_id,
        "lopenr": lopenr,
        "art": event.art,
        "levering_id": event.levering_id,
        "fra": event.fra,
        "til": event.til,
        "kode": event.kode,
        "detaljer": event.detaljer,
        "aktor": event.aktor,
    }


def remark(forsendelse_id: UUID, kode: str, *, aktor: str, **detaljer: object) -> None:
    """Add a remark that changes no state."""
    append_events([Event(forsendelse_id, "MERKNAD", kode, aktor, detaljer=dict(detaljer))])
