"""Reads of the half-yearly review: its status, rows that await an answer, and earlier outcomes.

Rows are visible to those who can answer them: ADMIN on the ressurs or above it. The status of the whole
review is also visible to holders of ORG.LES on the organisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true, tuple_
from sqlalchemy.orm import aliased

from fiks.core import clock
from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet, IkkeTilgang
from fiks.konfigurasjon.authorization import may
from fiks.konfigurasjon.gjennomgang.service import open_review
from fiks.konfigurasjon.models import (
    Gjennomgang,
    Gjennomgangsrad,
    Gruppe,
    Gruppemedlem,
    Integrasjon,
    Organisasjon,
    Person,
    Ressurs,
    Tilgang,
)
from fiks.konfigurasjon.rules import REVIEW_EVERY, Innehavertype, P, Svar
from fiks.konfigurasjon.tilgang.conditions import (
    has_not_ended,
    holder_of_grant,
    is_administered_by,
    is_unused,
)
from fiks.konfigurasjon.tilgang.queries import administers_any_ressurs

PAGE, EARLIER = 50, 20


@dataclass(frozen=True, slots=True)
class Fremdrift:
    """Number of rows to answer and number answered; a grant that ended needs no answer."""

    antall: int
    besvart: int

    @property
    def venter(self) -> int:
        return self.antall - self.besvart


@dataclass(frozen=True, slots=True)
class Apen:
    """The open review. `mine`: progress of the rows the actor can answer; `alle`: of all rows, None when the
    actor may not know.
    """

    id: UUID
    startet: datetime
    frist: datetime
    paaminnet: datetime | None
    forfalt: bool
    mine: Fremdrift
    alle: Fremdrift | None


@dataclass(frozen=True, slots=True)
class Fullfort:
    """A finished review with its outcome; `falt_bort` counts grants that ended before they were answered."""

    id: UUID
    startet: datetime
    fullfort: datetime
    fullfort_av: str | None
    beholdt: int
    fjernet: int
    falt_bort: int


@dataclass(frozen=True, slots=True)
class Gjennomgangsstand:
    """Status of the organisation's review: the open one, earlier ones (newest first), and when the next
    starts by itself.

    What the actor may not know of the whole organisation is empty.
    """

    apen: Apen | None
    tidligere: list[Fullfort]
    neste: datetime | None
    kan_starte: bool


@dataclass(frozen=True, slots=True)
class Vurderingsrad:
    """A grant to keep or remove. `fnr_maskert` is a person's masked number; `ubrukt`: not used for 90 days.

    `egen`: it is the actor's own, also through a group.
    """

    tilgang_id: UUID
    innehavertype: Innehavertype
    navn: str
    fnr_maskert: str
    privilegium: str
    ressurs: str
    ressurs_type: str
    gitt_av: str | None
    gyldig_fra: datetime
    gyldig_til: datetime | None
    sist_brukt: datetime | None
    ubrukt: bool
    egen: bool
    svar: Svar | None


def review_status(organisasjon_id: UUID, *, actor: Aktor) -> Gjennomgangsstand:
    """Return the review's status. IkkeTilgang for an actor without ORG.LES who administers nothing in the
    organisation.
    """
    reads = may(actor, P.ORG_LES, organisasjon_id)
    if not reads and not _administers_something(organisasjon_id, actor):
        raise IkkeTilgang("MANGLER_PRIVILEGIUM")
    row = _open_row(organisasjon_id)
    return Gjennomgangsstand(
        None if row is None else _state(row, actor, reads),
        _finished_reviews(organisasjon_id) if reads else [],
        _next_start(organisasjon_id) if reads and row is None else None,
        row is None and may(actor, P.ADMIN, organisasjon_id),
    )


def review_waiting_for(organisasjon_id: UUID, *, actor: Aktor) -> Apen | None:
    """Return the open review if rows in it await this actor's answer, otherwise None."""
    row = _open_row(organisasjon_id)
    if row is None:
        return None
    found = _state(row, actor, False)
    return found if found.mine.venter else None


