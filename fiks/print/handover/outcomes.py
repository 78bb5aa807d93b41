"""Outcomes of a claimed package: the house has it, may have it, or does not; and the effect on its orders.

Each is one transaction, or part of the caller's where stated. Changes are guarded by owner and attempt.
"""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, select, update

from fiks.core import clock
from fiks.core.actor import PRINT
from fiks.core.db import session, transaction
from fiks.core.errors import KanalFeil, ProvIgjen
from fiks.core.queue.delivery_attempts import (
    ONE_MINUTE,
    UNKNOWN_OUTCOME_COLUMNS,
    retry_columns,
    status_after_lost_owner,
    uncounted_retry_columns,
)
from fiks.print.handover.contents import OrdreOdelagt
from fiks.print.models import Leverandor, Ordre, Pakke
from fiks.print.states import Ordrestatus, Pakkestatus
from fiks.print.transitions import Pakkekrav, dissolve, move_claimed, move_orders

log = logging.getLogger(__name__)
PAUSE_AFTER, PAUSE = 3, ONE_MINUTE
"""Circuit breaker: a house that has failed so many times in a row is called once a minute, and its packages
lose no attempts.
"""


def record_sent(krav: Pakkekrav, ref: str) -> None:
    """Record that the house has the package: OVERLEVERT, and its orders PRODUSERT, in one transaction."""
    with transaction():
        if not move_claimed(
            krav, Pakkestatus.OVERLEVERT, leverandor_ref=ref, overlevert=clock.now_sql(), feilkode=None
        ):
            log.info("package_not_ours", extra={"pakke": str(krav.id)})
            return
        mark_handed_over(Ordre.pakke_id == krav.id)
        _house_answered(krav.leverandor)


def mark_handed_over(condition: ColumnElement[bool], *, pakke_id: object = Ordre.pakke_id) -> int:
    """Mark these orders as handed over (PRODUSERT) in the present transaction; return how many were not
    before.

    They stay in their package unless `pakke_id` says otherwise.
    """
    moved = move_orders(
        condition,
        fra=(Ordrestatus.MOTTATT,),
        til=Ordrestatus.PRODUSERT,
        kode="OVERLEVERT",
        aktor=PRINT.ref,
        overlevert=clock.now_sql(),
        pakke_id=pakke_id,
    )
    return len(moved)


def listed_orders_in(pakke_id: UUID) -> Select[UUID]:
    """Select the package's orders that stand in a house's list although the package was not handed over."""
    return select(Ordre.id).where(Ordre.pakke_id == pakke_id, Ordre.sett_hos_leverandor.is_not(None))


def dissolve_listed(krav: Pakkekrav) -> int:
    """Dissolve a package, in the present transaction: orders a house has are handed over, the others are
    packed again; return how many were there.

    One transaction, so that nobody can pack them meanwhile.
    """
    if not move_claimed(krav, Pakkestatus.OPPLOST):
        return 0
    there = mark_handed_over(Ordre.id.in_(listed_orders_in(krav.id)), pakke_id=None)
    dissolve(krav.id, [], kode="GJENOPPRETTET", aktor=PRINT.ref)
    return there


def _house_answered(kode: str) -> None:
    session().execute(
        update(Leverandor)
        .where(Leverandor.kode == kode, Leverandor.feil_pa_rad > 0)
        .values(feil_pa_rad=0, pause_til=None)
        .execution_options(synchronize_session=False)
    )


def _house_failed(kode: str) -> bool:
    """Count a failure of the house itself; return whether it is now paused."""
    failures = Leverandor.feil_pa_rad + 1
    row = session().execute(
        update(Leverandor)
        .where(Leverandor.kode == kode)
        .values(
            feil_pa_rad=failures,
            pause_til=case((failures >= PAUSE_AFTER, func.now() + PAUSE), else_=None),
        )
        .returning(Leverandor.feil_pa_rad)
        .execution_options(synchronize_session=False)
    )
    return row.scalar_one() >= PAUSE_AFTER


def postpone(krav: Pakkekrav, error: ProvIgjen, *, of_house: bool) -> None:
    """Nothing was delivered, for certain: wait and try again, or hand it to a person after the last attempt."""
    with transaction():
        paused = of_house and _house_failed(krav.leverandor)
        counts = not (error.throttled or paused)
        wait = retry_columns(Pakke, krav.id, krav.forsok, counts=counts, asked=error.after)
        if wait is None:
            _to_a_person(krav, error.kode)
        elif move_claimed(krav, Pakkestatus.VENTER, feilkode=error.kode, **wait):
            log.warning("package_waits", extra={"pakke": str(krav.id), "kode": error.kode})


def record_unknown_outcome(krav: Pakkekrav, error: KanalFeil) -> None:
    """Record an unknown outcome: the house may have the package, so look it up and never simply send it
    again.
    """
    with transaction():
        _house_failed(krav.leverandor)
        move_claimed(krav, Pakkestatus.UAVKLART, feilkode=error.kode, **UNKNOWN_OUTCOME_COLUMNS)
    log.warning("package_unclear", extra={"pakke": str(krav.id), "kode": error.kode})


def dissolve_broken(krav: Pakkekrav, broken: OrdreOdelagt) -> None:
    """Dissolve a package with an unprintable order: that order becomes FEILET, the others are packed again.
    No call was made.

    Not when an order has got a receipt since the package was read (its file is then gone): the house has the
    package.
    """
    with transaction() as tx:
        tx.execute(
            update(Pakke)
            .where(Pakke.id == krav.id, Pakke.eier == krav.eier, Pakke.forsok == krav.forsok)
            .values(kall_startet=None)
        )
        inside = select(Ordre.status).where(Ordre.pakke_id == krav.id).order_by(Ordre.id).with_for_update()
        answered = set(tx.scalars(inside)) != {Ordrestatus.MOTTATT}
        if not answered and move_claimed(krav, Pakkestatus.OPPLOST, feilkode=broken.kode):
            dissolve(krav.id, [broken.ordre_id], kode=broken.kode, aktor=PRINT.ref)
    if answered:
        postpone(krav, ProvIgjen(broken.kode, throttled=True), of_house=False)
    else:
        log.error("order_broken", extra={"ordre": str(broken.ordre_id), "kode": broken.kode})


def ask_a_person(krav: Pakkekrav, kode: str) -> None:
    """Set the package TIL_BEHANDLING: a person must act."""
    with transaction():
        _to_a_person(krav, kode)


def _to_a_person(krav: Pakkekrav, kode: str) -> None:
    if move_claimed(krav, Pakkestatus.TIL_BEHANDLING, feilkode=kode):
        log.error("package_needs_a_person", extra={"pakke": str(krav.id), "kode": kode})


def give_back(krav: Pakkekrav, *, lost: bool = True) -> None:
    """Take a package back from an owner that can no longer answer for it.

    If the owner was not `lost` and no call had begun, the package is ready in a minute and no attempt is
    counted.
    """
    with transaction() as tx:
        row = tx.execute(
            select(Pakke.kall_startet, Pakke.tapte_eiere).where(Pakke.id == krav.id).with_for_update()
        ).one()
        if not lost and row.kall_startet is None:
            move_claimed(krav, Pakkestatus.KLAR, **uncounted_retry_columns(Pakke))
            return
        owners = row.tapte_eiere + 1
        changes: dict[str, object] = {"tapte_eiere": owners}
        til = status_after_lost_owner(Pakkestatus, call_began=row.kall_startet is not None, lost=owners)
        if til is Pakkestatus.UAVKLART:
            changes |= UNKNOWN_OUTCOME_COLUMNS
        move_claimed(krav, til, **changes)
