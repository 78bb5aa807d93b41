"""List of mailings, the templates a mailing may choose, and the progress of production."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, or_, select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.values.unknown_enum_values import enum_or_text
from fiks.konfigurasjon.konto.queries import kontoer_held
from fiks.konfigurasjon.models import Konto, Person
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import NOT_YET_SENT
from fiks.utsending import access
from fiks.utsending.models import Arbeidsdel, Mal, Malversjon, Utsending, Utsendingsrad
from fiks.utsending.rules import HELD_OUT_NAMES, SENDABLE_NAMES, Delart, Delstatus, Utsendingstatus
from fiks.utsending.sending.delivery_state import is_open_after_failure, is_undelivered
from fiks.utsending.templates.house_templates import can_be_read

PAGE = 25


@dataclass(frozen=True, slots=True)
class Listerad:
    """A mailing in the list. `skal_sendes`: its rows except those held out. `feil`: letters needing a person.

    `sendt`: as `Fremdrift.sendt`; for a stopped mailing without the letters that nobody received.
    """

    id: UUID
    nr: int
    tittel: str
    konto: str
    status: Utsendingstatus | str
    opprettet: datetime
    opprettet_av: str
    antall_rader: int
    skal_sendes: int
    sendt: int
    feil: int


def visible_kontoer(actor: Aktor) -> list[UUID]:
    """Kontoer in the chosen organisation where the actor holds any right of Manuell utsending.

    Closed kontoer too: what they have released goes on and must be watched. A machine has none.
    """
    if actor.person_id is None:
        return []
    return [konto.id for konto in kontoer_held(*access.SEE, actor=actor)]


def _held_out() -> ScalarSelect[int]:
    """SQL: number of the mailing's rows that are held out."""
    return (
        select(func.count())
        .where(
            Utsendingsrad.utsending_id == Utsending.id,
            Utsendingsrad.status.in_(HELD_OUT_NAMES),
        )
        .scalar_subquery()
    )


def _letters(condition: ColumnElement[bool]) -> ScalarSelect[int]:
    """SQL: number of the mailing's letters that meet the condition."""
    return select(func.count()).where(Forsendelse.utsending_id == Utsending.id, condition).scalar_subquery()


def _sent() -> ColumnElement[int]:
    """SQL: number of the mailing's letters that are sent, each counted once whatever channels it tried."""
    made = _letters(Forsendelse.status.not_in([str(s) for s in NOT_YET_SENT]))
    goes_on = (
        select(func.count())
        .select_from(Levering)
        .join(Forsendelse, Forsendelse.id == Levering.forsendelse_id)
        .where(Levering.utsending_id == Utsending.id, is_open_after_failure())
        .scalar_subquery()
    )
    stopped = Utsending.status == Utsendingstatus.STOPPET
    return made - goes_on - case((stopped, _letters(is_undelivered())), else_=0)


def mailings(
    *,
    actor: Aktor,
    sok: str = "",
    nr: int | None = None,
    status: str | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> list[Listerad]:
    """Mailings the actor may see, newest first, keyset paged by number.

    `sok`: part of the title; `nr`: or this number.
    """
    failed = (
        select(func.count())
        .where(Levering.utsending_id == Utsending.id, Levering.status == "TIL_BEHANDLING")
        .scalar_subquery()
    )
    query: Select[*tuple[Any, ...]] = (
        select(
            Utsending.id,
            Utsending.nr,
            Utsending.tittel,
            Konto.visningsnavn,
            Utsending.status,
            Utsending.opprettet,
            Person.navn,
            Utsending.antall_rader,
            Utsending.antall_rader - _held_out(),
            _sent(),
            failed,
        )
        .join(Konto, Konto.id == Utsending.konto_id)
        .join(Person, Person.id == Utsending.opprettet_av)
        .where(
            Utsending.konto_id.in_(visible_kontoer(actor)), Utsending.organisasjon_id == actor.organisasjon_id
        )
        .order_by(Utsending.nr.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Utsending.nr < before)
    if status:
        query = query.where(Utsending.status == status)
    if sok.strip():
        titled = Utsending.tittel.icontains(sok.strip(), autoescape=True)
        query = query.where(or_(titled, Utsending.nr == nr))
    return [
        Listerad(
            r[0], r[1], r[2], r[3], enum_or_text(Utsendingstatus, r[4]), r[5], r[6], r[7], r[8], r[9], r[10]
        )
        for r in session().execute(query)
    ]


def production_progress(utsending_id: UUID, *, actor: Aktor) -> tuple[int, int]:
    """(letters made, letters in all) of a mailing in production, counted by ranges."""
    access.find_visible(utsending_id, actor)
    of_range = (
        select(func.count())
        .where(
            Utsendingsrad.utsending_id == utsending_id,
            Utsendingsrad.status.in_(SENDABLE_NAMES),
            Utsendingsrad.radnr.between(Arbeidsdel.fra, Arbeidsdel.til),
        )
        .correlate(Arbeidsdel)
        .scalar_subquery()
    )
    by_status = (
        select(Arbeidsdel.status, func.sum(of_range))
        .where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.RENDER)
        .group_by(Arbeidsdel.status)
    )
    letters = {status: int(n) for status, n in session().execute(by_status)}
    return letters.get(Delstatus.FERDIG, 0), sum(letters.values())


def templates(organisasjon_id: UUID) -> list[tuple[UUID, str, int, str | None]]:
    """(version id, name, version, nynorsk source) of every template that the organisation may use.

    The newest version of each; of a house template the newest that this release can read (ADR 0053), and no
    template of which it can read no version.
    """
    newest = (
        select(Malversjon.mal_id, func.max(Malversjon.versjon).label("versjon"))
        .group_by(Malversjon.mal_id)
        .subquery()
    )
    found = session().execute(
        select(Malversjon.id, Mal.navn, Malversjon.versjon, Malversjon.kilde_nn, Mal.organisasjon_id)
        .join(Mal, Mal.id == Malversjon.mal_id)
        .join(newest, and_(newest.c.mal_id == Malversjon.mal_id, newest.c.versjon == Malversjon.versjon))
        .where(or_(Mal.organisasjon_id.is_(None), Mal.organisasjon_id == organisasjon_id))
        .order_by(Mal.navn, Mal.id)
    )
    offered: list[tuple[UUID, str, int, str | None]] = []
    for version_id, navn, versjon, nynorsk, owner in found.all():
        if owner is not None:
            offered.append((version_id, navn, versjon, nynorsk))
        elif (one := _newest_readable(version_id)) is not None:
            offered.append((one.id, navn, one.versjon, one.kilde_nn))
    return offered


def _newest_readable(newest_id: UUID) -> Malversjon | None:
    """The newest version of the template, this or an earlier one, that this release can read; or None."""
    version = session().get(Malversjon, newest_id)
    while version is not None and not can_be_read(version):
        before = select(Malversjon).where(
            Malversjon.mal_id == version.mal_id, Malversjon.versjon < version.versjon
        )
        version = session().scalars(before.order_by(Malversjon.versjon.desc()).limit(1)).first()
    return version
