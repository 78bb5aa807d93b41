"""Progress of a mailing's letters, counted from the rows, with the list and history of single letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, null, select, union_all
from sqlalchemy.orm import aliased

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.queries import Rettigheter
from fiks.konfigurasjon.rules import P
from fiks.registeroppslag.rules import Registernavn
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.lifecycle.posting_date import is_unposted
from fiks.svarut.models import Forsendelse, Hendelse, Levering
from fiks.svarut.paper.cancellation import count_failed
from fiks.svarut.rules import (
    GOES_ON,
    NOT_YET_SENT,
    OPEN,
    REGISTERS_UNAVAILABLE,
    UNREAD_ALTINN,
    Bane,
    Kanal,
    Leveringsstatus,
    Status,
    paused_code,
)
from fiks.svarut.sender.restricted_lane import visible_events
from fiks.utsending import access
from fiks.utsending.models import Utsendingsrad
from fiks.utsending.rules import HELD_OUT_NAMES
from fiks.utsending.sealed_values import row_values
from fiks.utsending.sending.delivery_state import is_undelivered, is_unread_in_altinn, was_handed_to_channel
from fiks.utsending.sending.feeder import without_letter
from fiks.utsending.sending.stop_report import CLOSED_BY_STOP, reported_status

ROWS_PAGE = 50
_WAITING, _PARKED, _UNDELIVERED, _LETTERS = "VENTER", "PARKERT", "IKKE_LEVERT", "BREV"
_FIRST, _TO_PAPER = "FORSTE", "TIL_PAPIR"


@dataclass(frozen=True, slots=True)
class VedStopp:
    """What a stop does with letters that one channel has had and that are on the way to the next.

    `stoppes`: stopped. `sendes_likevel`: sent by the next channel. `blir_staende`: wait until a person closes
    them. `uleste`: lie unread in Altinn and go on paper when lesefrist is over.
    """

    stoppes: int
    sendes_likevel: int
    blir_staende: int
    uleste: int


@dataclass(frozen=True, slots=True)
class Fremdrift:
    """Where every row is; the counts add up: venter + parkert + sum(per_status) = rader.

    `per_status`: letters by reported status (`stop_report.reported_status`). `til_behandling`: wait for a
    person, `sperret` of them in the restricted lane. `ikke_levert`: settled, and nobody received them.
    `underveis`: a channel had them and failed, and none has taken them since; `proves_videre` of them go on
    by themselves. `til_papir`: unread in Altinn past lesefrist, paper not ordered yet.
    """

    rader: int
    venter: int
    parkert: int
    per_status: dict[str, int]
    per_kanal: dict[str, int]
    til_behandling: int
    sperret: int
    ikke_levert: int
    underveis: int
    proves_videre: int
    til_papir: int
    ved_stopp: VedStopp

    @property
    def kan_proves(self) -> int:
        """Letters that wait for a person and may be retried."""
        return self.til_behandling - self.sperret

    @property
    def sendt(self) -> int:
        """Letters handed to a channel or settled: `til_papir` included, `underveis` not."""
        made = sum(n for status, n in self.per_status.items() if status not in NOT_YET_SENT)
        return made - self.underveis


def progress(utsending_id: UUID, *, actor: Aktor) -> Fremdrift:
    """Counts of rows without a letter, letters and open leveringer, in one statement and so at one moment.

    Each kind is counted by its own index: a join would read every row and letter, and the page of a mailing
    being sent polls every other second.
    """
    access.find_visible(utsending_id, actor)
    parked = (
        Utsendingsrad.utsending_id == utsending_id,
        Utsendingsrad.forsendelse_id.is_(None),
        Utsendingsrad.status.in_(HELD_OUT_NAMES),
    )
    mine, nothing = Forsendelse.utsending_id == utsending_id, null()
    letters = select(literal(_LETTERS), Forsendelse.status, Forsendelse.kanal, func.count())
    told, closed = reported_status().label("fortalt"), Forsendelse.status == Status.MANUELT_HANDTERT
    closed_ones = select(literal(_LETTERS), told, Forsendelse.kanal, func.count())
    counted: Iterable[Any] = session().execute(
        union_all(
            select(literal(_WAITING), nothing, nothing, func.count()).where(*without_letter(utsending_id)),
            select(literal(_PARKED), nothing, nothing, func.count()).where(*parked),
            select(literal(_UNDELIVERED), nothing, nothing, func.count()).where(mine, is_undelivered()),
            _open_hand_overs(utsending_id),
            letters.where(mine, ~closed).group_by(Forsendelse.status, Forsendelse.kanal),
            closed_ones.where(mine, closed).group_by(told, Forsendelse.kanal),
        )
    )
    return _added_up(utsending_id, counted)


def _open_hand_overs(utsending_id: UUID) -> Select[*tuple[Any, ...]]:
    """Counts of open leveringer by reason, status and whether they are in the restricted lane.

    Reason: the first channel, the letter's status after a failure, or lesefrist. Each letter is looked up by
    id; few leveringer are open at a time.
    """
    again = (
        select(case((is_unread_in_altinn(), _TO_PAPER), else_=Forsendelse.status))
        .where(Forsendelse.id == Levering.forsendelse_id, was_handed_to_channel())
        .correlate(Levering)
        .scalar_subquery()
    )
    why = func.coalesce(again, _FIRST).label("hvorfor")
    mine = (Levering.utsending_id == utsending_id, Levering.status.in_([str(s) for s in OPEN]))
    restricted = case((Levering.bane == Bane.SPERRET, Bane.SPERRET.value)).label("sperret")
    counted = select(why, Levering.status, restricted, func.count()).where(*mine)
    return counted.group_by(why, Levering.status, restricted)


def _added_up(utsending_id: UUID, counted: Iterable[Any]) -> Fremdrift:
    """Sum the counted rows (kind, status, channel or lane, number) into Fremdrift."""
    alone, for_person, restricted = Counter[str](), Counter[str](), 0
    per_status, per_kanal = Counter[str](), Counter[str]()
    for kind, status, where, n in counted:
        if kind == _LETTERS:
            per_status[status] += n
            per_kanal[where or "INGEN"] += n
            continue
        alone[kind] += n
        if status == Leveringsstatus.TIL_BEHANDLING:
            for_person[kind] += n
            restricted += n if where else 0
    waiting, held = alone[_WAITING], alone[_PARKED]
    failed = sum(alone[status] for status in GOES_ON)
    return Fremdrift(
        rader=waiting + held + per_status.total(),
        venter=waiting,
        parkert=held,
        per_status=dict(per_status),
        per_kanal=dict(per_kanal),
        til_behandling=for_person.total(),
        sperret=restricted,
        ikke_levert=alone[_UNDELIVERED],
        underveis=failed,
        proves_videre=failed - sum(for_person[status] for status in GOES_ON),
        til_papir=alone[_TO_PAPER] - for_person[_TO_PAPER],
        ved_stopp=_at_stop(utsending_id, alone, for_person, per_status),
    )


def _at_stop(
    utsending_id: UUID, alone: Counter[str], for_person: Counter[str], per_status: Counter[str]
) -> VedStopp:
    """The effect of a stop, as `svarut` carries it out. `alone`: open leveringer by reason; `for_person`:
    those of them that wait for a person.

    Paper to be ordered again is counted only when there is any, since it may be printed already.
    """
    ended, ended_for_person = count_failed(utsending_id) if alone[Status.SENDT_PRINT] else (0, 0)
    printed = for_person[Status.SENDT_PRINT] - ended_for_person
    elsewhere = [status for status in GOES_ON if status is not Status.SENDT_PRINT]
    closed_by_hand = (Status.KLAR_FOR_MOTTAK, *UNREAD_ALTINN, _TO_PAPER)
    return VedStopp(
        stoppes=ended + for_person[Status.SENDT_SDP],
        sendes_likevel=sum(alone[status] - for_person[status] for status in elsewhere),
        blir_staende=printed + sum(for_person[kind] for kind in closed_by_hand),
        uleste=sum(per_status[status] - alone[status] for status in UNREAD_ALTINN) - alone[_TO_PAPER],
    )


@dataclass(frozen=True, slots=True)
class Hindringer:
    """What keeps a mailing's letters from leaving.

    `stanset`: the operators have frozen all sending. `uten_svar`: letters whose register has not answered.
    `stengte`: letters that wait for a paused channel, by channel.
    """

    stanset: bool
    uten_svar: int
    stengte: dict[str, int]


def obstacles(utsending_id: UUID, *, actor: Aktor) -> Hindringer:
    """What keeps a released mailing's letters from leaving now."""
    access.find_visible(utsending_id, actor)
    channels = {paused_code(kanal): str(kanal) for kanal in Kanal}
    registers = [REGISTERS_UNAVAILABLE, *map(paused_code, Registernavn)]
    waiting = session().execute(
        select(Levering.feilkode, func.count())
        .where(
            Levering.utsending_id == utsending_id,
            Levering.status == Leveringsstatus.VENTER,
            Levering.feilkode.in_([*channels, *registers]),
        )
        .group_by(Levering.feilkode)
    )
    counted = {str(kode): antall for kode, antall in waiting}
    away = sum(counted.pop(kode, 0) for kode in registers)
    return Hindringer(
        circuit_breaker.is_frozen(), away, {channels[kode]: antall for kode, antall in counted.items()}
    )


