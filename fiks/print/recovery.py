"""The sweeper's part of print: packages whose owner is gone, waits that are over, unknown outcomes.

Everything is "state and age at least x", never a window. Two sweepers at once are harmless.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update

from fiks.core import clock
from fiks.core.attempts import LOOKUPS_BEFORE_RETRY, UNKNOWN_AT_MOST, lookup_gap, retry_delay
from fiks.core.db import ring, session, transaction
from fiks.core.environment import current
from fiks.core.errors import Avvist, KanalFeil
from fiks.core.locks import take_if_dead
from fiks.print.handover import Hus, Husene
from fiks.print.models import Leverandor, Ordre, Pakke
from fiks.print.order_rules import Ordrestatus, Pakkestatus
from fiks.print.outcomes import after_lost_owner, give_back, orders_are_there
from fiks.print.service import LANE
from fiks.print.transitions import Pakkekrav, move_package

log = logging.getLogger(__name__)
PORTION = 500


def ready_lanes() -> list[str]:
    """The lane of packages, when one is ready and its house is not paused."""
    ready = (
        select(Pakke.id)
        .join(Leverandor, Leverandor.kode == Pakke.leverandor)
        .where(
            Pakke.status == Pakkestatus.KLAR,
            Pakke.neste_forsok <= func.now(),
            or_(Leverandor.pause_til.is_(None), Leverandor.pause_til <= func.now()),
        )
    )
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

    What is found and not found means is in reliability.md 4.4. A house that does not answer is asked once a sweep, and
    each time for another: the one asked for goes to the end of the house's line. What breaks in another way is logged
    and goes there too, and is raised when all others have been looked up.
    """
    waiting = (
        select(Pakke.leverandor).where(_to_be_looked_up(), Pakke.leverandor.in_(list(houses))).distinct()
    )
    broken = list[Exception]()
    codes = session().scalars(waiting).all()
    settled = sum(_resolve_house(kode, houses[kode], limit, broken) for kode in codes)
    if broken:
        raise broken[-1]
    return settled


def _resolve_house(kode: str, house: Hus, limit: int, broken: list[Exception]) -> int:
    """Look up what is due at one house; return how many were settled. What nobody had thought of is in `broken`."""
    due = (
        session()
        .execute(
            select(Pakke.id, Pakke.forsok)
            .where(_to_be_looked_up(), Pakke.leverandor == kode)
            .order_by(func.coalesce(Pakke.sist_oppslag, Pakke.uavklart_siden))
            .limit(limit)
        )
        .all()
    )
    session().rollback()
    settled = 0
    for row in due:
        try:
            found = _resolve_one(house, kode, row)
        except Exception as error:
            log.exception("lookup_broken", extra={"kanal": kode, "pakke": str(row.id)})
            session().rollback()
            _let_rest(row.id, row.forsok)
            broken.append(error)
            continue
        if found is None:
            break
        settled += found
    return settled


def _resolve_one(house: Hus, kode: str, row: Row[UUID, int]) -> bool | None:
    """Look one up; return whether it was settled, None when the house did not answer."""
    try:
        ref = house.lookup(str(row.id))
    except KanalFeil as error:
        log.warning("lookup_failed", extra={"kanal": kode, "kode": error.kode, "pakke": str(row.id)})
        _let_rest(row.id, row.forsok)
        return False if isinstance(error, Avvist) else None
    return adopt(row.id, ref) if ref is not None else _count_empty(row.id, row.forsok)


def _let_rest(pakke_id: UUID, forsok: int) -> None:
    """Nothing is known of it after this look-up, and the others come first."""
    with transaction() as tx:
        tx.execute(
            update(Pakke)
            .where(Pakke.id == pakke_id, Pakke.forsok == forsok, _to_be_looked_up())
            .values(sist_oppslag=func.now())
        )


def _to_be_looked_up() -> ColumnElement[bool]:
    """An unknown package that was not looked up a moment ago."""
    gap = lookup_gap(current().karantene_sekunder)
    return and_(
        Pakke.status == Pakkestatus.UAVKLART,
        or_(Pakke.sist_oppslag.is_(None), Pakke.sist_oppslag <= func.now() - gap),
    )


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


def _count_empty(pakke_id: UUID, forsok: int) -> bool:
    """Count one empty look-up; ready again when there are enough of them and the quarantine is over.

    A receipt for one of its orders says that the house has it after all, if we ever began to hand it over. One whose
    every call ends so is a person's when its tries are used up and it is a day old.
    """
    quarantine = timedelta(seconds=current().karantene_sekunder)
    with transaction() as tx:
        row = tx.execute(
            update(Pakke)
            .where(Pakke.id == pakke_id, Pakke.forsok == forsok, _to_be_looked_up())
            .values(tomme_oppslag=Pakke.tomme_oppslag + 1, sist_oppslag=func.now())
            .returning(
                Pakke.tomme_oppslag,
                Pakke.tapte_eiere,
                Pakke.forste_kall,
                (Pakke.forsok - Pakke.frie_forsok).label("talte_forsok"),
                (Pakke.uavklart_siden <= func.now() - quarantine).label("karantene_over"),
                (Pakke.opprettet <= func.now() - UNKNOWN_AT_MOST).label("gammel"),
            )
        ).first()
        if row is None or row.tomme_oppslag < LOOKUPS_BEFORE_RETRY or not row.karantene_over:
            return False
        answered = select(Ordre.id).where(Ordre.pakke_id == pakke_id, Ordre.status != Ordrestatus.MOTTATT)
        if row.forste_kall is not None and tx.execute(answered).first() is not None:
            return adopt(pakke_id, f"{pakke_id}.zip")
        ring(LANE)
        used_up = row.gammel and retry_delay(row.talte_forsok) is None
        til = Pakkestatus.TIL_BEHANDLING if used_up else after_lost_owner(False, row.tapte_eiere)
        return move_package(pakke_id, fra=Pakkestatus.UAVKLART, til=til, neste_forsok=func.now())