def review(gjennomgang_id: UUID, organisasjon_id: UUID, *, actor: Aktor) -> Apen | None:
    """Return an open review of the organisation; None when it is finished.

    IkkeFunnet for another organisation's review, and for an actor who administers nothing there.
    """
    row = session().get(Gjennomgang, gjennomgang_id, populate_existing=True)
    if row is None or row.organisasjon_id != organisasjon_id:
        raise IkkeFunnet("FINNES_IKKE")
    if not _administers_something(organisasjon_id, actor):
        raise IkkeFunnet("FINNES_IKKE")
    return None if row.fullfort is not None else _state(row, actor, may(actor, P.ORG_LES, organisasjon_id))


def rows(
    gjennomgang_id: UUID,
    *,
    besvart: frozenset[Svar | None],
    actor: Aktor,
    after: UUID | None = None,
    limit: int = PAGE,
) -> list[Vurderingsrad]:
    """Return rows the actor can answer whose answer is one of `besvart` (None: unanswered), longest unused
    first.

    `after` is the grant of the last row of the page before.
    """
    query = _rows(gjennomgang_id, actor).limit(limit)
    given = [str(svar) for svar in besvart if svar is not None]
    wanted = [Gjennomgangsrad.svar.in_(given)] if given else []
    query = query.where(or_(*wanted, *([Gjennomgangsrad.svar.is_(None)] if None in besvart else [])))
    if after is not None:
        last = aliased(Tilgang)
        place = select(_last_used(last), last.id).where(last.id == after).scalar_subquery()
        query = query.where(tuple_(_last_used(Tilgang), Tilgang.id) > place)
    return [_row(row) for row in session().execute(query).all()]


def selected_rows(gjennomgang_id: UUID, tilganger: list[UUID], *, actor: Aktor) -> list[Vurderingsrad]:
    """Return these rows of the review, limited to those the actor can answer."""
    query = _rows(gjennomgang_id, actor).where(Tilgang.id.in_(tilganger)).limit(len(tilganger))
    return [_row(row) for row in session().execute(query).all()]


def _open_row(organisasjon_id: UUID) -> Gjennomgang | None:
    found = open_review(organisasjon_id)
    return None if found is None else session().get(Gjennomgang, found, populate_existing=True)


def _state(row: Gjennomgang, actor: Aktor, reads: bool) -> Apen:
    return Apen(
        row.id,
        row.startet,
        row.frist,
        row.paaminnet,
        row.frist <= clock.now(),
        _progress(row.id, _answerable(actor)),
        _progress(row.id, true()) if reads else None,
    )


def _answerable(actor: Aktor) -> ColumnElement[bool]:
    """SQL: the actor administers the ressurs. False for a machine, since only persons answer."""
    return false() if actor.integrasjon_id is not None else is_administered_by(Ressurs, actor)


def _administers_something(organisasjon_id: UUID, actor: Aktor) -> bool:
    return actor.integrasjon_id is None and administers_any_ressurs(organisasjon_id, actor=actor)


def _progress(gjennomgang_id: UUID, condition: ColumnElement[bool]) -> Fremdrift:
    """Return progress; rows whose grant ended unanswered are left out, since nobody is to answer them."""
    answered = func.count(Gjennomgangsrad.svar)
    row = session().execute(
        select(func.count(), answered)
        .select_from(Gjennomgangsrad)
        .join(Tilgang, Tilgang.id == Gjennomgangsrad.tilgang_id)
        .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
        .where(Gjennomgangsrad.gjennomgang_id == gjennomgang_id, condition)
        .where(or_(Gjennomgangsrad.svar.is_not(None), has_not_ended()))
    )
    return Fremdrift(*row.one())