def count_unposted(utsending_id: UUID, *, actor: Aktor) -> int:
    """Number of the mailing's letters ordered on paper and not posted yet."""
    access.find_visible(utsending_id, actor)
    waiting = select(func.count()).where(Forsendelse.utsending_id == utsending_id, is_unposted())
    return session().execute(waiting).scalar_one()


@dataclass(frozen=True, slots=True)
class Brevrad:
    """A letter in the mailing's list. `sperret`: it waits for a person in the restricted lane.

    Actors who may not see that lane get it as a letter without an open levering.
    """

    radnr: int
    forsendelse_id: UUID
    levering_id: UUID | None
    navn: str
    status: str
    kanal: str | None
    leveringsstatus: str | None
    feilkode: str | None
    status_endret: datetime
    eksternref: str | None
    sperret: bool


def letters(
    utsending_id: UUID,
    *,
    actor: Aktor,
    status: str | None = None,
    feil: bool = False,
    after: int = 0,
    limit: int = ROWS_PAGE,
) -> list[Brevrad]:
    """Letters in row order, filtered by reported status, or (`feil`) those that wait for a person.

    The restricted lane needs SE_SPERRET.
    """
    _, held = access.find_visible_with_rights(utsending_id, actor)
    return _letters(utsending_id, held, status=status, feil=feil, after=after, limit=limit)


