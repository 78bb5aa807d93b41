"""Deletion of letters' content, by the sender or when the retention time is over. The facts for billing stay.

A document's data key goes first, with the row, so nobody can read it from that moment. An object of its own
is deleted when the transaction is committed; a segment frees its bytes when nobody uses it any more and the
job for stray objects has found it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, text, update
from sqlalchemy.orm import aliased

from fiks.core import audit, clock
from fiks.core.actor import OPPRYDDING
from fiks.core.db import delete_after_commit, session, transaction
from fiks.core.errors import Konflikt
from fiks.core.queue.planned_jobs import TURN_SECONDS, in_portions, until_time_is_up
from fiks.konfigurasjon.models import Konto
from fiks.print.service import is_unsettled
from fiks.svarut.history import remark
from fiks.svarut.lifecycle.failure_notices import awaits_report
from fiks.svarut.lifecycle.print_order import erase_print, settle_without_paper
from fiks.svarut.models import Dokument, Eksponering, Forsendelse, Levering, ReservertId, Signeringsoppdrag
from fiks.svarut.receipts.reconciliation import UNCONFIRMED_STATUS
from fiks.svarut.rules import (
    GOES_ON,
    NOT_YET_SENT,
    OPEN,
    OVERGANGER,
    UNREAD_ALTINN,
    Kanal,
    Leveringsstatus,
    Opphav,
    Signeringsstatus,
    Status,
)
from fiks.svarut.signing.orders import move_signing_order
from fiks.svarut.svarinn_handover import erase_reports
from fiks.svarut.transitions import lock_open_leveringer, move_forsendelse, stop_open_levering

log = logging.getLogger(__name__)
PORTION = 200
IDS = 5_000
SETTLED_WITHIN = timedelta(days=30)
"""How long a channel that has a letter and is silent may still report a failure."""
UNUSED_ID = timedelta(days=30)
SIGNATURE_GRACE = timedelta(days=1)
"""How long after its deadline a signature given in time may still be reported."""


def hold_idle(forsendelse_id: UUID) -> Status:
    """As `hold_all_idle`, for one letter; return its status."""
    return hold_all_idle([forsendelse_id])[forsendelse_id]


def hold_all_idle(ids: Sequence[UUID]) -> dict[UUID, Status]:
    """Lock the letters with their signing orders and open leveringer until the transaction ends; return their
    statuses.

    Konflikt BREVET_SENDES_NA when a worker has a levering, or one was opened while we waited: with the
    letters locked no worker can take one that we have not locked. BREVET_ER_UAVKLART when an outcome is
    unknown.
    """
    orders = select(Signeringsoppdrag.forsendelse_id).where(Signeringsoppdrag.forsendelse_id.in_(ids))
    session().execute(orders.order_by(Signeringsoppdrag.forsendelse_id).with_for_update())
    held = lock_open_leveringer(ids)
    statuses = {one.status for one in held.values()}
    if Leveringsstatus.SENDER in statuses:
        raise Konflikt("BREVET_SENDES_NA")
    if Leveringsstatus.UAVKLART in statuses:
        raise Konflikt("BREVET_ER_UAVKLART")
    letters = select(Forsendelse.id, Forsendelse.status).where(Forsendelse.id.in_(ids))
    rows = session().execute(letters.order_by(Forsendelse.id).with_for_update()).all()
    new = select(Levering.id).where(
        Levering.forsendelse_id.in_(ids),
        Levering.status.in_([str(s) for s in OPEN]),
        Levering.id.not_in([one.levering_id for one in held.values()]),
    )
    if session().execute(new).first() is not None:
        raise Konflikt("BREVET_SENDES_NA")
    return {row.id: Status(row.status) for row in rows}


def erase(forsendelse_id: UUID, status: Status, *, kode: str, aktor: str) -> None:
    """Delete documents, names and addresses, in the present transaction, with the letter locked
    (`hold_idle`).

    Kept are the facts for billing, the history, and the blind indexes by which receiver and sender learn that
    it is deleted. The letter becomes SLETTET and an ungiven signature is closed; a refused letter (AVVIST,
    FEILET_UNDER_MOTTAK) keeps its status. Konflikt SIGNERT_KOPI_HENTES: signed, and the copy is not fetched
    yet; BREVET_SENDES_NA: on its way to the print house.
    """
    if status == Status.SLETTET:
        return
    _close_signing(forsendelse_id)
    stop_open_levering(forsendelse_id, kode=kode, aktor=aktor)
    erase_print(forsendelse_id, kode=kode, aktor=aktor)
    if status in GOES_ON:
        settle_without_paper([forsendelse_id])
    destroy_documents(forsendelse_id)
    names = update(Dokument).where(Dokument.forsendelse_id == forsendelse_id).values(filnavn="")
    session().execute(names.execution_options(synchronize_session=False))
    session().execute(delete(Eksponering).where(Eksponering.forsendelse_id == forsendelse_id))
    erase_reports(forsendelse_id)
    session().execute(
        update(Forsendelse)
        .where(Forsendelse.id == forsendelse_id)
        .values(
            tittel="",
            mottaker_kryptert=None,
            innhold_kryptert=None,
            avgivende_aktor=None,
            originaler_slettet=func.coalesce(Forsendelse.originaler_slettet, clock.now_sql()),
            originaler_venter=False,
        )
        .execution_options(synchronize_session=False)
    )
    if Status.SLETTET in OVERGANGER[status]:
        move_forsendelse(
            forsendelse_id,
            fra=(status,),
            til=Status.SLETTET,
            kode=kode,
            aktor=aktor,
            status_for_sletting=status,
        )
    else:
        remark(forsendelse_id, kode, aktor=aktor)


def _close_signing(forsendelse_id: UUID) -> None:
    signed = select(Signeringsoppdrag.forsendelse_id).where(
        Signeringsoppdrag.forsendelse_id == forsendelse_id, _copy_is_pending()
    )
    if session().execute(signed).first() is not None:
        raise Konflikt("SIGNERT_KOPI_HENTES")
    move_signing_order(
        forsendelse_id,
        Signeringsstatus.AVVIST_AV_SVARUT,
        kode="SIGNERING_AVVIST_AV_SVARUT",
        where={"status": Signeringsstatus.VENTER_SIGNERING},
        grunn="MOTTAKER_SLETTET",
    )


def _copy_is_pending() -> ColumnElement[bool]:
    """SQL: the order is signed and its copy has not been sent back yet."""
    left = (Signeringsstatus.VENTER_SIGNERING, Signeringsstatus.UTLOPT)
    return and_(Signeringsoppdrag.signert.is_not(None), Signeringsoppdrag.status.in_([str(s) for s in left]))


def _being_signed(forsendelse_id: object) -> Select[UUID]:
    """The letter's signing order, if it can still be signed, or a signature may still be reported."""
    order = Signeringsoppdrag
    return select(order.forsendelse_id).where(
        order.forsendelse_id == forsendelse_id,
        or_(
            order.status == Signeringsstatus.VENTER_SIGNERING,
            _copy_is_pending(),
            and_(order.status == Signeringsstatus.UTLOPT, order.utloper > clock.now_sql() - SIGNATURE_GRACE),
        ),
    )


