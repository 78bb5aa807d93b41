"""Reads of a mailing's letters: progress from the rows themselves, the list, one letter's history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, null, or_, select, union_all
from sqlalchemy.orm import aliased

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.rules import P
from fiks.registeroppslag.rules import Registernavn
from fiks.svarut import circuit
from fiks.svarut.models import Forsendelse, Hendelse, Levering
from fiks.svarut.rules import REGISTERS_AWAY, Kanal, Leveringsstatus, Status, paused_code
from fiks.utsending import access
from fiks.utsending.models import (
    Utsendingsrad,
)
from fiks.utsending.rules import HELD_OUT_NAMES
from fiks.utsending.unfed import without_letter
from fiks.utsending.values import row_values

ROWS_PAGE = 50
_WAITING, _PARKED, _UNDELIVERED, _LETTERS = "VENTER", "PARKERT", "IKKE_LEVERT", "BREV"
NOT_DELIVERED = (Status.IKKE_LEVERT, Status.AVVIST, Status.FEILET_UNDER_MOTTAK)


@dataclass(frozen=True, slots=True)
class Fremdrift:
    """Where every row is. The numbers add up: venter + parkert + sum(per_status) = rader.

    `til_behandling`: letters that wait for a person. `ikke_levert`: letters that are settled and that nobody got.
    """

    rader: int
    venter: int
    parkert: int
    per_status: dict[str, int]
    per_kanal: dict[str, int]
    til_behandling: int
    ikke_levert: int

    @property
    def sendt(self) -> int:
        """Letters that have left us or are finally settled."""
        return sum(n for status, n in self.per_status.items() if status != "AKSEPTERT")


def progress(utsending_id: UUID, *, actor: Aktor) -> Fremdrift:
    """Counts of rows without a letter, and of letters, in one statement: as both were at one moment.

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
            letters.where(mine).group_by(Forsendelse.status, Forsendelse.kanal),
        )
    )
    alone = dict.fromkeys((_WAITING, _PARKED, _UNDELIVERED), 0)
    per_status, per_kanal = Counter[str](), Counter[str]()
    for kind, status, kanal, n in counted:
        if kind == _LETTERS:
            per_status[status] += n
            per_kanal[kanal or "INGEN"] += n
        else:
            alone[kind] = n
    waiting, held = alone[_WAITING], alone[_PARKED]
    person = select(func.count()).where(
        Levering.utsending_id == utsending_id, Levering.status == Leveringsstatus.TIL_BEHANDLING
    )
    return Fremdrift(
        rader=waiting + held + per_status.total(),
        venter=waiting,
        parkert=held,
        per_status=dict(per_status),
        per_kanal=dict(per_kanal),
        til_behandling=session().execute(person).scalar_one(),
        ikke_levert=alone[_UNDELIVERED],
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
