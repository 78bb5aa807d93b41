"""Acts on a mailing that is or was sent: retry letters that wait for a person, keep letters off paper."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select

from fiks.core.actor import SVEIPER, Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.konfigurasjon.rules import P
from fiks.svarut.delivery.cancellation import call_may_have_begun
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.paper import cancellation
from fiks.svarut.rules import UNREAD_ALTINN, Bane, Kanal, Leveringsstatus, Status
from fiks.svarut.sender import actions as svarut
from fiks.svarut.transitions import UNCLAIMED
from fiks.utsending import access
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rules import Utsendingstatus
from fiks.utsending.sending.delivery_state import is_open_after_failure
from fiks.utsending.transitions import lock_mailing

PORTION = 500
SENDING = (Utsendingstatus.SENDES, Utsendingstatus.FULLFORT)
"""Statuses that allow retries: a letter of a finished mailing may still come back as undelivered."""


def retry_letter(utsending_id: UUID, radnr: int, *, actor: Aktor) -> None:
    """Retry the letter of row `radnr`, which waits for a person; never one in the restricted lane.

    Errors: IkkeFunnet, KAN_IKKE_PROVES_IGJEN (409), STATUS_ENDRET (409) when the mailing was stopped.
    """
    access.require(utsending_id, actor, P.SENDE)
    with transaction() as tx:
        _require_sending(utsending_id)
        levering_id = tx.execute(
            _retryable(utsending_id).where(Utsendingsrad.radnr == radnr)
        ).scalar_one_or_none()
        if levering_id is None:
            raise Konflikt("KAN_IKKE_PROVES_IGJEN")
        svarut.retry_failed(levering_id, actor=actor)


def retry_all(utsending_id: UUID, *, actor: Aktor) -> int:
    """Retry every letter that waits for a person, except in the restricted lane; return how many.

    One transaction per portion, so that locks are short. STATUS_ENDRET (409) when the mailing is stopped
    meanwhile; letters made ready before that are stopped with it.
    """
    access.require(utsending_id, actor, P.SENDE)
    waiting = _retryable(utsending_id)
    with transaction() as tx:
        _require_sending(utsending_id)
        ids = tx.scalars(waiting).all()
    done = 0
    for start in range(0, len(ids), PORTION):
        with transaction() as tx:
            _require_sending(utsending_id)
            these = waiting.where(Levering.id.in_(ids[start : start + PORTION])).order_by(Levering.id)
            # Held, so that none of them comes into the restricted lane, or is another's, before its turn.
            portion = tx.scalars(these.with_for_update(of=Levering)).all()
            for levering_id in portion:
                svarut.retry_failed(levering_id, actor=actor)
        done += len(portion)
    return done


def _retryable(utsending_id: UUID) -> Select[UUID]:
    return (
        select(Levering.id)
        .join(Utsendingsrad, Utsendingsrad.forsendelse_id == Levering.forsendelse_id)
        .where(
            Utsendingsrad.utsending_id == utsending_id,
            Levering.status == Leveringsstatus.TIL_BEHANDLING,
            Levering.bane != Bane.SPERRET,
        )
    )


def _require_sending(utsending_id: UUID) -> None:
    """Lock the mailing so that stop and retry exclude each other; STATUS_ENDRET when it is not in SENDING."""
    status = (
        session()
        .execute(select(Utsending.status).where(Utsending.id == utsending_id).with_for_update(read=True))
        .scalar_one_or_none()
    )
    if status is None:
        raise IkkeFunnet("FINNES_IKKE")
    if status not in SENDING:
        raise Konflikt("STATUS_ENDRET", status=status)


@dataclass(frozen=True, slots=True)
class Uleste:
    """Letters that `do_not_print` keeps off paper: unread in Altinn, or failed there and held by nobody."""

    i_altinn: int
    ingen_har: int


def count_unread(utsending_id: UUID, *, actor: Aktor) -> Uleste:
    """What `do_not_print` would keep off paper now; not what a print house may have. Needs SVARUT.STOPPE."""
    row = access.require(utsending_id, actor, P.STOPPE)
    own = select(Levering.id).where(Levering.forsendelse_id == Forsendelse.id).correlate(Forsendelse)
    nobodys = own.where(is_open_after_failure()).exists()
    found = select(func.count().filter(~nobodys), func.count().filter(nobodys)).where(
        Forsendelse.utsending_id == utsending_id,
        Forsendelse.konto_id == row.konto_id,
        Forsendelse.status.in_([str(s) for s in UNREAD_ALTINN]),
        ~own.where(call_may_have_begun()).exists(),
    )
    i_altinn, ingen_har = session().execute(found.select_from(Forsendelse)).one()
    return Uleste(i_altinn, ingen_har)


def do_not_print(utsending_id: UUID, *, actor: Aktor) -> int:
    """Keep the mailing's unread Altinn letters off paper for good; return how many. Needs SVARUT.STOPPE."""
    row = access.require(utsending_id, actor, P.STOPPE)
    return svarut.keep_unread_off_paper(utsending_id, row.konto_id, actor=actor)


def stop_paper(utsending_id: UUID, *, actor: Aktor) -> int:
    """Stop the paper letters of a stopped mailing that no print house has yet; return how many.

    Those received nowhere else count as unsent afterwards. Needs SVARUT.STOPPE. Konflikt IKKE_STOPPET: in a
    running mailing they could not be sent again.
    """
    row = access.require(utsending_id, actor, P.STOPPE)
    konto_id, stopped, after = row.konto_id, 0, None
    while True:
        with transaction():
            if lock_mailing(utsending_id).status != Utsendingstatus.STOPPET:
                raise Konflikt("IKKE_STOPPET")
            portion = cancellation.stop_paper(utsending_id, konto_id, after=after, actor=actor)
        stopped, after = stopped + portion.stoppet, portion.siste
        if after is None:
            return stopped


def end_failed_paper() -> int:
    """End letters of stopped mailings that no receiver has and nobody may retry; return how many.

    The print house gave them up after the stop, or their mailbox failed and they wait for a person.
    """
    given_up = or_(
        and_(
            Levering.status.in_(UNCLAIMED),
            Levering.kanal == Kanal.PRINT,
            Forsendelse.status == Status.SENDT_PRINT,
        ),
        and_(Levering.status == Leveringsstatus.TIL_BEHANDLING, Forsendelse.status == Status.SENDT_SDP),
    )
    failed = select(Utsending.id).where(
        Utsending.status == Utsendingstatus.STOPPET,
        Utsending.id.in_(
            select(Levering.utsending_id)
            .join(Forsendelse, Forsendelse.id == Levering.forsendelse_id)
            .where(given_up)
        ),
    )
    stopped, mailings = 0, session().scalars(failed).all()
    session().rollback()
    for utsending_id in mailings:
        with transaction():
            lock_mailing(utsending_id)
            stopped += cancellation.stop_failed_paper(utsending_id, actor=SVEIPER)
    return stopped
