"""Early receipts: receipts and readings that came before our own record of the hand-over. They are kept, and
applied with the record.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, bindparam, delete, func, or_, select, update

from fiks.core import clock
from fiks.core.actor import ARBEIDER
from fiks.core.db import session, table_of
from fiks.svarut.lifecycle.handed_over_status import record_status_after_send
from fiks.svarut.lifecycle.read_status import DOWNLOADED, apply_early_reading
from fiks.svarut.models import Levering, Leveringsforsok, TidligKvittering
from fiks.svarut.receipts import reconciliation
from fiks.svarut.receipts.effects import (
    Tidlig,
    Treff,
    apply_effect,
)
from fiks.svarut.rules import NEXT_CHANNEL_RULE, OPEN, Kanal, Kanalvalg, Leveringsstatus
from fiks.svarut.transitions import move_levering

_EARLY = table_of(TidligKvittering)
_TAKE_EARLY = (
    delete(_EARLY)
    .where(_EARLY.c.levering_id == bindparam("hand_over"))
    .returning(_EARLY.c.art, _EARLY.c.kanal, _EARLY.c.tidspunkt, _EARLY.c.detaljer)
)


def apply_early(levering_id: UUID, forsendelse_id: UUID) -> None:
    """Apply early receipts and readings, in the transaction that records the hand-over."""
    kept = session().execute(_TAKE_EARLY, {"hand_over": levering_id})
    for row in sorted(kept.all(), key=lambda r: r.tidspunkt):
        if row.art == DOWNLOADED:
            apply_early_reading(forsendelse_id, dict(row.detaljer))
            continue
        receipt = Tidlig(str(levering_id), row.art, row.tidspunkt, dict(row.detaljer))
        apply_effect(Kanal(row.kanal), Treff(levering_id, forsendelse_id), receipt)


def adopt_if_answered(levering_id: UUID, forsok: int | None = None) -> bool:
    """Record that a channel has an open levering that it has reported, in the present transaction; return
    whether it has.

    For a levering that we believe unsent or know nothing of: whatever became of our call, a reported letter
    is there. The report takes effect, even a failure. `forsok`: only if that attempt is still the last.
    """
    held = select(Levering.forsendelse_id, Levering.status, Levering.forsok, Levering.kanalregel).where(
        Levering.id == levering_id, Levering.status.in_([str(status) for status in OPEN])
    )
    row = session().execute(held.with_for_update()).first()
    if row is None or forsok not in (None, row.forsok):
        return False
    kanal = (
        session()
        .execute(_answering_channel().where(Levering.id == levering_id).limit(1))
        .scalar_one_or_none()
    )
    if kanal is None:
        return False
    move_levering(
        levering_id,
        fra=Leveringsstatus(row.status),
        til=Leveringsstatus.OVERLEVERT,
        kode="FUNNET_VED_KVITTERING",
        aktor=ARBEIDER.ref,
        kanal=kanal,
    )
    _mark_found_in_ledger(levering_id)
    valg = Kanalvalg(Kanal(kanal), row.kanalregel or NEXT_CHANNEL_RULE, "FUNNET_VED_KVITTERING")
    record_status_after_send(tx_forsendelse=row.forsendelse_id, valg=valg, at=clock.now())
    apply_early(levering_id, row.forsendelse_id)
    return True


def _answering_channel() -> Select[str]:
    """Select the channel that reported a levering before it was recorded. A reader's download is no report of
    the channel.
    """
    return (
        select(TidligKvittering.kanal)
        .join(Levering, Levering.id == TidligKvittering.levering_id)
        .where(
            TidligKvittering.art != DOWNLOADED,
            TidligKvittering.kanal.in_([str(kanal) for kanal in reconciliation.UNCONFIRMED_STATUS]),
            or_(Levering.kanal.is_(None), Levering.kanal == TidligKvittering.kanal),
        )
    )


def _mark_found_in_ledger(levering_id: UUID) -> None:
    """Mark the last attempt with an unknown end as FUNNET: it is the call that the channel accepted."""
    unknown = (
        select(func.max(Leveringsforsok.nr))
        .where(
            Leveringsforsok.levering_id == levering_id,
            or_(Leveringsforsok.utfall.is_(None), Leveringsforsok.utfall == "UAVKLART"),
        )
        .scalar_subquery()
    )
    session().execute(
        update(Leveringsforsok)
        .where(Leveringsforsok.levering_id == levering_id, Leveringsforsok.nr == unknown)
        .values(avsluttet=func.coalesce(Leveringsforsok.avsluttet, func.clock_timestamp()), utfall="FUNNET")
        .execution_options(synchronize_session=False)
    )
