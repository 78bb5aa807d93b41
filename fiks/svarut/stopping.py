"""Hand-overs that somebody has asked to stop: ended before their call, or after one that surely delivered nothing.

Everything here is in the present transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, any_, bindparam, or_, select, update

from fiks.core.actor import ARBEIDER
from fiks.core.db import one_of, session, table_of
from fiks.svarut import receipts
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.reading import tell_early_readings
from fiks.svarut.rules import Leveringsstatus, Status
from fiks.svarut.transitions import (
    WAITING,
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
    """Lock the hand-over; whether somebody has asked for it to be stopped. False if it is not ours any more."""
    held = {"hand_over": claim.levering_id, "owner": claim.eier, "attempt": claim.forsok}
    return bool(session().execute(_STOP_WANTED, held).scalar_one_or_none())


def stop_before_call(claim: Claim) -> None:
    """End a hand-over whose call has not begun, in the present transaction; an unsent letter is then closed.

    One that its channel has told of is sent, by a call before this one.
    """
    if receipts.adopt_answered(claim.levering_id, claim.forsok):
        return
    session().execute(
        update(Levering)
        .where(Levering.id == claim.levering_id, Levering.eier == claim.eier, Levering.forsok == claim.forsok)
        .values(kall_startet=None)
    )
    if move_claimed(claim, Leveringsstatus.STOPPET, kode="STOPPET_FOR_KALL", aktor=ARBEIDER.ref):
        _close_unsent(claim.forsendelse_id, ARBEIDER.ref)


def stop_if_wanted(claim: Claim) -> bool:
    """End a hand-over that was asked to stop, in the present transaction; whether it was.

    Only for one whose call has not begun, or has delivered nothing for certain.
    """
    if not is_stop_wanted(claim):
        return False
    stop_before_call(claim)
    return True


def stop_ready(levering_id: UUID, forsendelse_id: UUID, aktor: str) -> None:
    """As `stop_before_call`, for a hand-over that is KLAR and nobody's."""
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
    tell_early_readings([forsendelse_id])


def hold(ids: Sequence[UUID]) -> Sequence[UUID]:
    """Lock the letters' open hand-overs, then the letters, as everywhere in that order; return the hand-overs.

    With the letters held no call for one can begin, so what `call_may_have_begun` says of them stays true.
    """
    held = lock_open_leveringer(ids)
    letters = select(Forsendelse.id).where(Forsendelse.id == any_(one_of(ids)))
    session().execute(letters.order_by(Forsendelse.id).with_for_update())
    return [open_one.levering_id for open_one in held.values()]


def stop_held(leveringer: Sequence[UUID], *, kode: str, aktor: str) -> None:
    """Stop those of these hand-overs, which the caller holds, that wait; one that is claimed is asked to stop."""
    mine = Levering.id == any_(one_of(leveringer))
    move_leveringer(
        mine, fra=WAITING, til=Leveringsstatus.STOPPET, kode=kode, aktor=aktor, limit=max(1, len(leveringer))
    )
    session().execute(
        update(Levering)
        .where(mine, Levering.status == Leveringsstatus.SENDER, Levering.kall_startet.is_(None))
        .values(stopp_onsket=True)
        .execution_options(synchronize_session=False)
    )


def call_may_have_begun() -> ColumnElement[bool]:
    """Of a hand-over: whether the channel may have the letter."""
    return or_(
        Levering.status == Leveringsstatus.UAVKLART,
        and_(Levering.status == Leveringsstatus.SENDER, Levering.kall_startet.is_not(None)),
    )