def destroy_documents(forsendelse_id: UUID, keep: Sequence[int] = ()) -> None:
    """Destroy the keys of the letter's documents except `keep`, and delete the objects that only these used."""
    mine = Dokument.forsendelse_id == forsendelse_id, Dokument.nr.not_in(list(keep))
    other = aliased(Dokument)
    kept = or_(other.forsendelse_id != forsendelse_id, other.nr.in_(list(keep)))
    shared = select(other.id).where(other.objekt == Dokument.objekt, kept)
    own = (
        select(Dokument.objekt)
        .join(Forsendelse, Forsendelse.id == Dokument.forsendelse_id)
        .where(
            *mine,
            Dokument.objekt.is_not(None),
            Dokument.fra.is_(None),
            Forsendelse.opphav != Opphav.UTSENDING,
            ~shared.exists(),
        )
    )
    delete_after_commit([objekt for objekt in session().scalars(own) if objekt is not None])
    session().execute(
        update(Dokument)
        .where(*mine)
        .values(objekt=None, fra=None, lengde=None, nokkel=None)
        .execution_options(synchronize_session=False)
    )


def expire_content(limit: int = PORTION, seconds: float = TURN_SECONDS) -> int:
    """Erase letters past their konto's retention time, `limit` at a time while there is time; return how
    many.

    Left alone: a letter not sent yet, being sent or signed, that may still move on to its receiver, or lost
    and not reported.
    """
    return in_portions(lambda: _expire_portion(limit, seconds), seconds)


