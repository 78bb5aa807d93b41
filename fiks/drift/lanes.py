"""The state of every lane, counted from the rows themselves: no stored counter can disagree with them.

Each count reads a partial index of unfinished rows, so its cost follows what waits, not what has been done.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, distinct, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from fiks.core import clock
from fiks.core.db import session
from fiks.drift.rules import BANETALL, Banestand
from fiks.edialog import rules as edialog
from fiks.edialog.models import EdialogSkjema
from fiks.edialog.work import WAIT as EDIALOG_WAIT
from fiks.epost import rules as epost
from fiks.epost.models import Epost
from fiks.print.models import Pakke
from fiks.print.package_conditions import is_ready
from fiks.print.states import Pakkestatus
from fiks.sms import rules as sms
from fiks.sms.models import Sms
from fiks.svarut import lease
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.delivery.wakeup import IS_WAITING_FOR_OPENING
from fiks.svarut.models import Banestatus, Forsendelse, Levering
from fiks.svarut.rules import NOT_YET_FETCHED, Bane, Kanal, Leveringsstatus, Status
from fiks.utsending.jobs.queue import waits_for_files
from fiks.utsending.models import Arbeidsdel, Utsending, Utsendingsrad
from fiks.utsending.rules import (
    BOUNDED,
    FEED_PORTION,
    IN_FLIGHT,
    LANE,
    SENDABLE,
    Delart,
    Delstatus,
    Utsendingstatus,
)
from fiks.utsending.sending.feeder import PAUSED_PORTIONS

L = Leveringsstatus
ENOUGH_WAITS = PAUSED_PORTIONS * FEED_PORTION
HELD = (L.SENDER, L.VENTER, L.UAVKLART, L.TIL_BEHANDLING)
Column = InstrumentedAttribute[Any]


def lanes(houses: Collection[str] | None = None) -> list[Banestand]:
    """Return the state of every lane, and of `sperret` when letters wait there for a person; in a fixed
    order.

    `houses`: codes of the print houses with an address in the settings; None when the caller does not know
    them.
    """
    found = {bane: Banestand(bane) for bane in BANETALL}
    for stand in chain(_packages(houses), *(read() for read in READS)):
        found[stand.bane] = _sum(found.get(stand.bane, Banestand(stand.bane)), stand)
    return list(found.values())


def _sum(one: Banestand, other: Banestand) -> Banestand:
    return replace(
        one,
        klare=one.klare + other.klare,
        eldste=max(one.eldste, other.eldste),
        i_arbeid=one.i_arbeid + other.i_arbeid,
        venter=one.venter + other.venter,
        uavklarte=one.uavklarte + other.uavklarte,
        til_behandling=one.til_behandling + other.til_behandling,
        ufordelt=one.ufordelt + other.ufordelt,
        stengt=one.stengt + other.stengt,
        meste=other.meste if one.meste is None else one.meste + (other.meste or 0),
    )


def _age(oldest: ColumnElement[datetime | None]) -> ColumnElement[float]:
    return func.coalesce(func.extract("epoch", func.now() - oldest), 0)


def _letters() -> Iterable[Banestand]:
    """Count hand-overs. Ready and other rows have two partial indexes, so they are two queries."""
    ready = (
        select(Levering.bane, func.count(), _age(func.min(Levering.neste_forsok)))
        .where(Levering.status == L.KLAR, Levering.neste_forsok <= func.now())
        .group_by(Levering.bane)
    )
    for bane, klare, eldste in session().execute(ready):
        yield Banestand(bane, klare=klare, eldste=float(eldste))
    held = (
        select(Levering.bane, Levering.status, func.count())
        .where(Levering.status.in_([str(s) for s in HELD]))
        .group_by(Levering.bane, Levering.status)
    )
    for bane, status, antall in session().execute(held):
        yield _stand_of_status(bane, status, antall)


def _stand_of_status(bane: str, status: str, antall: int) -> Banestand:
    match status:
        case "SENDER":
            return Banestand(bane, i_arbeid=antall)
        case "VENTER":
            return Banestand(bane, venter=antall)
        case "UAVKLART":
            return Banestand(bane, uavklarte=antall)
        case _:
            return Banestand(bane, til_behandling=antall)


def _unfed_rows() -> Iterable[Banestand]:
    """Count rows of released mailings whose time has come and that the feeder has not put in the lane yet.

    The row's planned channel is not in the index, so it is read only while a channel is paused.
    """
    rows = (
        select(func.count())
        .select_from(Utsending)
        .join(Utsendingsrad, Utsendingsrad.utsending_id == Utsending.id)
        .where(
            Utsending.status.in_([Utsendingstatus.FRIGITT, Utsendingstatus.SENDES]),
            or_(Utsending.status == Utsendingstatus.SENDES, Utsending.frigis_tid <= clock.now_sql()),
            Utsendingsrad.forsendelse_id.is_(None),
            Utsendingsrad.status.in_([str(s) for s in SENDABLE]),
        )
    )
    ufordelt = session().execute(rows).scalar_one()
    yield Banestand(Bane.MASSE, ufordelt=ufordelt)
    paused, held_back = _paused_channels(), _held_back()
    if ufordelt and (paused or held_back):
        waits = or_(Utsendingsrad.kanal.in_(paused), Utsending.id.in_(held_back))
        yield Banestand(Bane.MASSE, stengt=session().execute(rows.where(waits)).scalar_one())


def _paused_channels() -> Sequence[str]:
    channels = Banestatus.navn.in_([str(kanal) for kanal in Kanal])
    return session().scalars(select(Banestatus.navn).where(channels, circuit_breaker.is_paused())).all()


def _held_back() -> Sequence[UUID | None]:
    """Return mailings with so many letters waiting for a paused channel that the feeder adds no more."""
    wait = select(Levering.utsending_id).where(IS_WAITING_FOR_OPENING, Levering.utsending_id.is_not(None))
    many = wait.group_by(Levering.utsending_id).having(func.count() >= ENOUGH_WAITS)
    return session().scalars(many).all()


def _pieces() -> Iterable[Banestand]:
    """Count jobs of background work. Of each bounded kind at most IN_FLIGHT of a mailing run at a time.

    A list that waits for the mailing's files to be checked is not ready, and so never late.
    """
    mailings = func.count(distinct(Arbeidsdel.utsending_id))
    ready = (Arbeidsdel.status == Delstatus.KLAR) & ~waits_for_files()
    rows = (
        select(
            Arbeidsdel.art, Arbeidsdel.status, func.count(), _age(func.min(Arbeidsdel.opprettet)), mailings
        )
        .where(or_(ready, Arbeidsdel.status == Delstatus.TATT))
        .group_by(Arbeidsdel.art, Arbeidsdel.status)
    )
    for art, status, antall, eldste, utsendinger in session().execute(rows):
        bane = LANE[Delart(art)]
        if status == Delstatus.TATT:
            yield Banestand(bane, i_arbeid=antall)
        else:
            most = utsendinger * IN_FLIGHT if art in BOUNDED else None
            yield Banestand(bane, klare=antall, eldste=float(eldste), meste=most)


def _intake() -> Iterable[Banestand]:
    """Count letters to inspect, and letters whose originals are to be replaced by one file; the latter are
    never late.

    Of the latter only first attempts are seen as work in progress; later ones may wait for longer than a
    lease.
    """
    neste, waiting = Forsendelse.kontroll_neste, Forsendelse.status == Status.MOTTATT
    yield _due("mottak", neste, and_(waiting, neste <= func.now()))
    yield _taken_or_waiting("mottak", neste, waiting, lease.WAIT)
    first_try = and_(Forsendelse.kontroll_forsok == 1, neste > func.now() + lease.WAIT)
    originals = select(func.count().filter(neste <= func.now()), func.count().filter(first_try)).where(
        Forsendelse.originaler_venter, Forsendelse.status.not_in([str(s) for s in NOT_YET_FETCHED])
    )
    klare, i_arbeid = session().execute(originals).one()
    yield Banestand("mottak", klare=klare, i_arbeid=i_arbeid)


def _packages(houses: Collection[str] | None) -> Iterable[Banestand]:
    """Count print packages. A ready package whose print house takes none waits for the house, and is not
    late.
    """
    ready = is_ready(houses)
    yield _due("print", Pakke.neste_forsok, ready)
    kept: Select[int] = select(func.count()).where(Pakke.status == Pakkestatus.KLAR, ~ready)
    yield Banestand("print", venter=session().execute(kept).scalar_one())
    held = (
        select(Pakke.status, func.count())
        .where(Pakke.status.in_([str(s) for s in HELD]))
        .group_by(Pakke.status)
    )
    for status, antall in session().execute(held):
        yield _stand_of_status("print", status, antall)


def _messages() -> Iterable[Banestand]:
    """Count SMS, e-mails and eDialog: rows with a next-attempt time that a claim moves forward.

    An SMS or e-mail may be scheduled later than its lease ends, so the ones being sent cannot be told apart.
    """
    rows: tuple[tuple[str, Column, Column, str], ...] = (
        ("sms", Sms.status, Sms.neste_forsok, sms.Status.OPPRETTET),
        ("epost", Epost.status, Epost.neste_forsok, epost.Status.KLAR),
    )
    for bane, status, neste, waiting in rows:
        yield _due(bane, neste, and_(status == waiting, neste <= func.now()))
        later: Select[int] = select(func.count()).where(status == waiting, neste > func.now())
        yield Banestand(bane, venter=session().execute(later).scalar_one())
    sent = EdialogSkjema.status == edialog.Status.UNDER_INNSENDING
    yield _due("edialog", EdialogSkjema.neste_forsok, and_(sent, EdialogSkjema.neste_forsok <= func.now()))
    yield _taken_or_waiting("edialog", EdialogSkjema.neste_forsok, sent, EDIALOG_WAIT)


def _taken_or_waiting(bane: str, neste: Column, waiting: ColumnElement[bool], wait: timedelta) -> Banestand:
    """Count rows scheduled ahead: further than `wait` means claimed, under its lease; otherwise waiting for a
    retry.

    In the last `wait` of its lease a claimed row is counted as waiting.
    """
    taken = neste > func.now() + wait
    ahead = select(func.count().filter(taken), func.count().filter(~taken)).where(waiting, neste > func.now())
    i_arbeid, venter = session().execute(ahead).one()
    return Banestand(bane, i_arbeid=i_arbeid, venter=venter)


def _due(bane: str, since: Column, condition: ColumnElement[bool]) -> Banestand:
    counted: Select[int, float] = select(func.count(), _age(func.min(since))).where(condition)
    klare, eldste = session().execute(counted).one()
    return Banestand(bane, klare=klare, eldste=float(eldste))


READS: tuple[Callable[[], Iterable[Banestand]], ...] = (
    _letters,
    _unfed_rows,
    _pieces,
    _intake,
    _messages,
)
