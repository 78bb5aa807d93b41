"""Failure notices: letters that the house itself sends and that reached nobody are reported, each once.

A fagsystem follows its own letters. Nobody asks about a signed copy, or about what a citizen wrote: whoever
waits was told that it was sent. A lost letter is found by its row until its own history says that it was
reported, so that none is missed; it keeps its status until then (`awaits_report`). eDialog reports what a
citizen wrote.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from fiks.core import clock
from fiks.core.actor import system
from fiks.core.db import session, transaction
from fiks.svarut.history import Event, append_events, remark
from fiks.svarut.models import Forsendelse, Hendelse
from fiks.svarut.rules import Opphav, Status

log = logging.getLogger(__name__)
HOUSE = system("egne-brev")
OPPHAV = (Opphav.SIGNERING, Opphav.EDIALOG)
"""The origins of letters that the house itself sends."""
LOST_STATUSES = (Status.AVVIST, Status.FEILET_UNDER_MOTTAK, Status.IKKE_LEVERT)
"""Statuses of a letter that reaches nobody, and never will; they change only by deletion.

A letter closed before anybody had it is lost too. A signed copy is closed by those who wait for it.
"""
REPORTED = "MELDT_IKKE_FRAMME"
PORTION = 200
ALARM_LASTS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tapt:
    """A lost letter that is not reported yet. `kode`: why, from its history."""

    id: UUID
    svar_pa_id: UUID | None
    kode: str

    @property
    def told(self) -> Event:
        """The history event that marks it as reported."""
        return Event(self.id, "MERKNAD", REPORTED, HOUSE.ref)


def unreported_letters(opphav: Opphav) -> list[UUID]:
    """A portion of lost letters of this origin that are not reported, longest lost first."""
    found = session().scalars(_unreported(opphav)).all()
    session().rollback()
    return list(found)


def _unreported(opphav: Opphav) -> Select[UUID]:
    return (
        select(Forsendelse.id)
        .where(*_is_lost([opphav]), ~_is_reported())
        .order_by(Forsendelse.status_endret, Forsendelse.id)
        .limit(PORTION)
    )


def _is_lost(opphav: Sequence[Opphav]) -> tuple[ColumnElement[bool], ...]:
    """SQL: the letter is lost. Served by an index of such letters alone (`ix_forsendelse_egne_tapte`)."""
    closed = and_(Forsendelse.opphav == Opphav.EDIALOG, Forsendelse.overlevert.is_(None))
    return (
        Forsendelse.utsending_id.is_(None),
        Forsendelse.status.in_([str(s) for s in (*LOST_STATUSES, Status.MANUELT_HANDTERT)]),
        Forsendelse.opphav.in_([str(one) for one in opphav]),
        or_(Forsendelse.status != Status.MANUELT_HANDTERT, closed),
    )


def _is_reported(before: ColumnElement[datetime] | None = None) -> ColumnElement[bool]:
    """SQL: the letter is reported. Not EXISTS: below an OR PostgreSQL may read the whole history."""
    told = select(Hendelse.lopenr).where(Hendelse.forsendelse_id == Forsendelse.id, Hendelse.kode == REPORTED)
    if before is not None:
        told = told.where(Hendelse.tid <= before)
    return told.limit(1).scalar_subquery().is_not(None)


def awaits_report() -> ColumnElement[bool]:
    """SQL: the letter is lost and not reported. Its content is kept until it is."""
    return and_(*_is_lost(OPPHAV), ~_is_reported())


def lock_unreported(letter_id: UUID) -> Tapt | None:
    """The lost letter, locked together with the letter it answers; None when it was reported meanwhile."""
    pair = select(Forsendelse.svar_pa_id).where(Forsendelse.id == letter_id).scalar_subquery()
    both = select(Forsendelse.id).where((Forsendelse.id == letter_id) | (Forsendelse.id == pair))
    held = set(session().scalars(both.order_by(Forsendelse.id).with_for_update()))
    why = (
        select(Hendelse.kode)
        .where(Hendelse.forsendelse_id == Forsendelse.id, Hendelse.til == Forsendelse.status)
        .order_by(Hendelse.lopenr.desc())
        .limit(1)
        .scalar_subquery()
    )
    row = (
        session()
        .execute(
            select(Forsendelse.svar_pa_id, func.coalesce(why, Forsendelse.status)).where(
                Forsendelse.id == letter_id, *_is_lost(OPPHAV), ~_is_reported()
            )
        )
        .first()
    )
    return None if row is None else Tapt(letter_id, row[0] if row[0] in held else None, row[1])


def report_lost_signed_copies() -> int:
    """Report lost signed copies to operations, and to the sender in the log of the letter that was signed.

    Returns how many.
    """
    return sum(_report_copy(letter_id) for letter_id in unreported_letters(Opphav.SIGNERING))


def _report_copy(copy_id: UUID) -> int:
    with transaction():
        lost = lock_unreported(copy_id)
        if lost is None:
            return 0
        append_events([lost.told])
        if lost.svar_pa_id is not None:
            svar_id = str(copy_id)
            remark(
                lost.svar_pa_id, "SIGNERT_KOPI_IKKE_FRAMME", aktor=HOUSE.ref, svar_id=svar_id, grunn=lost.kode
            )
    signed = {"forsendelse": str(copy_id), "signert": str(lost.svar_pa_id), "kode": lost.kode}
    log.error("signed_copy_lost", extra=signed)
    return 1


def count_lost() -> int:
    """Log and return how many of the house's own letters are lost, until a day after each was reported."""
    count = session().execute(_lost()).scalar_one()
    if count:
        log.warning("own_letters_lost", extra={"antall": count})
    return count


def _lost() -> Select[int]:
    lately = ~_is_reported(before=clock.now_sql() - ALARM_LASTS)
    return select(func.count()).select_from(Forsendelse).where(*_is_lost(OPPHAV), lately)