def _finished_reviews(organisasjon_id: UUID) -> list[Fullfort]:
    def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count(Gjennomgangsrad.tilgang_id).filter(condition)

    found = session().execute(
        select(
            Gjennomgang.id,
            Gjennomgang.startet,
            Gjennomgang.fullfort,
            Person.navn,
            counted(Gjennomgangsrad.svar == str(Svar.BEHOLD)),
            counted(Gjennomgangsrad.svar == str(Svar.FJERN)),
            counted(Gjennomgangsrad.svar.is_(None)),
        )
        .outerjoin(Gjennomgangsrad, Gjennomgangsrad.gjennomgang_id == Gjennomgang.id)
        .outerjoin(Person, Person.id == Gjennomgang.fullfort_av)
        .where(Gjennomgang.organisasjon_id == organisasjon_id, Gjennomgang.fullfort.is_not(None))
        .group_by(Gjennomgang.id, Person.navn)
        .order_by(Gjennomgang.fullfort.desc(), Gjennomgang.id)
        .limit(EARLIER)
    )
    return [Fullfort(row[0], row[1], row[2], *row[3:]) for row in found if row[2] is not None]


def _next_start(organisasjon_id: UUID) -> datetime:
    """Return when the sweeper starts the next review."""
    last = select(func.max(Gjennomgang.startet)).where(Gjennomgang.organisasjon_id == organisasjon_id)
    begun = session().execute(last).scalar_one()
    return (begun or session().get_one(Organisasjon, organisasjon_id).opprettet) + REVIEW_EVERY


def _last_used(tilgang: type[Tilgang]) -> ColumnElement[datetime]:
    """SQL: when the grant was last used, or began if never used; the oldest is reviewed first."""
    return func.coalesce(tilgang.sist_brukt, tilgang.gyldig_fra)


def _rows(gjennomgang_id: UUID, actor: Aktor) -> Select[*tuple[Any, ...]]:
    giver = aliased(Person)
    return (
        select(
            Tilgang.id,
            Tilgang.person_id,
            Tilgang.gruppe_id,
            Tilgang.integrasjon_id,
            Tilgang.privilegium,
            Tilgang.gyldig_fra,
            Tilgang.gyldig_til,
            Tilgang.sist_brukt,
            func.coalesce(Person.navn, Gruppe.navn, Integrasjon.navn).label("navn"),
            Person.fnr_maskert,
            Ressurs.navn.label("ressurs"),
            Ressurs.type.label("ressurs_type"),
            giver.navn.label("gitt_av"),
            is_unused().label("ubrukt"),
            _is_own(actor).label("egen"),
            Gjennomgangsrad.svar,
        )
        .select_from(Gjennomgangsrad)
        .join(Tilgang, Tilgang.id == Gjennomgangsrad.tilgang_id)
        .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
        .outerjoin(Person, Person.id == Tilgang.person_id)
        .outerjoin(Gruppe, Gruppe.id == Tilgang.gruppe_id)
        .outerjoin(Integrasjon, Integrasjon.id == Tilgang.integrasjon_id)
        .outerjoin(giver, giver.id == Tilgang.gitt_av)
        .where(Gjennomgangsrad.gjennomgang_id == gjennomgang_id, has_not_ended(), _answerable(actor))
        .order_by(_last_used(Tilgang), Tilgang.id)
    )


def _is_own(actor: Aktor) -> ColumnElement[bool]:
    """SQL: the grant is the actor's own, also through a group: as `tilgang.rows.is_granted_to_self`, for a
    row.
    """
    if actor.person_id is None:
        return false()
    groups = select(Gruppemedlem.gruppe_id).where(Gruppemedlem.person_id == actor.person_id)
    return func.coalesce(or_(Tilgang.person_id == actor.person_id, Tilgang.gruppe_id.in_(groups)), false())


def _row(row: Any) -> Vurderingsrad:
    innehaver = holder_of_grant(row)
    return Vurderingsrad(
        tilgang_id=row.id,
        innehavertype=innehaver.type,
        navn=row.navn,
        fnr_maskert=row.fnr_maskert or "",
        privilegium=row.privilegium,
        ressurs=row.ressurs,
        ressurs_type=row.ressurs_type,
        gitt_av=row.gitt_av,
        gyldig_fra=row.gyldig_fra,
        gyldig_til=row.gyldig_til,
        sist_brukt=row.sist_brukt,
        ubrukt=row.ubrukt,
        egen=row.egen,
        svar=None if row.svar is None else Svar(row.svar),
    )
