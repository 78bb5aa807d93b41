"""The only hands that change a forsendelse or a levering: guarded, legal, and with their history row.

Lock order is levering before forsendelse, everywhere. Zero rows changed means that somebody else moved it; the caller
stops quietly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, any_, func, insert, literal, select, update
from sqlalchemy import Integer as SqlInteger
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from fiks.core import clock
from fiks.core.db import guarded_update, guarded_update_all, session
from fiks.svarut.models import Forsendelse, Hendelse, Levering
from fiks.svarut.rules import LEVERINGSOVERGANGER, OVERGANGER, Leveringsstatus, Status

NOTHING: Mapping[str, object] = MappingProxyType({})


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
    wanted = (
        func.unnest(
            literal(ids, ARRAY(Uuid(as_uuid=True))), literal([counts[i] for i in ids], ARRAY(SqlInteger()))
        )
        .table_valued("id", "n", name="wanted")
        .render_derived()
    )
    bumped = session().execute(
        update(Forsendelse)
        .where(Forsendelse.id == wanted.c.id)
        .values(siste_lopenr=Forsendelse.siste_lopenr + wanted.c.n)
        .returning(Forsendelse.id, Forsendelse.siste_lopenr)
        .execution_options(synchronize_session=False)
    )
    following = {row.id: row.siste_lopenr - counts[row.id] for row in bumped}
    rows = []
    for event in events:
        following[event.forsendelse_id] += 1
        rows.append(event_row(event, following[event.forsendelse_id]))
    arrays = [
        literal([row[name] for row in rows], ARRAY(kind, dimensions=1))
        for name, kind in _EVENT_COLUMNS.items()
    ]
    written = func.unnest(*arrays).table_valued(*_EVENT_COLUMNS, name="written").render_derived()
    session().execute(
        insert(Hendelse).from_select(
            [*_EVENT_COLUMNS, "tid"],
            select(*(written.c[name] for name in _EVENT_COLUMNS), clock.expression()),
            include_defaults=False,
        )
    )


_EVENT_COLUMNS: dict[str, TypeEngine[Any]] = {
    name: Hendelse.__table__.c[name].type
    for name in ("forsendelse_id", "lopenr", "art", "levering_id", "fra", "til", "kode", "detaljer", "aktor")
}


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


def move_forsendelse(
    forsendelse_id: UUID,
    *,
    fra: Iterable[Status],
    til: Status,
    kode: str,
    aktor: str,
    detaljer: Mapping[str, object] = NOTHING,
    **changes: object,
) -> bool:
    """Move a letter to `til` if its status is one of `fra`; return whether it was. Illegal pairs are left out.

    `detaljer` go into the history, `changes` are columns.
    """
    legal = [status for status in fra if til in OVERGANGER[status]]
    moved = guarded_update(
        Forsendelse,
        where={"id": forsendelse_id, "status": legal},
        values={"status": til, "status_endret": clock.expression(), **changes},
        old=("status",),
    )
    if moved is None:
        return False
    event = Event(forsendelse_id, "FORSENDELSE", kode, aktor, moved.status, til, detaljer=dict(detaljer))
    append_events([event])
    return True


def move_forsendelser(
    ids: Sequence[UUID],
    *,
    fra: Iterable[Status],
    til: Status,
    kode: str,
    aktor: str,
    unless: Select[UUID] | None = None,
) -> list[UUID]:
    """As `move_forsendelse` for a whole portion, in as many statements as for one letter; return those moved.

    `unless` selects letters to leave alone; nobody may add to it while the caller's locks are held.
    """
    legal = [status for status in fra if til in OVERGANGER[status]]
    these = Forsendelse.id == any_(literal(list(ids), ARRAY(Uuid(as_uuid=True))))
    moved = guarded_update_all(
        Forsendelse,
        where={"status": legal},
        condition=these if unless is None else these & Forsendelse.id.not_in(unless),
        values={"status": til, "status_endret": clock.expression()},
        old=("id", "status"),
        limit=len(ids),
    )
    append_events([Event(row.id, "FORSENDELSE", kode, aktor, fra=row.status, til=til) for row in moved])
    return [row.id for row in moved]


def move_leveringer(
    condition: ColumnElement[bool],
    *,
    fra: Sequence[Leveringsstatus],
    til: Leveringsstatus,
    kode: str,
    aktor: str,
    limit: int,
) -> list[UUID]:
    """As `move_levering` for those (at most `limit`) of `condition` that still are in `fra`; return their letters."""
    assert all(til in LEVERINGSOVERGANGER[status] for status in fra)
    moved = guarded_update_all(
        Levering,
        where={"status": fra},
        condition=condition,
        values={"status": til, "eier": None},
        old=("id", "forsendelse_id", "status"),
        limit=limit,
    )
    append_events(
        [
            Event(row.forsendelse_id, "LEVERING", kode, aktor, fra=row.status, til=til, levering_id=row.id)
            for row in moved
        ]
    )
    return [row.forsendelse_id for row in moved]


@dataclass(frozen=True, slots=True)
class Claim:
    """A levering as its claimer holds it; every later change is guarded by owner and attempt."""

    levering_id: UUID
    forsendelse_id: UUID
    eier: int
    forsok: int


def move_claimed(claim: Claim, til: Leveringsstatus, *, kode: str, aktor: str, **changes: object) -> bool:
    """Move a levering we own on from SENDER; return False when it is not ours any more."""
    return _move_levering(
        {
            "id": claim.levering_id,
            "status": Leveringsstatus.SENDER,
            "eier": claim.eier,
            "forsok": claim.forsok,
        },
        til,
        kode,
        aktor,
        changes,
    )


def move_levering(
    levering_id: UUID, *, fra: Leveringsstatus, til: Leveringsstatus, kode: str, aktor: str, **changes: object
) -> bool:
    """Move an unowned levering; return whether it still was in `fra`."""
    return _move_levering({"id": levering_id, "status": fra}, til, kode, aktor, changes)


def _move_levering(
    where: dict[str, object], til: Leveringsstatus, kode: str, aktor: str, changes: dict[str, object]
) -> bool:
    fra = where["status"]
    assert isinstance(fra, Leveringsstatus) and til in LEVERINGSOVERGANGER[fra]
    moved = guarded_update(
        Levering,
        where=where,
        values={"status": til, "eier": None, **changes},
        old=("id", "forsendelse_id"),
    )
    if moved is None:
        return False
    append_events(
        [Event(moved.forsendelse_id, "LEVERING", kode, aktor, fra=fra, til=til, levering_id=moved.id)]
    )
    return True


def stop_open_levering(forsendelse_id: UUID, *, kode: str, aktor: str) -> bool:
    """Stop the letter's open hand-over if no call can have begun; a SENDER one is asked to stop. True if stopped."""
    row = (
        session()
        .execute(
            select(Levering.id, Levering.status)
            .where(
                Levering.forsendelse_id == forsendelse_id,
                Levering.status.in_(["KLAR", "VENTER", "TIL_BEHANDLING", "SENDER"]),
            )
            .with_for_update()
        )
        .first()
    )
    if row is None:
        return False
    if row.status == Leveringsstatus.SENDER:
        session().execute(update(Levering).where(Levering.id == row.id).values(stopp_onsket=True))
        return False
    return move_levering(
        row.id, fra=Leveringsstatus(row.status), til=Leveringsstatus.STOPPET, kode=kode, aktor=aktor
    )


def open_levering(
    forsendelse_id: UUID, *, utsending_id: UUID | None, bane: str, kanal: str | None, aktor: str, kode: str
) -> UUID:
    """Make the letter's next hand-over, ready to be claimed."""
    row = Levering(forsendelse_id=forsendelse_id, utsending_id=utsending_id, bane=bane, kanal=kanal)
    session().add(row)
    session().flush()
    append_events(
        [Event(forsendelse_id, "LEVERING", kode, aktor, til=Leveringsstatus.KLAR, levering_id=row.id)]
    )
    return row.id
