"""The only way the status of an SMS changes: a guarded update with its history row in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import func, insert, select

from fiks.core import clock
from fiks.core.db import guarded_update, session
from fiks.sms.models import Sms, Smshendelse
from fiks.sms.rules import OVERGANGER, Status


def record_created(ids: Iterable[UUID]) -> None:
    """Write the first history row of new SMS, in the present transaction."""
    rows = [{"sms_id": one, "lopenr": 1, "fra": None, "til": Status.OPPRETTET} for one in ids]
    session().execute(insert(Smshendelse).values(tid=clock.now_sql()), rows)


def move(
    sms_id: UUID,
    *,
    fra: Collection[Status],
    til: Status,
    kode: str | None = None,
    forsok: int | None = None,
    **changes: object,
) -> bool:
    """Move an SMS to `til` if its status is one of `fra` (and it is still attempt `forsok`); return whether
    it moved.

    Illegal transitions are ignored. `kode` is the reason in the history.
    """
    legal = [status for status in fra if til in OVERGANGER[status]]
    held = {} if forsok is None else {"forsok": forsok}
    moved = guarded_update(
        Sms,
        where={"id": sms_id, "status": legal, **held},
        values={"status": til, "endret": clock.now_sql(), **changes},
        old=("status",),
    )
    if moved is None:
        return False
    following = (
        select(func.coalesce(func.max(Smshendelse.lopenr), 0) + 1)
        .where(Smshendelse.sms_id == sms_id)
        .scalar_subquery()
    )
    session().execute(
        insert(Smshendelse).values(
            sms_id=sms_id, lopenr=following, fra=moved.status, til=til, kode=kode, tid=clock.now_sql()
        )
    )
    return True
