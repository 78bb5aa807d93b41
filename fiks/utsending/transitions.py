"""The only writer of a mailing's status: guarded update, legal transition, history row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from fiks.core.actor import Aktor
from fiks.core.db import guarded_update, session
from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.core.telemetry import trace
from fiks.utsending.models import Utsending, Utsendingshendelse
from fiks.utsending.rules import OVERGANGER, Utsendingstatus


def lock_mailing(utsending_id: UUID) -> Utsending:
    """The mailing as it is now, locked until the present transaction ends. IkkeFunnet if discarded."""
    found = select(Utsending).where(Utsending.id == utsending_id).with_for_update()
    row = session().execute(found.execution_options(populate_existing=True)).scalar_one_or_none()
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    return row


def move(
    utsending_id: UUID,
    *,
    fra: Iterable[Utsendingstatus],
    til: Utsendingstatus,
    actor: Aktor,
    detaljer: dict[str, Any] | None = None,
    **changes: object,
) -> Utsendingstatus | None:
    """Move a mailing to `til` if its status is one of `fra`; return the old status, None if it was not."""
    legal = [status for status in fra if til in OVERGANGER[status]]
    moved = guarded_update(
        Utsending,
        where={"id": utsending_id, "status": legal},
        values={"status": til, "endret": func.now(), **changes},
        old=("status",),
    )
    if moved is None:
        return None
    write_history(utsending_id, fra=moved.status, til=til, actor=actor, detaljer=detaljer or {})
    return Utsendingstatus(moved.status)


def must_move(
    utsending_id: UUID,
    *,
    fra: Iterable[Utsendingstatus],
    til: Utsendingstatus,
    actor: Aktor,
    detaljer: dict[str, Any] | None = None,
    **changes: object,
) -> Utsendingstatus:
    """As `move`, but Konflikt("STATUS_ENDRET", status=…) when the status was another."""
    old = move(utsending_id, fra=fra, til=til, actor=actor, detaljer=detaljer, **changes)
    if old is None:
        status = (
            session()
            .execute(select(Utsending.status).where(Utsending.id == utsending_id))
            .scalar_one_or_none()
        )
        raise Konflikt("STATUS_ENDRET", status=status)
    return old


def was_moved_by(
    actor: Aktor, utsending_id: UUID, *, fra: Iterable[Utsendingstatus], til: Utsendingstatus
) -> bool:
    """Whether this actor's move from `fra` to `til` is the mailing's last event: a call made twice."""
    last = (
        select(Utsendingshendelse.fra, Utsendingshendelse.til, Utsendingshendelse.aktor)
        .where(Utsendingshendelse.utsending_id == utsending_id)
        .order_by(Utsendingshendelse.lopenr.desc())
        .limit(1)
    )
    found = session().execute(last).one_or_none()
    return found is not None and found.fra in set(fra) and (found.til, found.aktor) == (til, actor.ref)


def write_history(
    utsending_id: UUID, *, fra: str | None, til: str, actor: Aktor, detaljer: dict[str, Any]
) -> None:
    """Write one history row, numbered after the last. The caller holds the mailing's row lock."""
    following = select(func.coalesce(func.max(Utsendingshendelse.lopenr), 0) + 1).where(
        Utsendingshendelse.utsending_id == utsending_id
    )
    session().execute(
        insert(Utsendingshendelse).values(
            utsending_id=utsending_id,
            lopenr=following.scalar_subquery(),
            fra=fra,
            til=til,
            aktor=actor.ref,
            aktor_navn=actor.navn,
            detaljer=detaljer | trace.history_details(actor.request_id),
        )
    )


def request_of(utsending_id: UUID, til: Utsendingstatus) -> str | None:
    """The request id of the last move to `til`; None when the history has none."""
    row = Utsendingshendelse
    known = row.detaljer[trace.KEY].astext
    last = select(known).where(row.utsending_id == utsending_id, row.til == til, known.is_not(None))
    return session().scalar(last.order_by(row.lopenr.desc()).limit(1))
