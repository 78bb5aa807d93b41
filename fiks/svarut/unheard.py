"""Alarm: letters handed to a digital mailbox or Altinn without any receipt for four days. Read only.

The nightly reconciliation (`receipts.reconciliation`) reports what the channel does not know, but nothing it
knows. Paper has its own count (`fiks.print.alarms`), unread Altinn letters their lesefrist; but lesefrist
does not end a letter that Altinn never confirmed and that never goes on paper (`lifecycle.lesefrist`).
"""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import Select, func, select

from fiks.core import clock
from fiks.core.db import session
from fiks.svarut.comparison import UNHEARD
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import OPEN

log = logging.getLogger(__name__)
DIGITAL_OVERDUE = timedelta(days=4)


def count_digital_overdue() -> int:
    """Log and return how many letters a channel has had for four days without reporting LEVERT or FEILET."""
    count = session().execute(_overdue()).scalar_one()
    if count:
        log.warning("digital_overdue", extra={"antall": count})
    return count


def _overdue() -> Select[int]:
    """The count of such letters without an open levering: one reported as failed has one until its next
    channel has it.

    Uses the index of unconfirmed letters, which are never many.
    """
    goes_on = select(Levering.id).where(
        Levering.forsendelse_id == Forsendelse.id, Levering.status.in_([str(s) for s in OPEN])
    )
    return (
        select(func.count())
        .select_from(Forsendelse)
        .where(
            Forsendelse.status.in_([str(status) for status in UNHEARD.values()]),
            Forsendelse.overlevert <= clock.now() - DIGITAL_OVERDUE,
            ~goes_on.exists(),
        )
    )
