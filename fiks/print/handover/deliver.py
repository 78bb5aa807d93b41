"""Hand-over of packages to print houses: claim, check protected addresses, read the files, mark the call,
call, record.

Each step is its own committed transaction, and no network call is made inside one (reliability.md 4.4). The
orders of a package were fixed when it was packed; nothing is changed here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from psycopg import Error as PsycopgError
from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError

from fiks.core.db import DATABASE_FAULTS, session, transaction
from fiks.core.errors import Avvist, ProvIgjen, Uavklart, Utilgjengelig
from fiks.core.isolate import BarnFeil, BarnUtilgjengelig
from fiks.core.queue.delivery_attempts import UNKNOWN_OUTCOME_COLUMNS
from fiks.core.queue.owner_lock import Owner
from fiks.pdf import Sammenfletter
from fiks.print.handover.address_check import Vern, may_be_handed_over
from fiks.print.handover.blocked_files import split_off_unreadable
from fiks.print.handover.contents import OrdreOdelagt, read_package
from fiks.print.handover.outcomes import (
    ask_a_person,
    dissolve_broken,
    dissolve_listed,
    give_back,
    listed_orders_in,
    postpone,
    record_sent,
    record_unknown_outcome,
)
from fiks.print.handover.package_file import PACKAGE_NOT_MADE
from fiks.print.models import Pakke
from fiks.print.package_conditions import is_ready
from fiks.print.rules import Overtatt, Printkvittering, Printpakke
from fiks.print.states import Pakkestatus
from fiks.print.transitions import Pakkekrav, move_claimed

log = logging.getLogger(__name__)
ALREADY_LISTED = "ALT_HOS_TRYKKERIET"
"""Error code of a package that must be looked up although we never handed it over."""


class Hus(Protocol):
    """A print house over the wire (Protocol). `send` and `lookup` take packages; all raise the client's
    errors.

    Packages in `waiting` have arrived but are not yet in `taken_over`.
    """

    def send(self, pakke: Printpakke) -> str: ...

    def lookup(self, navn: str) -> str | None: ...

    def lookup_many(self, navn: Collection[str]) -> Mapping[str, str]: ...

    def receipts(self, after: str | None, limit: int) -> tuple[list[Printkvittering], str | None]: ...

    def taken_over(self, use: Callable[[Sequence[Overtatt]], None]) -> None: ...

    def waiting(self) -> Sequence[str]: ...

    def orders_in(self, navn: str) -> Sequence[str]: ...


Husene = Mapping[str, Hus]
"""Print houses that have an address in the settings, by code."""


def deliver(
    owner: Owner, houses: Husene, merger: Callable[[], Sammenfletter], frozen: Callable[[], bool], vern: Vern
) -> int:
    """Claim one ready package and hand it over; return how many were claimed. Claims nothing while `frozen`.

    `vern` is asked about packages that have waited long.
    """
    with owner.claiming() as eier:
        krav = claim(eier, list(houses), frozen)
    if krav is None:
        return 0
    try:
        if may_be_handed_over(krav, vern):
            _hand_over(krav, owner, houses[krav.leverandor], merger)
    except BaseException as error:
        _release_after_failure(krav, owner, lost=not isinstance(error, DATABASE_FAULTS))
        raise
    return 1


def claim(eier: int, houses: Sequence[str], frozen: Callable[[], bool]) -> Pakkekrav | None:
    """Claim the oldest ready package (`is_ready`) at one of `houses` for owner `eier`."""
    with transaction() as tx:
        if frozen():
            return None
        ready = (
            select(Pakke.id)
            .where(is_ready(houses))
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
        dissolve_broken(krav, broken)
        return
    except Utilgjengelig as error:
        _wait_for(error, krav)
        return
    except BarnFeil as error:
        postpone(krav, ProvIgjen(error.kode), of_house=False)
        return
    if pakke is None:
        _settle_answered(krav)
        return
    if not (owner.alive() and owner.number == krav.eier and _begin_call(krav)):
        return
    try:
        ref = house.send(pakke)
    except Avvist as error:
        ask_a_person(krav, error.kode)
    except ProvIgjen as error:
        postpone(krav, error, of_house=error.kode != PACKAGE_NOT_MADE)
    except Uavklart as error:
        record_unknown_outcome(krav, error)
    except OrdreOdelagt as broken:
        dissolve_broken(krav, broken)
    except Utilgjengelig as error:
        _wait_for(error, krav)
    else:
        record_sent(krav, ref)


def _wait_for(error: Utilgjengelig, krav: Pakkekrav) -> None:
    """Postpone a package because a file, its key or a child process is unavailable. No call was made, so it
    costs no attempt.

    If only some of its files have been unavailable for long, the others are sent without them.
    """
    try:
        done = not isinstance(error, BarnUtilgjengelig) and split_off_unreadable(krav, error.kode)
    except OrdreOdelagt as broken:
        dissolve_broken(krav, broken)
        return
    if not done:
        postpone(krav, ProvIgjen(error.kode, throttled=True), of_house=False)


def _begin_call(krav: Pakkekrav) -> bool:
    """Mark on the row that this attempt's call may leave the house. False: do not call.

    There is no call either when a print house's list already has an order of the package, which a restored
    database may learn this late.
    """
    with transaction() as tx:
        if tx.execute(select(listed_orders_in(krav.id).exists())).scalar_one():
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


def _settle_answered(krav: Pakkekrav) -> None:
    """Settle a package with a receipt for one of its orders: the house has it, provided we ever began to hand
    it over.

    If we did not, the receipt may belong to an earlier round of an order that came back to this house.
    """
    called = session().execute(select(Pakke.forste_kall).where(Pakke.id == krav.id)).scalar_one() is not None
    session().rollback()
    if called:
        record_sent(krav, f"{krav.id}.zip")
    else:
        with transaction():
            _look_up_first(krav)


def _look_up_first(krav: Pakkekrav) -> None:
    """Look a package up, in the present transaction: the house has an order of it although, as far as we
    know, it was never handed over.

    The house may have this very package, which is looked up by its name. If that has already found nothing,
    the package is dissolved.
    """
    feilkode = session().execute(select(Pakke.feilkode).where(Pakke.id == krav.id)).scalar_one()
    if feilkode == ALREADY_LISTED:
        dissolve_listed(krav)
    else:
        move_claimed(krav, Pakkestatus.UAVKLART, feilkode=ALREADY_LISTED, **UNKNOWN_OUTCOME_COLUMNS)
    log.error("package_was_listed", extra={"pakke": str(krav.id)})


def _release_after_failure(krav: Pakkekrav, owner: Owner, *, lost: bool) -> None:
    """Release the claim after an unforeseen error: nothing may stay claimed by a process that lives on.

    Counts as a lost owner when `lost`; database errors do not, since no package is to blame for them.
    """
    try:
        session().rollback()
        give_back(krav, lost=lost)
    except (SQLAlchemyError, PsycopgError) as error:
        log.warning("claims_not_given_back", extra={"error": type(error).__name__})
        owner.release()
