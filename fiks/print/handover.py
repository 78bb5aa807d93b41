"""Handing packages over to the print houses: claim, read the files, mark that the call begins, call, record.

Each step is its own committed transaction and no network call happens inside one (reliability.md 4.4). Nothing of an
order can be changed here: which letters a package has was settled when it was made.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from psycopg import Error as PsycopgError
from sqlalchemy import ColumnElement, Select, case, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from fiks.core import clock
from fiks.core.attempts import MAX_LOST_OWNERS, retry_delay
from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, KanalFeil, ProvIgjen, Uavklart
from fiks.core.locks import Owner
from fiks.core.storage import LagerUtilgjengelig
from fiks.print.contents import OrdreOdelagt, read_package
from fiks.print.models import Leverandor, Ordre, Pakke
from fiks.print.order_rules import Ordrestatus, Pakkestatus
from fiks.print.pdf import Sammenfletter
from fiks.print.rules import Overtatt, Printkvittering, Printpakke
from fiks.print.transitions import Pakkekrav, dissolve, move_claimed, move_orders

log = logging.getLogger(__name__)
AKTOR = "system:print"
PAUSE_AFTER, PAUSE = 3, timedelta(minutes=1)
"""A house that has failed so many times in a row is asked once a minute, and its packages lose no attempts."""
WAS_THERE = "ALT_HOS_TRYKKERIET"
"""Why a package is looked up that was not handed over."""


class Hus(Protocol):
    """A print house over the wire. `send` and `lookup` are of packages; they raise what a client raises.

    What is `waiting` is there, but not `taken_over` yet.
    """

    def send(self, pakke: Printpakke) -> str: ...

    def lookup(self, navn: str) -> str | None: ...

    def lookup_many(self, navn: Collection[str]) -> Mapping[str, str]: ...

    def receipts(self, after: str | None, limit: int) -> tuple[list[Printkvittering], str | None]: ...

    def taken_over(self, use: Callable[[Sequence[Overtatt]], None]) -> None: ...

    def waiting(self) -> Sequence[str]: ...

    def orders_in(self, navn: str) -> Sequence[str]: ...


Husene = Mapping[str, Hus]
"""The print houses that the settings have an address of, by code."""


def deliver(
    owner: Owner, houses: Husene, merger: Callable[[], Sammenfletter], frozen: Callable[[], bool]
) -> int:
    """Claim one ready package and hand it over; return how many were claimed. None while `frozen`."""
    with owner.claiming() as eier:
        krav = claim(eier, list(houses), frozen)
    if krav is None:
        return 0
    try:
        _hand_over(krav, owner, houses[krav.leverandor], merger)
    except BaseException:
        _let_go(krav, owner)
        raise
    return 1


def claim(eier: int, houses: Sequence[str], frozen: Callable[[], bool]) -> Pakkekrav | None:
    """Take the oldest ready package of a house that is not paused, for owner `eier`."""
    with transaction() as tx:
        if frozen():
            return None
        may = or_(Leverandor.pause_til.is_(None), Leverandor.pause_til <= func.now())
        open_houses = select(Leverandor.kode).where(Leverandor.kode.in_(houses), Leverandor.aktiv, may)
        ready = (
            select(Pakke.id)
            .where(
                Pakke.status == Pakkestatus.KLAR,
                Pakke.neste_forsok <= func.now(),
                Pakke.leverandor.in_(open_houses),
            )
            .order_by(Pakke.neste_forsok, Pakke.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = tx.execute(
            update(Pakke)
            .where(Pakke.id == ready.scalar_subquery())
            .values(status=Pakkestatus.SENDER, eier=eier, forsok=Pakke.forsok + 1, kall_startet=None)
            .returning(Pakke.id, Pakke.leverandor, Pakke.forsok)
            .execution_options(synchronize_session=False)
        ).first()
    return None if row is None else Pakkekrav(row.id, row.leverandor, eier, row.forsok)


def _hand_over(krav: Pakkekrav, owner: Owner, house: Hus, merger: Callable[[], Sammenfletter]) -> None:
    try:
        pakke = read_package(krav, merger)
    except OrdreOdelagt as broken:
        _take_apart(krav, broken)
        return
    except LagerUtilgjengelig as error:
        postpone(krav, ProvIgjen(error.kode, throttled=True), of_house=False)
        return
    if pakke is None:
        _was_answered(krav)
        return
    if not (owner.alive() and owner.number == krav.eier and _begin_call(krav)):
        return
    try:
        ref = house.send(pakke)
    except Avvist as error:
        _ask_a_person(krav, error.kode)
    except ProvIgjen as error:
        postpone(krav, error, of_house=True)
    except Uavklart as error:
        record_unclear(krav, error)
    except OrdreOdelagt as broken:
        _take_apart(krav, broken)
    except LagerUtilgjengelig as error:
        postpone(krav, ProvIgjen(error.kode, throttled=True), of_house=False)
    else:
        record_sent(krav, ref)


def _begin_call(krav: Pakkekrav) -> bool:
    """Mark on the row that this attempt's call may leave the house. False: no call.

    Nor is there one when an order of the package stands in a house's list already, which a restored database may learn
    so late.
    """
    with transaction() as tx:
        if tx.execute(select(listed_in(krav.id).exists())).scalar_one():
            _look_up_first(krav)
            return False
        marked = tx.execute(
            update(Pakke)
            .where(
                Pakke.id == krav.id,
                Pakke.status == Pakkestatus.SENDER,
                Pakke.eier == krav.eier,
                Pakke.forsok == krav.forsok,
            )
            .values(
                kall_startet=func.clock_timestamp(),
                forste_kall=func.coalesce(Pakke.forste_kall, func.clock_timestamp()),
            )
            .returning(Pakke.id)
            .execution_options(synchronize_session=False)
        )
        return marked.first() is not None


def _was_answered(krav: Pakkekrav) -> None:
    """A receipt came for an order of the package, so the house has the package, if we ever began to hand it over.

    If not, the receipt may be of an earlier round of an order that came back to this house.
    """
    called = session().execute(select(Pakke.forste_kall).where(Pakke.id == krav.id)).scalar_one() is not None
    session().rollback()
    if called:
        record_sent(krav, f"{krav.id}.zip")
    else:
        with transaction():
            _look_up_first(krav)


def _look_up_first(krav: Pakkekrav) -> None:
    """The house has an order of a package that, by what we know, it was never handed: in the present transaction.

    It may have this very package, which is looked up by its name. When that has found nothing, it is taken apart.
    """
    feilkode = session().execute(select(Pakke.feilkode).where(Pakke.id == krav.id)).scalar_one()
    if feilkode == WAS_THERE:
        let_go_of_listed(krav)
    else:
        move_claimed(krav, Pakkestatus.UAVKLART, feilkode=WAS_THERE, **unknown_from_now())
    log.error("package_was_listed", extra={"pakke": str(krav.id)})


def record_sent(krav: Pakkekrav, ref: str) -> None:
    """Record that the house has the package: OVERLEVERT, and its orders PRODUSERT, one transaction."""
    with transaction():
        if not move_claimed(
            krav, Pakkestatus.OVERLEVERT, leverandor_ref=ref, overlevert=clock.expression(), feilkode=None
        ):
            log.info("package_not_ours", extra={"pakke": str(krav.id)})
            return
        orders_are_there(Ordre.pakke_id == krav.id)
        _house_answered(krav.leverandor)


def orders_are_there(condition: ColumnElement[bool], *, pakke_id: object = Ordre.pakke_id) -> int:
    """These orders are with their house, in the package they lie in unless told otherwise: PRODUSERT, in the present
    transaction; how many were not before."""
    moved = move_orders(
        condition,
        fra=(Ordrestatus.MOTTATT,),
        til=Ordrestatus.PRODUSERT,
        kode="OVERLEVERT",
        aktor=AKTOR,
        overlevert=clock.expression(),
        pakke_id=pakke_id,
    )
    return len(moved)


def listed_in(pakke_id: UUID) -> Select[UUID]:
    """The orders of a package that stand in a house's list, though the package was not handed over."""
    return select(Ordre.id).where(Ordre.pakke_id == pakke_id, Ordre.sett_hos_leverandor.is_not(None))


