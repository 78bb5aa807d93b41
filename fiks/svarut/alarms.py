"""What operations are told of letters that should have come further by now. Looks, and changes nothing."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client import Gauge
from sqlalchemy import func, select

from fiks.core import clock
from fiks.core.db import session
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Status

PRINT_OVERDUE = timedelta(days=4)
OVERDUE = Gauge(
    "fiks_print_overdue", "Letters handed to the print house four days ago that it has not confirmed"
)


def count_print_overdue() -> int:
    """Tell how many letters have been at the print house for four days without a receipt; return how many."""
    waiting = select(func.count()).where(
        Forsendelse.status == Status.SENDT_PRINT, Forsendelse.overlevert <= clock.now() - PRINT_OVERDUE
    )
    count = session().execute(waiting).scalar_one()
    OVERDUE.set(count)
    return count
