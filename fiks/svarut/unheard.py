"""What operations are told of letters that a digital mailbox or Altinn has, and that it never said anything more of.

Each night's comparison tells of what the channel does not know (`comparison`), and of nothing that it knows. Paper has
its own count (`fiks.print.operations.alarms`), what nobody reads in Altinn its lesefrist: but what Altinn never said that it
delivered, and never goes on paper, its lesefrist does not end (`deadline`). Looks, and changes nothing.
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
    """Tell how many letters a channel has had for four days and said neither LEVERT nor FEILET of; return how many."""
    count = session().execute(_overdue()).scalar_one()
    if count:
        log.warning("digital_overdue", extra={"antall": count})
    return count


def _overdue() -> Select[int]:
    """One that was said to have failed has another hand-over that is open, until it is with the next channel.

    Found by the index of what no channel has confirmed, which is never many.
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