def let_go_of_listed(krav: Pakkekrav) -> int:
    """Take a package apart, in the present transaction: its orders that a house has are there, the others are packed
    anew; return how many were there.

    In one transaction, so that nobody can pack them meanwhile.
    """
    if not move_claimed(krav, Pakkestatus.OPPLOST):
        return 0
    there = orders_are_there(Ordre.id.in_(listed_in(krav.id)), pakke_id=None)
    dissolve(krav.id, [], kode="GJENOPPRETTET", aktor=AKTOR)
    return there


def _house_answered(kode: str) -> None:
    session().execute(
        update(Leverandor)
        .where(Leverandor.kode == kode, Leverandor.feil_pa_rad > 0)
        .values(feil_pa_rad=0, pause_til=None)
        .execution_options(synchronize_session=False)
    )


def _house_failed(kode: str) -> bool:
    """Count a failure of the house itself; whether it is paused."""
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
    """Nothing was delivered, for certain: wait and try again, or ask a person after the last try."""
    with transaction() as tx:
        paused = of_house and _house_failed(krav.leverandor)
        counts = not (error.throttled or paused)
        free = tx.execute(select(Pakke.frie_forsok).where(Pakke.id == krav.id)).scalar_one()
        delay = retry_delay(krav.forsok - free) if counts else timedelta(seconds=error.after or 60.0)
        if delay is None:
            _to_a_person(krav, error.kode)
            return
        jitter = random.uniform(0.8, 1.2) if counts else 1.0
        changes: dict[str, object] = {"feilkode": error.kode, "neste_forsok": func.now() + delay * jitter}
        if not counts:
            changes["frie_forsok"] = Pakke.frie_forsok + 1
        if move_claimed(krav, Pakkestatus.VENTER, **changes):
            log.warning("package_waits", extra={"pakke": str(krav.id), "kode": error.kode})