def _expire_portion(limit: int, seconds: float) -> int:
    due = _expired(limit)
    session().rollback()
    return sum(map(_expire, until_time_is_up(due, seconds)))


def _may_still_go_on() -> ColumnElement[bool]:
    """SQL: the letter has not reached its receiver, and still may if its content is kept.

    It waits for its mottakersystem; lies unread in Altinn until lesefrist; or is with a mailbox, Altinn or
    print house that may still report a failure. Unprinted letters wait without limit, as those for a
    mottakersystem.
    """
    of_paper = select(Levering.id).where(
        Levering.forsendelse_id == Forsendelse.id,
        Levering.kanal == Kanal.PRINT,
        Levering.status == Leveringsstatus.OVERLEVERT,
        is_unsettled(Levering.id, SETTLED_WITHIN),
    )
    unread = and_(
        Forsendelse.status.in_([str(s) for s in UNREAD_ALTINN]),
        Forsendelse.lesefrist.is_not(None),
        Forsendelse.lesefrist_utlopt.is_(None),
    )
    in_channel = Forsendelse.overlevert > clock.now_sql() - SETTLED_WITHIN
    return or_(
        Forsendelse.status == Status.KLAR_FOR_MOTTAK,
        unread,
        and_(Forsendelse.status.in_([str(status) for status in UNCONFIRMED_STATUS.values()]), in_channel),
        of_paper.correlate(Forsendelse).exists(),
    )


def _expired(limit: int) -> Sequence[UUID]:
    """The letters whose retention time ended longest ago."""
    keep = Konto.lagringsdager * text("interval '1 day'")
    handing = select(Levering.id).where(
        Levering.forsendelse_id == Forsendelse.id, Levering.status.in_([str(s) for s in OPEN])
    )
    of_konto = (
        select(Forsendelse.id, (Forsendelse.opprettet + keep).label("over"))
        .where(
            Forsendelse.konto_id == Konto.id,
            Forsendelse.mottaker_kryptert.is_not(None),
            Forsendelse.opprettet <= clock.now() - keep,
            Forsendelse.status.not_in([str(s) for s in NOT_YET_SENT]),
            ~_may_still_go_on(),
            ~awaits_report(),
            ~handing.exists(),
            ~_being_signed(Forsendelse.id).exists(),
        )
        .order_by(Forsendelse.opprettet)
        .limit(limit)
        .lateral("brev")
    )
    oldest = select(of_konto.c.id).select_from(Konto).join(of_konto, text("true"))
    return session().scalars(oldest.order_by(of_konto.c.over).limit(limit)).all()


def _expire(forsendelse_id: UUID) -> bool:
    try:
        with transaction() as tx:
            status = hold_idle(forsendelse_id)
            if status in (*NOT_YET_SENT, Status.SLETTET):
                return False
            needed = or_(_may_still_go_on(), awaits_report())
            is_needed = select(Forsendelse.id).where(Forsendelse.id == forsendelse_id, needed)
            if any(tx.execute(one).first() for one in (_being_signed(forsendelse_id), is_needed)):
                return False
            erase(forsendelse_id, status, kode="INNHOLD_SLETTET", aktor=OPPRYDDING.ref)
            facts = select(Forsendelse.organisasjon_id, Forsendelse.konto_id)
            row = tx.execute(facts.where(Forsendelse.id == forsendelse_id)).one()
            audit.record(
                OPPRYDDING,
                "INNHOLD_SLETTET",
                "forsendelse",
                forsendelse_id,
                organisasjon_id=row.organisasjon_id,
                ressurs_id=row.konto_id,
                tjeneste="SVARUT",
            )
    except Konflikt:
        log.info("letter_not_expired_yet", extra={"forsendelse": str(forsendelse_id)})
        return False
    return True


def delete_unused_ids() -> int:
    """Delete ids reserved thirty days ago; return how many.

    An unused one is given up; a used one is guarded by its letter, which refuses it to every other konto.
    """
    return in_portions(_delete_unused_portion)


def _delete_unused_portion() -> int:
    old = select(ReservertId.id).where(ReservertId.opprettet <= func.now() - UNUSED_ID).limit(IDS)
    with transaction() as tx:
        gone = tx.execute(
            delete(ReservertId)
            .where(ReservertId.id.in_(old))
            .returning(ReservertId.id)
            .execution_options(synchronize_session=False)
        ).all()
    return len(gone)
