"""Reads of a mailing's letters: progress from the rows themselves, the list, one letter's history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, not_, null, or_, select, union_all
from sqlalchemy.orm import aliased

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.rules import P
from fiks.registeroppslag.rules import Registernavn
from fiks.svarut import circuit
from fiks.svarut.models import Forsendelse, Hendelse, Levering
from fiks.svarut.rules import (
    GOES_ON,
    NOT_YET_SENT,
    OPEN,
    REGISTERS_AWAY,
    UNREAD_ALTINN,
    Kanal,
    Leveringsstatus,
    Status,
    paused_code,
)
from fiks.utsending import access
from fiks.utsending.models import (
    Utsendingsrad,
)
from fiks.utsending.rules import HELD_OUT_NAMES
from fiks.utsending.unfed import without_letter
from fiks.utsending.values import row_values

ROWS_PAGE = 50
_WAITING, _PARKED, _UNDELIVERED, _LETTERS = "VENTER", "PARKERT", "IKKE_LEVERT", "BREV"
_FIRST, _FAILED, _TO_PAPER = "FORSTE", "KOM_IKKE_FRAM", "TIL_PAPIR"
NOT_DELIVERED = (Status.IKKE_LEVERT, Status.AVVIST, Status.FEILET_UNDER_MOTTAK)


@dataclass(frozen=True, slots=True)
class Fremdrift:
    """Where every row is. The numbers add up: venter + parkert + sum(per_status) = rader.

    `til_behandling`: letters that wait for a person. `ikke_levert`: letters that are settled and that nobody got.
    `underveis`: letters that a channel had and failed with, and that none has taken since; of them `proves_videre` go
    on by themselves, the others wait for a person. `til_papir`: letters that nobody read in Altinn before lesefrist,
    and whose paper is not ordered yet.
    """

    rader: int
    venter: int
    parkert: int
    per_status: dict[str, int]
    per_kanal: dict[str, int]
    til_behandling: int
    ikke_levert: int
    underveis: int
    proves_videre: int
    til_papir: int

    @property
    def sendt(self) -> int:
        """Letters that have gone to a channel, or are finally settled: `til_papir` too, but not `underveis`."""
        made = sum(n for status, n in self.per_status.items() if status not in NOT_YET_SENT)
        return made - self.underveis


def progress(utsending_id: UUID, *, actor: Aktor) -> Fremdrift:
    """Counts of rows without a letter, of letters and of open hand-overs, in one statement: all as at one moment.

    They are counted apart, each by its own index: joined, every row and every letter there is would be read, and the
    page of a mailing that is being sent asks every other second.
    """
    access.visible(utsending_id, actor)
    parked = (
        Utsendingsrad.utsending_id == utsending_id,
        Utsendingsrad.forsendelse_id.is_(None),
        Utsendingsrad.status.in_(HELD_OUT_NAMES),
    )
    mine, nothing = Forsendelse.utsending_id == utsending_id, null()
    letters = select(literal(_LETTERS), Forsendelse.status, Forsendelse.kanal, func.count())
    counted: Iterable[Any] = session().execute(
        union_all(
            select(literal(_WAITING), nothing, nothing, func.count()).where(*without_letter(utsending_id)),
            select(literal(_PARKED), nothing, nothing, func.count()).where(*parked),
            select(literal(_UNDELIVERED), nothing, nothing, func.count()).where(mine, _undelivered()),
            _open_hand_overs(utsending_id),
            letters.where(mine).group_by(Forsendelse.status, Forsendelse.kanal),
        )
    )
    return _added_up(counted)


def _open_hand_overs(utsending_id: UUID) -> Select[*tuple[Any, ...]]:
    """How many are open, by why (the letter's first, after a failure, after lesefrist) and by status.

    Each one's letter is looked up by its id: as many as are open, which are few while a mailing of any size is sent.
    """
    again = (
        select(case((_lesefrist_is_out(), _TO_PAPER), else_=_FAILED))
        .where(Forsendelse.id == Levering.forsendelse_id, _has_been_handed())
        .correlate(Levering)
        .scalar_subquery()
    )
    why = func.coalesce(again, _FIRST).label("hvorfor")
    mine = (Levering.utsending_id == utsending_id, Levering.status.in_([str(s) for s in OPEN]))
    return select(why, Levering.status, null(), func.count()).where(*mine).group_by(why, Levering.status)


def _added_up(counted: Iterable[Any]) -> Fremdrift:
    """The counts by kind: a letter with its status and channel, the others alone or with the hand-over's status."""
    alone, for_person = Counter[str](), Counter[str]()
    per_status, per_kanal = Counter[str](), Counter[str]()
    for kind, status, kanal, n in counted:
        if kind == _LETTERS:
            per_status[status] += n
            per_kanal[kanal or "INGEN"] += n
        else:
            alone[kind] += n
            for_person[kind] += n if status == Leveringsstatus.TIL_BEHANDLING else 0
    waiting, held = alone[_WAITING], alone[_PARKED]
    return Fremdrift(
        rader=waiting + held + per_status.total(),
        venter=waiting,
        parkert=held,
        per_status=dict(per_status),
        per_kanal=dict(per_kanal),
        til_behandling=for_person.total(),
        ikke_levert=alone[_UNDELIVERED],
        underveis=alone[_FAILED],
        proves_videre=alone[_FAILED] - for_person[_FAILED],
        til_papir=alone[_TO_PAPER] - for_person[_TO_PAPER],
    )


def _has_been_handed() -> ColumnElement[bool]:
    """Of a letter: whether a channel has had it, and it may still go on to the next one."""
    return Forsendelse.status.in_([str(s) for s in GOES_ON])


def _lesefrist_is_out() -> ColumnElement[bool]:
    return and_(
        Forsendelse.status.in_([str(s) for s in UNREAD_ALTINN]), Forsendelse.lesefrist_utlopt.is_not(None)
    )


def failed_and_goes_on() -> ColumnElement[bool]:
    """Of a hand-over and its letter (joined): whether it is open after a channel had the letter and failed with it.

    Not that of a letter which no channel has had yet, nor that to paper of a letter whose lesefrist in Altinn is out:
    its receiver has it there, unread, unless Altinn has said since that it failed. Only that last takes a look at the
    letter's events, which is too dear for what is asked every other second.
    """
    said_later = select(Hendelse.lopenr).where(
        Hendelse.forsendelse_id == Forsendelse.id, Hendelse.kode == f"FEILET_{Kanal.ALTINN}"
    )
    # A value and not "exists", which might be answered by reading every event that there is.
    never_failed = said_later.correlate(Forsendelse).limit(1).scalar_subquery().is_(None)
    return and_(
        Levering.status.in_([str(s) for s in OPEN]),
        _has_been_handed(),
        not_(and_(_lesefrist_is_out(), never_failed)),
    )


def _undelivered() -> ColumnElement[bool]:
    """Whether a letter is settled and nobody got it; one that is erased since, as it was before."""
    last = func.coalesce(Forsendelse.status_for_sletting, Forsendelse.status)
    never_left = and_(last == Status.MANUELT_HANDTERT, Forsendelse.overlevert.is_(None))
    found_by_index = Forsendelse.status.in_([*NOT_DELIVERED, Status.MANUELT_HANDTERT, Status.SLETTET])
    return and_(found_by_index, or_(last.in_(NOT_DELIVERED), never_left))


@dataclass(frozen=True, slots=True)
class Hindringer:
    """What keeps a mailing's letters from going out. `stanset`: all sending is stopped, by those who run the platform.
    `uten_svar`: letters of which a register has yet to say who their receiver is. `stengte`: letters that wait for a
    channel that takes nothing now, by channel."""

    stanset: bool
    uten_svar: int
    stengte: dict[str, int]


def hindrances(utsending_id: UUID, *, actor: Aktor) -> Hindringer:
    """What stands in the way of a mailing that is released."""
    access.visible(utsending_id, actor)
    channels = {paused_code(kanal): str(kanal) for kanal in Kanal}
    registers = [REGISTERS_AWAY, *map(paused_code, Registernavn)]
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
    return Hindringer(circuit.frozen(), away, {channels[kode]: antall for kode, antall in counted.items()})


@dataclass(frozen=True, slots=True)
class Brevrad:
    """A letter of a mailing in its list."""

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


def letters(
    utsending_id: UUID,
    *,
    actor: Aktor,
    status: str | None = None,
    feil: bool = False,
    after: int = 0,
    limit: int = ROWS_PAGE,
) -> list[Brevrad]:
    """Letters in row order; `feil`: only those that wait for a person. The restricted lane needs SE_SPERRET."""
    _, held = access.visible_with_rights(utsending_id, actor)
    may_see = held.use(P.SE_SPERRET)
    open_one = aliased(Levering)
    query = (
        select(Utsendingsrad, Forsendelse.status, Forsendelse.kanal, Forsendelse.status_endret, open_one)
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
        query = query.where(Forsendelse.status == status)
    if feil:
        query = query.where(open_one.status == "TIL_BEHANDLING")
    return [
        _letter(row, letter_status, kanal, changed, levering, may_see)
        for row, letter_status, kanal, changed, levering in session().execute(query)
    ]


def _letter(
    row: Utsendingsrad,
    status: str,
    kanal: str | None,
    changed: datetime,
    levering: Levering | None,
    may_see: bool,
) -> Brevrad:
    """What stands in the list; of the restricted lane less, for who may not see it."""
    assert row.forsendelse_id is not None
    told = None if levering is not None and levering.bane == "sperret" and not may_see else levering
    return Brevrad(
        row.radnr,
        row.forsendelse_id,
        None if told is None else told.id,
        row_values(row).get("navn", ""),
        status,
        kanal,
        None if levering is None else levering.status,
        None if told is None else told.feilkode,
        changed,
        row.eksternref,
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
    """One letter and its whole history."""
    found = letters(utsending_id, actor=actor, after=radnr - 1, limit=1)
    if not found or found[0].radnr != radnr:
        raise IkkeFunnet("FINNES_IKKE")
    events = session().scalars(
        select(Hendelse)
        .where(Hendelse.forsendelse_id == found[0].forsendelse_id)
        .order_by(Hendelse.lopenr)
        .limit(500)
    )
    return found[0], [Tidslinjerad(e.art, e.fra, e.til, e.kode, dict(e.detaljer), e.tid) for e in events]
