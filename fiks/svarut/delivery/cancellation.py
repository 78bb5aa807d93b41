"""Cancelling leveringer: before their call, or after one that certainly delivered nothing.

Everything is in the present transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, any_, bindparam, or_, select, update

from fiks.core.actor import ARBEIDER
from fiks.core.db import session, table_of, uuid_array
from fiks.svarut.lifecycle.read_status import log_early_readings
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.receipts import early_receipts
from fiks.svarut.rules import Leveringsstatus, Status
from fiks.svarut.transitions import (
    UNCLAIMED,
    Claim,
    lock_open_leveringer,
    move_claimed,
    move_forsendelse,
    move_levering,
    move_leveringer,
)

_HAND_OVER = table_of(Levering)
_STOP_WANTED = (
    select(_HAND_OVER.c.stopp_onsket)
    .where(
        _HAND_OVER.c.id == bindparam("hand_over"),
        _HAND_OVER.c.status == Leveringsstatus.SENDER,
        _HAND_OVER.c.eier == bindparam("owner"),
        _HAND_OVER.c.forsok == bindparam("attempt"),
    )
    .with_for_update()
)


def is_stop_wanted(claim: Claim) -> bool:
    """Lock the levering and return whether a stop was requested. False when it is no longer ours."""
    held = {"hand_over": claim.levering_id, "owner": claim.eier, "attempt": claim.forsok}
    return bool(session().execute(_STOP_WANTED, held).scalar_one_or_none())


def stop_before_call(claim: Claim) -> None:
    """Stop a levering whose call has not begun, in the present transaction; an unsent letter is then closed.

    If its channel has reported it, an earlier call has sent it, and it counts as sent.
    """
    if early_receipts.adopt_if_answered(claim.levering_id, claim.forsok):
        return
    session().execute(
        update(Levering)
        .where(Levering.id == claim.levering_id, Levering.eier == claim.eier, Levering.forsok == claim.forsok)
        .values(kall_startet=None)
    )
    if move_claimed(claim, Leveringsstatus.STOPPET, kode="STOPPET_FOR_KALL", aktor=ARBEIDER.ref):
        _close_unsent(claim.forsendelse_id, ARBEIDER.ref)


def stop_if_wanted(claim: Claim) -> bool:
    """Stop the levering if a stop was requested, in the present transaction; return whether it was.

    Only for a levering whose call has not begun, or certainly delivered nothing.
    """
    if not is_stop_wanted(claim):
        return False
    stop_before_call(claim)
    return True


def stop_ready_levering(levering_id: UUID, forsendelse_id: UUID, aktor: str) -> None:
    """As `stop_before_call`, for a levering that is KLAR and unclaimed."""
    if move_levering(
        levering_id,
        fra=Leveringsstatus.KLAR,
        til=Leveringsstatus.STOPPET,
        kode="STOPPET_FOR_KALL",
        aktor=aktor,
    ):
        _close_unsent(forsendelse_id, aktor)


def _close_unsent(forsendelse_id: UUID, aktor: str) -> None:
    move_forsendelse(
        forsendelse_id, fra=(Status.AKSEPTERT,), til=Status.MANUELT_HANDTERT, kode="STOPPET", aktor=aktor
    )
    log_early_readings([forsendelse_id])


def lock_letters(ids: Sequence[UUID]) -> Sequence[UUID]:
    """Lock the letters' open leveringer, then the letters, in the usual order; return the leveringer's ids.

    With the letters locked no call can begin, so the answer of `call_may_have_begun` stays true.
    """
    held = lock_open_leveringer(ids)
    letters = select(Forsendelse.id).where(Forsendelse.id == any_(uuid_array(ids)))
    session().execute(letters.order_by(Forsendelse.id).with_for_update())
    return [open_one.levering_id for open_one in held.values()]


def stop_leveringer(leveringer: Sequence[UUID], *, kode: str, aktor: str) -> None:
    """Stop the unclaimed ones of these leveringer, which the caller has locked; mark claimed ones to be
    stopped.
    """
    mine = Levering.id == any_(uuid_array(leveringer))
    move_leveringer(
        mine,
        fra=UNCLAIMED,
        til=Leveringsstatus.STOPPET,
        kode=kode,
        aktor=aktor,
        limit=max(1, len(leveringer)),
    )
    session().execute(
        update(Levering)
        .where(mine, Levering.status == Leveringsstatus.SENDER, Levering.kall_startet.is_(None))
        .values(stopp_onsket=True)
        .execution_options(synchronize_session=False)
    )


def call_may_have_begun() -> ColumnElement[bool]:
    """SQL on a levering: whether the channel may have the letter."""
    return or_(
        Levering.status == Leveringsstatus.UAVKLART,
        and_(Levering.status == Leveringsstatus.SENDER, Levering.kall_startet.is_not(None)),
    )
