"""When a letter really left: of paper not when it was ordered, but when it was posted, as far as anybody has said.

Deadlines that the law counts from the sending are counted from this (ADR 0036).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, select

from fiks.print.models import Ordre
from fiks.print.states import Ordrestatus
from fiks.svarut.models import Forsendelse, Hendelse
from fiks.svarut.paper import KILDE
from fiks.svarut.rules import Kanal, Status

GONE = (Ordrestatus.POSTLAGT, Ordrestatus.RETUR)
"""What an order is that was posted. One that was called off was not, also where not everybody may know it."""


def is_unposted() -> ColumnElement[bool]:
    """Of a letter: whether it is ordered on paper, and nobody has said that it was posted."""
    # A value and not "exists", which might be answered by reading every order that there is.
    waits = _gone().limit(1).scalar_subquery().is_(None)
    return and_(Forsendelse.kanal == Kanal.PRINT, Forsendelse.status == Status.SENDT_PRINT, waits)


def left_at() -> ColumnElement[datetime | None]:
    """Of a letter: when it left for its receiver; None before that, and while a print house that has it is silent: a
    day that is too early would cost somebody their right to complain."""
    posted = _gone().with_only_columns(func.max(func.coalesce(Ordre.postlagt, Ordre.overlevert)))
    paper = func.greatest(Forsendelse.overlevert, posted.scalar_subquery(), _told_by_hand())
    return case(
        (is_unposted(), None), (Forsendelse.kanal == Kanal.PRINT, paper), else_=Forsendelse.overlevert
    )


def _gone() -> Select[UUID]:
    return (
        select(Ordre.id)
        .where(
            Ordre.kilde == KILDE,
            Ordre.kilde_id == Forsendelse.id,
            Ordre.status.in_([str(status) for status in GONE]),
        )
        .correlate(Forsendelse)
    )


def _told_by_hand() -> ScalarSelect[datetime]:
    """When its sender said that it was posted: all there is of one whose order was called off when it lay printed."""
    told = select(func.max(Hendelse.tid)).where(
        Hendelse.forsendelse_id == Forsendelse.id, Hendelse.kode == "PRINTET_MANUELT"
    )
    return told.correlate(Forsendelse).scalar_subquery()
