"""Whether what waits to be printed may still go on paper: its receiver's address may be protected by now.

Receivers are looked up when a letter is ordered, and it may lie for days since: until its package is full, or its house
is back. Who ordered it is asked once more when its package is to leave, and when it is moved to another house.
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
from fiks.core.handovers import next_try
from fiks.print.held import claimed, leave_behind, open_up
from fiks.print.models import Ordre, Pakke
from fiks.print.order_rules import Ordrestatus
from fiks.print.outcomes import ask_a_person, postpone
from fiks.print.transitions import Pakkekrav

log = logging.getLogger(__name__)
ANSWER_HOLDS = timedelta(hours=1)
"""What was said of a receiver is good for so long: most packages leave before, and ask nothing."""
NOT_TO_BE_PRINTED = "SKAL_IKKE_SKRIVES_UT"
BEFORE_RELEASE = "VENTER_PA_RELEASE"


@dataclass(frozen=True, slots=True)
class Bestilt:
    """An order, and what it is to its owner."""

    referanse: UUID
    kilde_id: UUID


@dataclass(frozen=True, slots=True)
class Papirsvar:
    """Which of some orders may not be printed any more, and of which nobody could say, with the code of why.

    `mottakers`: those of the latter where that may be because of the receiver.
    """

    skjermet: frozenset[UUID] = frozenset()
    uten_svar: Mapping[UUID, str] = field(default_factory=dict)
    mottakers: frozenset[UUID] = frozenset()


class Vern(Protocol):
    """Who ordered, as print asks them."""

    def ask(self, ordrer: Sequence[Bestilt], /) -> Papirsvar:
        """What is said of these orders, at most 1 000, now. KanalFeil or Utilgjengelig: nobody can be asked.

        Not called inside a transaction.
        """
        ...

    def call_off(self, ordrer: Sequence[Bestilt], let_go: Callable[[], bool], /) -> Collection[UUID]:
        """Call these orders off and have what they are for wait for a person; return which were.

        It is one transaction, or part of the caller's: what they are for is held before print lets go of them. None
        are when it does not.
        """
        ...

    def call_off_unanswered(
        self, ordrer: Sequence[Bestilt], let_go: Callable[[], bool], /
    ) -> Collection[UUID]:
        """As `call_off`, of orders of which nothing was said, try after try, because of their receivers."""
        ...


def may_leave(krav: Pakkekrav, vern: Vern) -> bool:
    """Whether the claimed package may be handed over as it is; if not, it is ours no more, and nothing was called.

    Without those who may not get paper now the others are packed anew. One that the house may have is never taken
    apart: a person moves its orders, which asks the house. Of whom nothing is said the others do not wait for long
    (`held`), and neither do they for ever; where nobody can be asked all wait, and that is no try. So does what has to
    be asked about on a schema of before `release`, which cannot say when that was done.
    """
    try:
        waiting = _asked_too_long_ago(krav.id)
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
        _go_without(krav, [one for one in waiting if one.referanse in told.skjermet], vern)
        return False
    if told.uten_svar:
        _wait_for_answer(krav, waiting, told, vern)
        return False
    return _note_asked(krav)


def _asked_too_long_ago(pakke_id: UUID) -> Sequence[Bestilt]:
    """All the orders of a package that has one to ask about, so that what is said is said of the whole package.

    None when the house has one of them already: then no call is made with the package.
    """
    past = clock.expression() - ANSWER_HOLDS
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
    """The others go without those of whom nothing is said. What cannot go without them, or has no others, uses up its
    tries when it may be the receivers, as at hand-over; after the last a person looks at them."""
    kode = next(iter(told.uten_svar.values()))
    if leave_behind(krav, told.uten_svar, kode):
        return
    doubted = _is_doubted(krav)
    of_receivers = told.mottakers.issuperset(told.uten_svar)
    if not of_receivers or not (doubted or len(told.uten_svar) == len(asked)):
        _wait(krav, kode)
    elif doubted or not _tries_are_used_up(krav):
        postpone(krav, ProvIgjen(kode), of_house=False)
    elif vern.call_off_unanswered(asked, lambda: open_up(krav, kode) is not None):
        log.warning("orders_unanswered", extra={"pakke": str(krav.id), "antall": len(asked), "kode": kode})
    else:
        _wait(krav, kode)


def _is_doubted(krav: Pakkekrav) -> bool:
    """Whether its house may have the package, for all that was ever known of it."""
    doubted = select(Pakke.uavklart_siden.is_not(None)).where(Pakke.id == krav.id)
    found = session().execute(doubted).scalar_one()
    session().rollback()
    return found


def _tries_are_used_up(krav: Pakkekrav) -> bool:
    wait = next_try(Pakke, krav.id, krav.forsok, counts=True, asked=None)
    session().rollback()
    return wait is None


def _go_without(krav: Pakkekrav, protected: Sequence[Bestilt], vern: Vern) -> None:
    if _is_doubted(krav):
        ask_a_person(krav, NOT_TO_BE_PRINTED)
        return
    gone = vern.call_off(protected, lambda: open_up(krav, NOT_TO_BE_PRINTED) is not None)
    if gone:
        log.info("orders_called_off", extra={"pakke": str(krav.id), "antall": len(gone)})
    else:
        _wait(krav, NOT_TO_BE_PRINTED)


def _note_asked(krav: Pakkekrav) -> bool:
    """Whoever dies, or is told to wait by the house, after this has asked; False when the package is not ours."""
    with transaction() as tx:
        noted = tx.execute(
            update(Pakke)
            .where(*claimed(krav))
            .values(spurt=clock.expression())
            .returning(Pakke.id)
            .execution_options(synchronize_session=False)
        )
        return noted.first() is not None