def _letters(
    utsending_id: UUID, held: Rettigheter, *, status: str | None, feil: bool, after: int, limit: int
) -> list[Brevrad]:
    open_one = aliased(Levering)
    query = (
        select(Utsendingsrad, reported_status(), Forsendelse.kanal, Forsendelse.status_endret, open_one)
        .join(Forsendelse, Forsendelse.id == Utsendingsrad.forsendelse_id)
        .outerjoin(
            open_one,
            and_(
                open_one.forsendelse_id == Forsendelse.id,
                open_one.status.in_(["KLAR", "SENDER", "VENTER", "UAVKLART", "TIL_BEHANDLING"]),
            ),
        )
        .where(
            Utsendingsrad.utsending_id == utsending_id,
            Forsendelse.utsending_id == utsending_id,
            Utsendingsrad.radnr > after,
        )
        .order_by(Utsendingsrad.radnr)
        .limit(limit)
    )
    if status:
        query = query.where(_has_reported_status(status))
    if feil:
        query = query.where(open_one.status == "TIL_BEHANDLING")
        if P.SE_SPERRET not in held.everything():
            query = query.where(open_one.bane != Bane.SPERRET)
    found = session().execute(query).all()
    restricted = any(_is_restricted(row[-1]) for row in found)
    may_see = restricted and held.use(P.SE_SPERRET)
    return [_letter(*row, may_see) for row in found]


def _has_reported_status(status: str) -> ColumnElement[bool]:
    if status != Status.MANUELT_HANDTERT and status not in CLOSED_BY_STOP:
        return Forsendelse.status == status
    return and_(Forsendelse.status == Status.MANUELT_HANDTERT, reported_status() == status)


def _is_restricted(levering: Levering | None) -> bool:
    return levering is not None and levering.bane == Bane.SPERRET


def _letter(
    row: Utsendingsrad,
    status: str,
    kanal: str | None,
    changed: datetime,
    levering: Levering | None,
    may_see: bool,
) -> Brevrad:
    """One entry of the list; less of the restricted lane for actors who may not see it."""
    assert row.forsendelse_id is not None
    told = None if _is_restricted(levering) and not may_see else levering
    return Brevrad(
        row.radnr,
        row.forsendelse_id,
        None if told is None else told.id,
        row_values(row).get("navn", ""),
        status,
        kanal,
        None if told is None else told.status,
        None if told is None else told.feilkode,
        changed,
        row.eksternref,
        _is_restricted(told) and told is not None and told.status == Leveringsstatus.TIL_BEHANDLING,
    )


@dataclass(frozen=True, slots=True)
class Tidslinjerad:
    art: str
    fra: str | None
    til: str | None
    kode: str
    detaljer: dict[str, Any]
    tid: datetime


def timeline(utsending_id: UUID, radnr: int, *, actor: Aktor) -> tuple[Brevrad, list[Tidslinjerad]]:
    """A letter and its whole history.

    Actors who may not see the restricted lane get what is shown outside it (`svarut`'s `told_outside`).
    """
    _, held = access.find_visible_with_rights(utsending_id, actor)
    found = _letters(utsending_id, held, status=None, feil=False, after=radnr - 1, limit=1)
    if not found or found[0].radnr != radnr:
        raise IkkeFunnet("FINNES_IKKE")
    history = (
        select(Hendelse)
        .where(Hendelse.forsendelse_id == found[0].forsendelse_id)
        .order_by(Hendelse.lopenr)
        .limit(500)
    )
    events = session().scalars(history).all()
    outside = visible_events(events)
    told = events if len(outside) < len(events) and held.use(P.SE_SPERRET) else outside
    return found[0], [Tidslinjerad(e.art, e.fra, e.til, e.kode, dict(e.detaljer), e.tid) for e in told]
