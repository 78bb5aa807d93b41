"""Stopping a mailing's paper: orders that lie in no package, and failed ones that wait to be ordered again.

Also letters that failed before paper: refused by a mailbox and waiting for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, any_, func, or_, select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction, uuid_array
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.print.service import cancellable_orders, is_maybe_printed
from fiks.svarut.delivery.cancellation import call_may_have_begun, lock_letters, stop_leveringer
from fiks.svarut.lifecycle.print_order import call_off_prints, settle_without_paper
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import Kanal, Leveringsstatus, Status
from fiks.svarut.transitions import UNCLAIMED, move_forsendelser, move_leveringer

PORTION = 1_000


def count_stoppable(utsending_id: UUID) -> int:
    """How many of the mailing's letters `stop_paper` would keep off paper."""
    found = select(func.count()).select_from(Forsendelse).where(*_on_the_way(utsending_id), _stoppable())
    return session().execute(found).scalar_one()


@dataclass(frozen=True, slots=True)
class Porsjon:
    """How many letters were kept off paper, and the last id, after which the next portion begins; None at the
    end.
    """

    stoppet: int
    siste: UUID | None


def stop_paper(utsending_id: UUID, konto_id: UUID, *, after: UUID | None = None, actor: Aktor) -> Porsjon:
    """Close a portion of letters that no print house has yet (MANUELT_HANDTERT). Needs SVARUT.STOPPE on the
    konto.

    A letter that had gone nowhere counts as never sent; one in Altinn stays there. Call until `siste` is
    None, one transaction each, so that locks are held for a portion only.
    """
    konfigurasjon.require(actor, P.STOPPE, konto_id)
    with transaction():
        stopped, last = _stop(utsending_id, (Forsendelse.konto_id == konto_id) & _stoppable(), after, actor)
        audit.record(actor, "PAPIR_STOPPET", "utsending", utsending_id, antall=stopped)
        return Porsjon(stopped, last)


def stop_failed_paper(utsending_id: UUID, *, actor: Aktor) -> int:
    """Close the stopped mailing's letters whose printing failed, in the present transaction; return how many.

    Also those that a mailbox failed with and no other channel took. Nobody may send them again, so they need
    no person.
    """
    stopped, last = _stop(utsending_id, _printing_failed(), None, actor, kode="STOPPET")
    while last is not None:
        more, last = _stop(utsending_id, _printing_failed(), last, actor, kode="STOPPET")
        stopped += more
    return stopped + _end_failed_in_mailbox(utsending_id, actor)


def count_failed(utsending_id: UUID) -> tuple[int, int]:
    """How many letters with failed printing `stop_failed_paper` would close, and how many of them wait for a
    person.
    """
    waits = _hand_over().where(Levering.status == Leveringsstatus.TIL_BEHANDLING).exists()
    found = select(func.count(), func.count().filter(waits)).select_from(Forsendelse)
    failed, waiting = session().execute(found.where(*_on_the_way(utsending_id), _printing_failed())).one()
    return failed, waiting


def _end_failed_in_mailbox(utsending_id: UUID, actor: Aktor) -> int:
    """Close letters whose mailbox failed as unsent. One that its mailbox delivers after all waits for no
    person any more.
    """
    failed = select(Forsendelse.id).where(
        Forsendelse.utsending_id == utsending_id, Forsendelse.status == Status.SENDT_SDP
    )
    stopped = 0
    while letters := move_leveringer(
        and_(Levering.utsending_id == utsending_id, Levering.forsendelse_id.in_(failed)),
        fra=(Leveringsstatus.TIL_BEHANDLING,),
        til=Leveringsstatus.STOPPET,
        kode="STOPPET",
        aktor=actor.ref,
        limit=PORTION,
    ):
        closed = move_forsendelser(
            letters, fra=(Status.SENDT_SDP,), til=Status.MANUELT_HANDTERT, kode="STOPPET", aktor=actor.ref
        )
        settle_without_paper(closed)
        stopped += len(closed)
    return stopped


def _stop(
    utsending_id: UUID,
    which: ColumnElement[bool],
    after: UUID | None,
    actor: Aktor,
    kode: str = "IKKE_SKRIV_UT",
) -> tuple[int, UUID | None]:
    """Stop a portion of those letters; return how many, and the last id when there may be more."""
    wanted = select(Forsendelse.id).where(*_on_the_way(utsending_id), which).order_by(Forsendelse.id)
    ids = (
        session()
        .scalars((wanted if after is None else wanted.where(Forsendelse.id > after)).limit(PORTION))
        .all()
    )
    return _take_off_paper(ids, kode, actor), ids[-1] if len(ids) == PORTION else None


def _take_off_paper(ids: Sequence[UUID], kode: str, actor: Aktor) -> int:
    """Call off and close those of these letters that are certainly not printed; return how many."""
    held = lock_letters(ids)
    free = call_off_prints(ids, kode=kode, aktor=actor.ref)
    theirs = select(Levering.id).where(
        Levering.id == any_(uuid_array(held)), Levering.forsendelse_id == any_(uuid_array(free))
    )
    stop_leveringer(session().scalars(theirs).all(), kode=kode, aktor=actor.ref)
    calling = select(Levering.forsendelse_id).where(
        Levering.forsendelse_id == any_(uuid_array(free)), call_may_have_begun()
    )
    closed = move_forsendelser(
        free,
        fra=(Status.SENDT_PRINT,),
        til=Status.MANUELT_HANDTERT,
        kode=kode,
        aktor=actor.ref,
        unless=calling,
    )
    settle_without_paper(closed)
    return len(closed)


def _on_the_way(utsending_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return Forsendelse.utsending_id == utsending_id, Forsendelse.status == Status.SENDT_PRINT


def _stoppable() -> ColumnElement[bool]:
    ordered = _hand_over().where(
        Levering.status == Leveringsstatus.OVERLEVERT, Levering.id.in_(cancellable_orders())
    )
    return or_(ordered.exists(), _printing_failed())


def _printing_failed() -> ColumnElement[bool]:
    """SQL on a SENDT_PRINT letter: its order failed and it is to be ordered again."""
    again = _hand_over().where(Levering.status.in_((*UNCLAIMED, Leveringsstatus.SENDER)))
    live = _hand_over().where(Levering.status == Leveringsstatus.OVERLEVERT, is_maybe_printed(Levering.id))
    return and_(again.exists(), ~live.exists())


def _hand_over() -> Select[UUID]:
    own = select(Levering.id).where(
        Levering.forsendelse_id == Forsendelse.id,
        Levering.utsending_id == Forsendelse.utsending_id,
        Levering.kanal == Kanal.PRINT,
    )
    return own.correlate(Forsendelse)
