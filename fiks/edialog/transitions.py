"""The only way the status of a skjema changes: a guarded update with its history row in the same transaction."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, insert, select

from fiks.core import clock
from fiks.core.db import guarded_update, session
from fiks.edialog.models import EdialogHendelse, EdialogSkjema
from fiks.edialog.rules import OVERGANGER, Status, Tur


def record_created(skjema_id: UUID, aktor: str) -> None:
    """Write the first history row of a new skjema, in the present transaction."""
    _record(skjema_id, None, Status.IKKE_INNSENDT, "OPPRETTET", aktor)


def move(
    skjema_id: UUID,
    *,
    fra: Collection[Status],
    til: Status,
    kode: str,
    aktor: str,
    turn: Tur | None = None,
    **changes: object,
) -> bool:
    """Move a skjema to `til` if its status is one of `fra` (and it is still attempt `turn`); return whether
    it moved.

    Illegal transitions are ignored. `kode` is the reason in the history.
    """
    legal = [status for status in fra if til in OVERGANGER[status]]
    held = {} if turn is None else turn._asdict()
    moved = guarded_update(
        EdialogSkjema,
        where={"id": skjema_id, "status": legal, **held},
        values={"status": til, "endret": clock.now_sql(), **changes},
        old=("status",),
    )
    if moved is None:
        return False
    _record(skjema_id, Status(moved.status), til, kode, aktor)
    return True


def _record(skjema_id: UUID, fra: Status | None, til: Status, kode: str, aktor: str) -> None:
    following = (
        select(func.coalesce(func.max(EdialogHendelse.lopenr), 0) + 1)
        .where(EdialogHendelse.skjema_id == skjema_id)
        .scalar_subquery()
    )
    row = {"skjema_id": skjema_id, "fra": fra, "til": til, "kode": kode, "aktor": aktor}
    session().execute(insert(EdialogHendelse).values(lopenr=following, tid=clock.now_sql(), **row))
