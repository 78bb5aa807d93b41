"""Address protection checked again before printing: the receiver may have become protected since the order.

Receivers are looked up when a letter is ordered, but it may then wait for days until its package is full or
its house is back. Whoever ordered it is asked again when its package is about to leave, and when it is moved
to another house.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from psycopg.errors import UndefinedColumn
from sqlalchemy import false, func, or_, select, update
from sqlalchemy.exc import ProgrammingError

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import KanalFeil, ProvIgjen, Utilgjengelig
from fiks.core.queue.delivery_attempts import retry_columns
from fiks.print.handover.blocked_files import dissolve_claimed, split_off
from fiks.print.handover.outcomes import ask_a_person, postpone
from fiks.print.models import Ordre, Pakke
from fiks.print.states import Ordrestatus
from fiks.print.transitions import Pakkekrav, is_still_claimed

log = logging.getLogger(__name__)
ANSWER_HOLDS = timedelta(hours=1)
"""How long an answer about a receiver is valid: most packages leave sooner and need no question."""
NOT_TO_BE_PRINTED = "SKAL_IKKE_SKRIVES_UT"
BEFORE_RELEASE = "VENTER_PA_RELEASE"


@dataclass(frozen=True, slots=True)
class Bestilt:
    """An order, and the id of what it is for at its owner (`kilde_id`)."""

    referanse: UUID
    kilde_id: UUID


@dataclass(frozen=True, slots=True)
class Papirsvar:
    """Orders that may no longer be printed, and orders without an answer, with the error code.

    `mottakers`: those without an answer where the receiver may be the cause.
    """

    skjermet: frozenset[UUID] = frozenset()
    uten_svar: Mapping[UUID, str] = field(default_factory=dict)
    mottakers: frozenset[UUID] = frozenset()


class Vern(Protocol):
    """The owner of orders, as print asks it (Protocol)."""

    def ask(self, ordrer: Sequence[Bestilt], /) -> Papirsvar:
        """Return what may be printed of these orders, at most 1 000, now. Raises KanalFeil or Utilgjengelig
        when nobody can be asked.

        Not called inside a transaction.
        """
        ...

    def call_off(self, ordrer: Sequence[Bestilt], let_go: Callable[[], bool], /) -> Collection[UUID]:
        """Call these orders off and hand what they are for to a person; return which were called off.

        One transaction, or part of the caller's: what the orders are for is locked before `let_go` releases
        them. If `let_go` returns False, none is called off.
        """
        ...

    def call_off_unanswered(
        self, ordrer: Sequence[Bestilt], let_go: Callable[[], bool], /
    ) -> Collection[UUID]:
        """As `call_off`, for orders that never got an answer, attempt after attempt, because of their
        receivers.
        """
        ...


def may_be_handed_over(krav: Pakkekrav, vern: Vern) -> bool:
    """Return whether the claimed package may be handed over as it is; if not, the claim is released and no
    call was made.

    Orders that may no longer be printed are called off and the others packed again. A package the house may
    have is never dissolved: a person moves its orders, which asks the house. Orders without an answer are
    split off (`blocked_files`) so that the others do not wait long, and do not wait for ever themselves. When
    nobody can be asked, all wait, which costs no attempt. So do packages with a question on a schema before
    `release`, which lacks the column that records when it was asked.
    """
    try:
        waiting = _orders_to_ask_about(krav.id)
    except ProgrammingError as error:
        if not isinstance(error.orig, UndefinedColumn):
            raise
        session().rollback()
        _wait(krav, BEFORE_RELEASE)
        return False
    if not waiting:
        return True
    try:
        told = vern.ask(waiting)
    except (KanalFeil, Utilgjengelig) as error:
        _wait(krav, error.kode, error.after if isinstance(error, ProvIgjen) else None)
        return False
    if told.skjermet:
        _call_off_protected(krav, [one for one in waiting if one.referanse in told.skjermet], vern)
        return False
    if told.uten_svar:
        _wait_for_answer(krav, waiting, told, vern)
        return False
    return _note_asked(krav)


def _orders_to_ask_about(pakke_id: UUID) -> Sequence[Bestilt]:
    """Return all orders of a package that has one to ask about, so that the answer covers the whole package.

    Empty when the house already has one of them: then no call is made with the package.
    """
    past = clock.now_sql() - ANSWER_HOLDS
    settled = or_(Ordre.status != Ordrestatus.MOTTATT, Ordre.sett_hos_leverandor.is_not(None))
    inside = (
        select(Ordre.id, Ordre.kilde_id, settled.label("settled"), (Ordre.opprettet <= past).label("old"))
        .where(Ordre.pakke_id == pakke_id)
        .order_by(Ordre.id)
    )
    rows = session().execute(inside).all()
    wanted = any(row.old for row in rows) and not any(row.settled for row in rows)
    if wanted:
        just_asked = select(func.coalesce(Pakke.spurt > past, false())).where(Pakke.id == pakke_id)
        wanted = not session().execute(just_asked).scalar_one()
    session().rollback()
    return [Bestilt(row.id, row.kilde_id) for row in rows] if wanted else []


def _wait(krav: Pakkekrav, kode: str, after: float | None = None) -> None:
    postpone(krav, ProvIgjen(kode, after=after, throttled=True), of_house=False)


def _wait_for_answer(krav: Pakkekrav, asked: Sequence[Bestilt], told: Papirsvar, vern: Vern) -> None:
    """Split off the orders without an answer so that the others can go.

    If they cannot be split off, or there are no others, and the receivers may be the cause, the package uses
    up its attempts as at hand-over; after the last one a person takes over.
    """
    kode = next(iter(told.uten_svar.values()))
    if split_off(krav, told.uten_svar, kode):
        return
    doubted = _was_ever_in_doubt(krav)
    of_receivers = told.mottakers.issuperset(told.uten_svar)
    if not of_receivers or not (doubted or len(told.uten_svar) == len(asked)):
        _wait(krav, kode)
    elif doubted or not _tries_are_used_up(krav):
        postpone(krav, ProvIgjen(kode), of_house=False)
    elif vern.call_off_unanswered(asked, lambda: dissolve_claimed(krav, kode) is not None):
        log.warning("orders_unanswered", extra={"pakke": str(krav.id), "antall": len(asked), "kode": kode})
    else:
        _wait(krav, kode)


def _was_ever_in_doubt(krav: Pakkekrav) -> bool:
    """Return whether it was ever in doubt whether the house has the package."""
    doubted = select(Pakke.uavklart_siden.is_not(None)).where(Pakke.id == krav.id)
    found = session().execute(doubted).scalar_one()
    session().rollback()
    return found


def _tries_are_used_up(krav: Pakkekrav) -> bool:
    wait = retry_columns(Pakke, krav.id, krav.forsok, counts=True, asked=None)
    session().rollback()
    return wait is None


def _call_off_protected(krav: Pakkekrav, protected: Sequence[Bestilt], vern: Vern) -> None:
    if _was_ever_in_doubt(krav):
        ask_a_person(krav, NOT_TO_BE_PRINTED)
        return
    gone = vern.call_off(protected, lambda: dissolve_claimed(krav, NOT_TO_BE_PRINTED) is not None)
    if gone:
        log.info("orders_called_off", extra={"pakke": str(krav.id), "antall": len(gone)})
    else:
        _wait(krav, NOT_TO_BE_PRINTED)


def _note_asked(krav: Pakkekrav) -> bool:
    """Record that the question was asked, so that it is not repeated if the hand-over fails; False when the
    claim is lost.
    """
    with transaction() as tx:
        noted = tx.execute(
            update(Pakke)
            .where(*is_still_claimed(krav))
            .values(spurt=clock.now_sql())
            .returning(Pakke.id)
            .execution_options(synchronize_session=False)
        )
        return noted.first() is not None