def record_unclear(krav: Pakkekrav, error: KanalFeil) -> None:
    """The house may have the package: look it up, and never just send it again."""
    with transaction():
        _house_failed(krav.leverandor)
        move_claimed(krav, Pakkestatus.UAVKLART, feilkode=error.kode, **unknown_from_now())
    log.warning("package_unclear", extra={"pakke": str(krav.id), "kode": error.kode})


def unknown_from_now() -> dict[str, object]:
    return {"uavklart_siden": func.now(), "tomme_oppslag": 0, "sist_oppslag": None}


def _take_apart(krav: Pakkekrav, broken: OrdreOdelagt) -> None:
    """An order in the package cannot be printed: it FEILET, and the others are packed anew. No call has been made."""
    with transaction():
        session().execute(
            update(Pakke)
            .where(Pakke.id == krav.id, Pakke.eier == krav.eier, Pakke.forsok == krav.forsok)
            .values(kall_startet=None)
        )
        if move_claimed(krav, Pakkestatus.OPPLOST, feilkode=broken.kode):
            dissolve(krav.id, [broken.ordre_id], kode=broken.kode, aktor=AKTOR)
    log.error("order_broken", extra={"ordre": str(broken.ordre_id), "kode": broken.kode})


def _ask_a_person(krav: Pakkekrav, kode: str) -> None:
    with transaction():
        _to_a_person(krav, kode)


def _to_a_person(krav: Pakkekrav, kode: str) -> None:
    if move_claimed(krav, Pakkestatus.TIL_BEHANDLING, feilkode=kode):
        log.error("package_needs_a_person", extra={"pakke": str(krav.id), "kode": kode})


def _let_go(krav: Pakkekrav, owner: Owner) -> None:
    """Something unforeseen broke the hand-over: nothing may stay claimed by a process that lives on."""
    try:
        session().rollback()
        give_back(krav)
    except (SQLAlchemyError, PsycopgError) as error:
        log.warning("claims_not_given_back", extra={"error": type(error).__name__})
        owner.release()


def give_back(krav: Pakkekrav) -> None:
    """Take a package back from an owner who can no longer answer for it."""
    with transaction() as tx:
        row = tx.execute(
            select(Pakke.kall_startet, Pakke.tapte_eiere).where(Pakke.id == krav.id).with_for_update()
        ).one()
        lost = row.tapte_eiere + 1
        changes: dict[str, object] = {"tapte_eiere": lost}
        til = after_lost_owner(row.kall_startet is not None, lost)
        if til is Pakkestatus.UAVKLART:
            changes |= unknown_from_now()
        move_claimed(krav, til, **changes)


def after_lost_owner(call_began: bool, lost: int) -> Pakkestatus:
    """As for a levering: unknown if its call may have left the house, else ready again, or a person's."""
    if call_began:
        return Pakkestatus.UAVKLART
    return Pakkestatus.TIL_BEHANDLING if lost >= MAX_LOST_OWNERS else Pakkestatus.KLAR
