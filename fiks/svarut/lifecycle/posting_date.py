"""Posting date: for paper the date the print house or the sender reported, else the hand-over.

Legal deadlines that run from the sending are counted from it (ADR 0036).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, select

from fiks.print.models import Ordre
from fiks.print.states import Ordrestatus
from fiks.svarut.lifecycle.print_order import KILDE
from fiks.svarut.models import Forsendelse, Hendelse
from fiks.svarut.rules import Kanal, Status

POSTED_STATUSES = (Ordrestatus.POSTLAGT, Ordrestatus.RETUR)
"""Statuses of a posted order. A called-off order was not posted, even where that is hidden from some users.
"""


def is_unposted() -> ColumnElement[bool]:
    """SQL on a letter: ordered on paper, and nobody has reported it as posted."""
    # A value and not "exists", which might be answered by reading every order that there is.
    waits = _posted_orders().limit(1).scalar_subquery().is_(None)
    return and_(Forsendelse.kanal == Kanal.PRINT, Forsendelse.status == Status.SENDT_PRINT, waits)


def left_at() -> ColumnElement[datetime | None]:
    """SQL on a letter: when it left for its receiver. None before that, and until the print house has
    reported.

    A date that is too early would cost the receiver the right to complain.
    """
    posted = _posted_orders().with_only_columns(func.max(func.coalesce(Ordre.postlagt, Ordre.overlevert)))
    paper = func.greatest(Forsendelse.overlevert, posted.scalar_subquery(), _marked_posted_at())
    return case(
        (is_unposted(), None), (Forsendelse.kanal == Kanal.PRINT, paper), else_=Forsendelse.overlevert
    )


def _posted_orders() -> Select[UUID]:
    return (
        select(Ordre.id)
        .where(
            Ordre.kilde == KILDE,
            Ordre.kilde_id == Forsendelse.id,
            Ordre.status.in_([str(status) for status in POSTED_STATUSES]),
        )
        .correlate(Forsendelse)
    )


def _marked_posted_at() -> ScalarSelect[datetime]:
    """When the sender marked the letter as posted: the only record when its order was called off after it was
    printed.
    """
    told = select(func.max(Hendelse.tid)).where(
        Hendelse.forsendelse_id == Forsendelse.id, Hendelse.kode == "PRINTET_MANUELT"
    )
    return told.correlate(Forsendelse).scalar_subquery()
