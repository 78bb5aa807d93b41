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

from fiks.core.db import session
from fiks.svarut.models import Levering
from fiks.svarut.rules import Leveringsstatus

log = logging.getLogger(__name__)
LONG = timedelta(days=1)
UNKNOWN_TO_US = "VENTER_PA_UTGAVE"
"""Error code of a levering with a value unknown to this release: it waits for a release that knows it (ADR
0052).
"""
SOON = timedelta(hours=1)
"""The alarm age of leveringer that wait for another release: a roll-out is over by then, so it may be a fault
of ours.
"""


def count_waiting_long() -> int:
    """Log and return how many leveringer have waited for a day because of an external cause.

    Those that wait for another release count after an hour.
    """
    found = session().execute(_waiting_long()).all()
    for kode, antall in found:
        log.warning("letters_wait_long", extra={"kode": kode, "antall": antall})
    return sum(antall for _, antall in found)


def _waiting_long() -> Select[str | None, int]:
    """The count by error code. Reads the index of waiting leveringer."""
    return (
        select(Levering.feilkode, func.count())
        .where(
            Levering.status.in_([Leveringsstatus.VENTER]),
            or_(
                Levering.opprettet <= func.now() - LONG,
                and_(Levering.feilkode == UNKNOWN_TO_US, Levering.opprettet <= func.now() - SOON),
            ),
            Levering.frie_forsok > 0,
        )
        .group_by(Levering.feilkode)
        .order_by(Levering.feilkode)
    )
