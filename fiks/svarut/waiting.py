"""What operations are told of hand-overs that wait for something else than themselves, without end.

A wait that is the letter's own is counted, and ends with a person. One for a store that is away, a channel that asks to
be left in peace or is not set up, or a register is not, and goes on for as long as that does. Most of that has an alarm
of its own; not where it is of one letter alone, as an object that the store will not give, or a word that only another
release knows. Looks, and changes nothing.
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
"""What a letter waits for that says something this release does not know: a release that does (ADR 0052)."""
SOON = timedelta(hours=1)
"""The age at which one of those is told of: a roll-out is over by then, and it may be a fault of ours."""


def count_waiting_long() -> int:
    """Tell how many hand-overs that are a day old wait, and not through their own fault alone; return how many.

    Those that wait for a release are told of when they are an hour old.
    """
    found = session().execute(_waiting_long()).all()
    for kode, antall in found:
        log.warning("letters_wait_long", extra={"kode": kode, "antall": antall})
    return sum(antall for _, antall in found)


def _waiting_long() -> Select[str | None, int]:
    """By what they wait for. Reads the index of what waits."""
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
