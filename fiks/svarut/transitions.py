"""The only writer of a forsendelse's or levering's status: guarded, legal, and with its history row.

Lock order is levering before forsendelse, everywhere. When no row changed, someone else has moved it, and the
caller stops quietly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, Select, Uuid, any_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from fiks.core import clock
from fiks.core.db import guarded_update, guarded_update_all, session, table_of, uuid_array
from fiks.svarut import svarinn_handover
from fiks.svarut.history import Event, append_events
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import LEVERINGSOVERGANGER, OPEN, OVERGANGER, Leveringsstatus, Status

NO_DETAILS: Mapping[str, object] = MappingProxyType({})


def move_forsendelse(
    forsendelse_id: UUID,
    *,
    fra: Iterable[Status],
    til: Status,
    kode: str,
    aktor: str,
    detaljer: Mapping[str, object] = NO_DETAILS,
    **changes: object,
) -> bool:
    """Move a letter to `til` if its status is one of `fra`; return whether it moved. Illegal pairs are
    ignored.

    `detaljer` go into the history; `changes` are columns.
    """
    legal = [status for status in fra if til in OVERGANGER[status]]
    moved = guarded_update(
        Forsendelse,
        where={"id": forsendelse_id, "status": legal},
        values={"status": til, "status_endret": clock.now_sql(), **changes},
        old=("status",),
    )
    if moved is None:
        return False
    if moved.status == Status.KLAR_FOR_MOTTAK:
        svarinn_handover.close_wait([forsendelse_id])
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
    """As `move_forsendelse` for a whole portion, in as many statements as for one letter; return the moved
    ids.

    `unless` selects letters to leave alone; nobody may add to it while the caller's locks are held.
    """
    legal = [status for status in fra if til in OVERGANGER[status]]
    these = Forsendelse.id == any_(uuid_array(ids))
    moved = guarded_update_all(
        Forsendelse,
        where={"status": legal},
        condition=these if unless is None else these & Forsendelse.id.not_in(unless),
        values={"status": til, "status_endret": clock.now_sql()},
        old=("id", "status"),
        limit=len(ids),
    )
    if waited := [row.id for row in moved if row.status == Status.KLAR_FOR_MOTTAK]:
        svarinn_handover.close_wait(waited)
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
    **changes: object,
) -> list[UUID]:
    """As `move_levering`, for at most `limit` leveringer of `condition` with a status of `fra`; return their
    letters.
    """
    assert all(til in LEVERINGSOVERGANGER[status] for status in fra)
    moved = guarded_update_all(
        Levering,
        where={"status": fra},
        condition=condition,
        values={"status": til, "eier": None, **changes},
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
    """A claimed levering. Every later change is guarded by owner and attempt number."""

    levering_id: UUID
    forsendelse_id: UUID
    eier: int
    forsok: int


def move_claimed(claim: Claim, til: Leveringsstatus, *, kode: str, aktor: str, **changes: object) -> bool:
    """Move a levering that we have claimed on from SENDER; False when it is no longer ours."""
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
    """Move an unclaimed levering; return whether its status still was `fra`."""
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


UNCLAIMED = (Leveringsstatus.KLAR, Leveringsstatus.VENTER, Leveringsstatus.TIL_BEHANDLING)
"""Open statuses in which no call is under way or in doubt."""


@dataclass(frozen=True, slots=True)
class Apen:
    """An open levering and its status."""

    levering_id: UUID
    status: Leveringsstatus


_ROW = table_of(Levering).c
_OPEN = select(_ROW.id, _ROW.forsendelse_id, _ROW.status).where(
    _ROW.forsendelse_id == any_(bindparam("letters", type_=ARRAY(Uuid(as_uuid=True)))),
    _ROW.status.in_([str(status) for status in OPEN]),
)
_LOCK_OPEN = _OPEN.order_by(_ROW.id).with_for_update()


def lock_open_leveringer(ids: Sequence[UUID]) -> dict[UUID, Apen]:
    """Lock the letters' open leveringer until the transaction ends; return them by letter.

    A levering that ended while we waited for its lock may have been followed by a new one, so the query is
    repeated until all open ones are locked.
    """
    these = {"letters": list(ids)}
    locked: set[UUID] = set()
    while True:
        locked |= {row.id for row in session().execute(_LOCK_OPEN, these)}
        found = session().execute(_OPEN, these).all()
        if locked.issuperset(row.id for row in found):
            return {row.forsendelse_id: Apen(row.id, Leveringsstatus(row.status)) for row in found}


def stop_open_levering(forsendelse_id: UUID, *, kode: str, aktor: str) -> bool:
    """Stop the letter's open levering if no call can have begun; return whether it was stopped.

    One in SENDER is marked, so that its worker stops it.
    """
    return stop_locked_levering(
        lock_open_leveringer([forsendelse_id]).get(forsendelse_id), kode=kode, aktor=aktor
    )


def stop_locked_levering(open_one: Apen | None, *, kode: str, aktor: str) -> bool:
    """As `stop_open_levering`, for the levering that `lock_open_leveringer` has just returned."""
    if open_one is None or open_one.status is Leveringsstatus.UAVKLART:
        return False
    levering_id = open_one.levering_id
    if open_one.status is Leveringsstatus.SENDER:
        session().execute(update(Levering).where(Levering.id == levering_id).values(stopp_onsket=True))
        return False
    return move_levering(
        levering_id, fra=open_one.status, til=Leveringsstatus.STOPPET, kode=kode, aktor=aktor
    )


def levering_reference(forsendelse_id: UUID, nr: int) -> UUID:
    """The id of a letter's levering number `nr`, from 1. The channel knows the letter by it (ADR 0032)."""
    return uuid5(forsendelse_id, f"levering {nr}")


def open_levering(
    forsendelse_id: UUID, *, utsending_id: UUID | None, bane: str, kanal: str | None, aktor: str, kode: str
) -> UUID:
    """Create the letter's next levering, ready to be claimed. The caller has locked the letter or its last
    open levering.

    The id follows from the letter and the number of earlier leveringer. After a restored backup the channel
    therefore recognises what was sent after the backup.
    """
    before = select(func.count()).select_from(Levering).where(Levering.forsendelse_id == forsendelse_id)
    levering_id = levering_reference(forsendelse_id, session().execute(before).scalar_one() + 1)
    row = Levering(
        id=levering_id, forsendelse_id=forsendelse_id, utsending_id=utsending_id, bane=bane, kanal=kanal
    )
    session().add(row)
    session().flush()
    append_events(
        [Event(forsendelse_id, "LEVERING", kode, aktor, til=Leveringsstatus.KLAR, levering_id=row.id)]
    )
    return row.id


def open_levering_for_person(
    forsendelse_id: UUID,
    *,
    utsending_id: UUID | None,
    bane: str,
    kanal: str,
    aktor: str,
    kode: str,
    venter: str,
    feilkode: str,
) -> None:
    """As `open_levering`, for a levering that waits for a person: it is TIL_BEHANDLING at once.

    `kode`: the event of its creation; `venter`: the event of its wait.
    """
    made = open_levering(
        forsendelse_id, utsending_id=utsending_id, bane=bane, kanal=kanal, aktor=aktor, kode=kode
    )
    move_levering(
        made,
        fra=Leveringsstatus.KLAR,
        til=Leveringsstatus.TIL_BEHANDLING,
        kode=venter,
        aktor=aktor,
        feilkode=feilkode,
    )
