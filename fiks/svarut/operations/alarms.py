"""Alarms: leveringer stuck for long by an external cause, and digital letters without a receipt. Read only.

A wait that is the letter's own fault is counted, and ends with a person. A wait for the object store, a
paused or missing channel, or a register has no retry limit. Most of these causes have alarms of their own;
not those of a single letter, such as an object the store cannot deliver, or a value only another release
knows.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import Select, and_, func, or_, select

from fiks.core import clock
from fiks.core.db import session
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.receipts.reconciliation import UNCONFIRMED_STATUS
from fiks.svarut.rules import AWAITS_RELEASE, OPEN, Leveringsstatus

log = logging.getLogger(__name__)
LONG_WAIT = timedelta(days=1)
LONG_WAIT_FOR_RELEASE = timedelta(hours=1)
"""The alarm age of leveringer that wait for another release: a roll-out is over by then, so it may be a fault
of ours.
"""


def count_stuck_leveringer() -> int:
    """Log and return how many leveringer have waited for a day because of an external cause.

    Those that wait for another release count after an hour.
    """
    found = session().execute(_stuck()).all()
    for kode, antall in found:
        log.warning("letters_wait_long", extra={"kode": kode, "antall": antall})
    return sum(antall for _, antall in found)


def _stuck() -> Select[str | None, int]:
    """The count by error code. Reads the index of waiting leveringer."""
    return (
        select(Levering.feilkode, func.count())
        .where(
            Levering.status.in_([Leveringsstatus.VENTER]),
            or_(
                Levering.opprettet <= func.now() - LONG_WAIT,
                and_(
                    Levering.feilkode == AWAITS_RELEASE,
                    Levering.opprettet <= func.now() - LONG_WAIT_FOR_RELEASE,
                ),
            ),
            Levering.frie_forsok > 0,
        )
        .group_by(Levering.feilkode)
        .order_by(Levering.feilkode)
    )


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
            Forsendelse.status.in_([str(status) for status in UNCONFIRMED_STATUS.values()]),
            Forsendelse.overlevert <= clock.now() - DIGITAL_OVERDUE,
            ~goes_on.exists(),
        )
    )
