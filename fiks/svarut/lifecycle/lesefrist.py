"""Lesefrist: unread Altinn letters go on paper when it runs out, or end as sent digitally (svarut.md 2.2).

Everything is "state and age at least x", never a window, so a sweeper that slept for an hour skips nothing.
Two sweepers at once are harmless.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import any_, or_, select, update

from fiks.core import clock
from fiks.core.actor import SVEIPER
from fiks.core.db import ring, session, transaction, uuid_array
from fiks.konfigurasjon.models import Konto
from fiks.svarut.history import remark
from fiks.svarut.lifecycle.channel_choice import goes_on_paper_after_deadline
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import OPEN, UNREAD_ALTINN, Bane, Kanal, Mottakertype, Status
from fiks.svarut.transitions import move_forsendelse, open_levering

PORTION = 500


def expire_lesefrist(limit: int = PORTION) -> int:
    """Send overdue unread Altinn letters on paper, or end them as SENDT_DIGITALT; return how many.

    A letter that never goes on paper and that Altinn has not confirmed stays SENDT_ALTINN until Altinn
    confirms it (`receipts.effects`): sent digitally means that it was there to be read.
    """
    with transaction() as tx:
        has_open = select(Levering.id).where(
            Levering.forsendelse_id == Forsendelse.id, Levering.status.in_([str(s) for s in OPEN])
        )
        due = tx.execute(
            select(
                Forsendelse.id,
                Forsendelse.utsending_id,
                Forsendelse.mottakertype,
                Forsendelse.status,
                or_(Forsendelse.kun_digital, Forsendelse.uten_adresse).label("kun_digital"),
                Konto.ettersending_virksomheter.label("ettersending"),
            )
            .join(Konto, Konto.id == Forsendelse.konto_id)
            .where(
                Forsendelse.status.in_([str(s) for s in UNREAD_ALTINN]),
                Forsendelse.lesefrist_utlopt.is_(None),
                Forsendelse.lesefrist <= clock.now(),
                Forsendelse.mottakertype.in_([str(m) for m in Mottakertype]),  # others: ADR 0052
                ~has_open.exists(),
            )
            .order_by(Forsendelse.lesefrist)
            .limit(limit)
            .with_for_update(of=Forsendelse, skip_locked=True)
        ).all()
        opened = _opened_meanwhile([row.id for row in due])
        expired = [row for row in due if row.id not in opened]
        for row in expired:
            paper = goes_on_paper_after_deadline(
                Mottakertype(row.mottakertype), kun_digital=row.kun_digital, ettersending=row.ettersending
            )
            _note_deadline(row.id)
            if paper:
                _send_on_paper(row.id, row.utsending_id)
            else:
                _end_unread(row.id, Status(row.status))
        return len(expired)


def _opened_meanwhile(ids: Sequence[UUID]) -> set[UUID]:
    """The letters among these that got an open levering after all.

    The statement that locks the letters does not see leveringer created while it ran. Creating one needs the
    letter's row lock, so with the letters locked this check is final.
    """
    opened = select(Levering.forsendelse_id).where(
        Levering.forsendelse_id == any_(uuid_array(ids)), Levering.status.in_([str(s) for s in OPEN])
    )
    return set(session().scalars(opened))


def _note_deadline(forsendelse_id: UUID) -> None:
    session().execute(
        update(Forsendelse).where(Forsendelse.id == forsendelse_id).values(lesefrist_utlopt=clock.now_sql())
    )


def _end_unread(forsendelse_id: UUID, status: Status) -> None:
    if status is Status.SENDT_ALTINN:
        remark(forsendelse_id, "LESEFRIST_UTLOPT", aktor=SVEIPER.ref)
        return
    move_forsendelse(
        forsendelse_id, fra=(status,), til=Status.SENDT_DIGITALT, kode="LESEFRIST_UTLOPT", aktor=SVEIPER.ref
    )


def _send_on_paper(forsendelse_id: UUID, utsending_id: UUID | None) -> None:
    bane = Bane.MASSE if utsending_id else Bane.ENKELT
    open_levering(
        forsendelse_id,
        utsending_id=utsending_id,
        bane=bane,
        kanal=Kanal.PRINT,
        aktor=SVEIPER.ref,
        kode="LESEFRIST_UTLOPT",
    )
    ring(bane)
