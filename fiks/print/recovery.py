"""The sweeper's part of print: packages whose owner is gone, waits that are over, unknown outcomes.

Everything is "state and age at least x", never a window. Two sweepers at once are harmless.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import partial
from uuid import UUID

from sqlalchemy import func, select

from fiks.core import clock, trace
from fiks.core.db import ring, session, transaction
from fiks.core.environment import current
from fiks.core.locks import take_if_dead
from fiks.core.unclear import PORTION, Unknown, count_empty, last_heard_of, settle_all, to_be_looked_up
from fiks.print.handover import Husene
from fiks.print.models import Ordre, Pakke
from fiks.print.order_rules import Ordrestatus, Pakkestatus
from fiks.print.outcomes import give_back, orders_are_there
from fiks.print.ready import is_ready
from fiks.print.service import LANE
from fiks.print.transitions import Pakkekrav, move_package


def ready_lanes() -> list[str]:
    """The lane of packages, when there is one that may be handed over now."""
    ready = select(Pakke.id).where(is_ready(current().print_houses))
    return [LANE] if session().execute(select(ready.exists())).scalar_one() else []


def recover_orphans() -> int:
    """Take back the packages that dead owners held."""
    held = select(Pakke.eier).distinct().where(Pakke.status == Pakkestatus.SENDER)
    owners = [owner for owner in session().scalars(held) if owner is not None]
    return sum(_recover(owner) for owner in owners)


def _recover(owner: int) -> int:
    with transaction() as tx:
        if not take_if_dead(owner):
            return 0
        rows = tx.execute(
            select(Pakke.id, Pakke.leverandor, Pakke.forsok)
            .where(Pakke.eier == owner, Pakke.status == Pakkestatus.SENDER)
            .order_by(Pakke.id)
        ).all()
        for row in rows:
            give_back(Pakkekrav(row.id, row.leverandor, owner, row.forsok))
        return len(rows)


def wake_waiting(limit: int = PORTION) -> int:
    """VENTER packages whose time has come are ready again."""
    with transaction() as tx:
        due = tx.scalars(
            select(Pakke.id)
            .where(Pakke.status == Pakkestatus.VENTER, Pakke.neste_forsok <= func.now())
            .order_by(Pakke.neste_forsok)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        for pakke_id in due:
            move_package(pakke_id, fra=Pakkestatus.VENTER, til=Pakkestatus.KLAR)
        if due:
            ring(LANE)
        return len(due)


def resolve_unclear(houses: Husene, limit: int = PORTION) -> int:
    """Look unknown packages up by their name, at most `limit` a house; return how many were settled.

    As with letters (`fiks.core.unclear.settle_all`): a house that does not answer is asked once a sweep.
    """
    waiting = select(Pakke.leverandor).where(to_be_looked_up(Pakke), Pakke.leverandor.in_(list(houses)))
    codes = session().scalars(waiting.distinct()).all()
    return settle_all(Pakke, codes, partial(_due, limit), partial(_look_up, houses), _following)


def _due(limit: int, house: str) -> list[Unknown]:
    due = (
        select(Pakke.id, Pakke.forsok)
        .where(to_be_looked_up(Pakke), Pakke.leverandor == house)
        .order_by(last_heard_of(Pakke))
        .limit(limit)
    )
    rows = session().execute(due).all()
    session().rollback()
    return [Unknown(row.id, row.forsok) for row in rows]


def _following(one: Unknown) -> AbstractContextManager[None]:
    return trace.following(None, pakke=str(one.id))


def _look_up(houses: Husene, house: str, one: Unknown) -> bool:
    """Look one up; return whether it was settled."""
    ref = houses[house].lookup(str(one.id))
    return adopt(one.id, ref) if ref is not None else _count_empty(one)


def adopt(pakke_id: UUID, ref: str) -> bool:
    """The house has the package, which was UAVKLART: its orders are handed over. False when it is not so any more."""
    with transaction():
        if not move_package(
            pakke_id,
            fra=Pakkestatus.UAVKLART,
            til=Pakkestatus.OVERLEVERT,
            leverandor_ref=ref,
            overlevert=clock.expression(),
        ):
            return False
        orders_are_there(Ordre.pakke_id == pakke_id)
    return True


def _count_empty(one: Unknown) -> bool:
    """Count one empty look-up; ready again when there are enough of them and the quarantine is over.

    A receipt for one of its orders says that the house has it after all, if we ever began to hand it over. One whose
    every call ends so is a person's when its tries are used up and it is a day old.
    """
    with transaction() as tx:
        searched = count_empty(Pakke, one)
        if searched is None or not searched.ended:
            return False
        answered = (
            select(Ordre.id)
            .join(Pakke, Pakke.id == Ordre.pakke_id)
            .where(
                Ordre.pakke_id == one.id,
                Ordre.status != Ordrestatus.MOTTATT,
                Pakke.forste_kall.is_not(None),
            )
        )
        if tx.execute(answered).first() is not None:
            return adopt(one.id, f"{one.id}.zip")
        ring(LANE)
        til = searched.after(Pakkestatus)
        return move_package(one.id, fra=Pakkestatus.UAVKLART, til=til, neste_forsok=func.now())
