"""Letters' content goes: when the sender wants it, or its storage time is over. The facts of the bill stay.

A document's data key goes first, with the row, so that nobody can read it from that moment. An object of its own is
deleted when the transaction is committed; a part of a segment frees its bytes when nobody uses the segment any more and
the planned job for strays has found it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.orm import aliased

from fiks.core import audit, clock
from fiks.core.actor import system
from fiks.core.db import discard, session, transaction
from fiks.core.errors import Konflikt
from fiks.konfigurasjon.models import Konto
from fiks.svarut.models import Dokument, Eksponering, Forsendelse, Levering, ReservertId
from fiks.svarut.rules import (
    NOT_YET_SENT,
    OPEN,
    OVERGANGER,
    Leveringsstatus,
    Opphav,
    Status,
)
from fiks.svarut.transitions import move_forsendelse, remark, stop_open_levering

log = logging.getLogger(__name__)
CLEANER = system("opprydding")
PORTION = 200
UNUSED_ID = timedelta(days=30)


def hold_idle(forsendelse_id: UUID) -> Status:
    """Lock the letter's open hand-over, then the letter, until the transaction ends; return its status.

    Konflikt BREVET_SENDES_NA when a worker has the hand-over, or nobody knows how its call ended.
    """
    open_one = select(Levering.status).where(
        Levering.forsendelse_id == forsendelse_id, Levering.status.in_([str(s) for s in OPEN])
    )
    handing = session().execute(open_one.with_for_update()).scalar_one_or_none()
    if handing in (Leveringsstatus.SENDER, Leveringsstatus.UAVKLART):
        raise Konflikt("BREVET_SENDES_NA")
    letter = select(Forsendelse.status).where(Forsendelse.id == forsendelse_id).with_for_update()
    return Status(session().execute(letter).scalar_one())


def erase(forsendelse_id: UUID, status: Status, *, kode: str, aktor: str) -> None:
    """Delete documents and all that says who the letter was to, in the present transaction, with the letter held.

    It becomes SLETTET; what never was a letter (AVVIST, FEILET_UNDER_MOTTAK) keeps its status.
    """
    if status == Status.SLETTET:
        return
    stop_open_levering(forsendelse_id, kode=kode, aktor=aktor)
    forget_documents(forsendelse_id)
    names = update(Dokument).where(Dokument.forsendelse_id == forsendelse_id).values(filnavn="")
    session().execute(names.execution_options(synchronize_session=False))
    session().execute(delete(Eksponering).where(Eksponering.forsendelse_id == forsendelse_id))
    session().execute(
        update(Forsendelse)
        .where(Forsendelse.id == forsendelse_id)
        .values(
            tittel="",
            mottaker_kryptert=None,
            innhold_kryptert=None,
            avgivende_aktor=None,
            originaler_slettet=func.coalesce(Forsendelse.originaler_slettet, clock.expression()),
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


def forget_documents(forsendelse_id: UUID, keep: Sequence[int] = ()) -> None:
    """Destroy the keys of the letter's documents but those in `keep`, and have what only they used deleted."""
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
    discard([objekt for objekt in session().scalars(own) if objekt is not None])
    session().execute(
        update(Dokument)
        .where(*mine)
        .values(objekt=None, fra=None, lengde=None, nokkel=None)
        .execution_options(synchronize_session=False)
    )


def expire_content(limit: int = PORTION) -> int:
    """Erase a portion of letters whose konto's storage time is over; return how many.

    One that is not sent yet, is being sent, or waits for its mottakersystem without limit is left alone.
    """
    due = _expired(limit)
    session().rollback()
    return sum(_expire(forsendelse_id) for forsendelse_id in due)


def _expired(limit: int) -> Sequence[UUID]:
    keep = Konto.lagringsdager * text("interval '1 day'")
    handing = select(Levering.id).where(
        Levering.forsendelse_id == Forsendelse.id, Levering.status.in_([str(s) for s in OPEN])
    )
    waiting = [str(s) for s in (*NOT_YET_SENT, Status.KLAR_FOR_MOTTAK)]
    of_konto = (
        select(Forsendelse.id, Forsendelse.opprettet)
        .where(
            Forsendelse.konto_id == Konto.id,
            Forsendelse.mottaker_kryptert.is_not(None),
            Forsendelse.opprettet <= clock.now() - keep,
            Forsendelse.status.not_in(waiting),
            ~handing.exists(),
        )
        .order_by(Forsendelse.opprettet)
        .limit(limit)
        .lateral("brev")
    )
    oldest = select(of_konto.c.id).select_from(Konto).join(of_konto, text("true"))
    return session().scalars(oldest.order_by(of_konto.c.opprettet).limit(limit)).all()


def _expire(forsendelse_id: UUID) -> bool:
    try:
        with transaction() as tx:
            status = hold_idle(forsendelse_id)
            if status in (*NOT_YET_SENT, Status.KLAR_FOR_MOTTAK, Status.SLETTET):
                return False
            erase(forsendelse_id, status, kode="INNHOLD_SLETTET", aktor=CLEANER.ref)
            facts = select(Forsendelse.organisasjon_id, Forsendelse.konto_id)
            row = tx.execute(facts.where(Forsendelse.id == forsendelse_id)).one()
            audit.record(
                CLEANER,
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
    """Delete ids that fagsystemer asked for thirty days ago and never sent a letter under; return how many."""
    used = select(Forsendelse.id).where(Forsendelse.id == ReservertId.id)
    with transaction() as tx:
        gone = tx.execute(
            delete(ReservertId)
            .where(ReservertId.opprettet <= func.now() - UNUSED_ID, ~used.exists())
            .returning(ReservertId.id)
            .execution_options(synchronize_session=False)
        ).all()
    return len(gone)
