"""The letter's own record of its hand-over: status, channel, time, and lesefrist for Altinn."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from fiks.core.actor import ARBEIDER
from fiks.core.db import session
from fiks.core.environment import current
from fiks.core.values.calendar import add_working_hours
from fiks.svarut.history import remark
from fiks.svarut.lifecycle.fallback import HAND_OVER_FROM
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import NEXT_CHANNEL_RULE, Kanal, Kanalvalg, Status
from fiks.svarut.transitions import move_forsendelse

STATUS_AFTER_SEND = {
    Kanal.DPI: Status.SENDT_SDP,
    Kanal.ALTINN: Status.SENDT_ALTINN,
    Kanal.PRINT: Status.SENDT_PRINT,
}


def lesefrist_from(start: datetime) -> datetime:
    """When an unread Altinn letter moves on: LESEFRIST_TIMER working hours after `start`."""
    return add_working_hours(start, current().lesefrist_timer)


def record_status_after_send(
    *, tx_forsendelse: UUID, valg: Kanalvalg, at: datetime, kode: str | None = None
) -> None:
    """Move the letter to its channel's status. One that was read meanwhile, or is printed again, keeps its
    status.
    """
    assert valg.kanal is not None
    changes: dict[str, Any] = {"kanal": valg.kanal, "overlevert": at}
    if valg.regel != NEXT_CHANNEL_RULE:
        changes["kanalregel"] = valg.regel
    if valg.kanal is Kanal.ALTINN:
        changes["lesefrist"] = lesefrist_from(at)
    til = STATUS_AFTER_SEND[valg.kanal]
    moved = move_forsendelse(
        tx_forsendelse, fra=HAND_OVER_FROM, til=til, kode=kode or str(til), aktor=ARBEIDER.ref, **changes
    )
    if not moved:
        now = (
            session().execute(select(Forsendelse.status).where(Forsendelse.id == tx_forsendelse)).scalar_one()
        )
        kode = f"{til}_IGJEN" if now == til else f"OVERLEVERT_{valg.kanal}_ETTER_LEST"
        remark(tx_forsendelse, kode, aktor=ARBEIDER.ref)
