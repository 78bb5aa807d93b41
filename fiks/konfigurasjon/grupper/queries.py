"""Reads of groups for the administration pages; needs ORG.LES or ADMIN on the organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import aliased

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.authorization import is_open, may, require
from fiks.konfigurasjon.models import Gruppe, Gruppemedlem, Person, Ressurs, Tilgang
from fiks.konfigurasjon.name_order import by_name
from fiks.konfigurasjon.rules import POWERFUL, Gruppekilde, P, inherited_by
from fiks.konfigurasjon.tilgang.conditions import has_not_ended
from fiks.konfigurasjon.tilgang.matrix import LINES
from fiks.konfigurasjon.tilgang.queries import grant_lines

PAGE, MEMBERS = 50, 500


@dataclass(frozen=True, slots=True)
class Grupperad:
    """A group in the list, with its number of members and of grants."""

    id: UUID
    navn: str
    kilde: str
    medlemmer: int
    tilganger: int


@dataclass(frozen=True, slots=True)
class Medlem:
    """A person in a group."""

    id: UUID
    navn: str
    fnr_maskert: str
    lagt_til: datetime


@dataclass(frozen=True, slots=True)
class Gruppetilgang:
    """A grant the group holds; `gjelder_ogsaa` names the ressurser below on which it gives a right too."""

    tilgang_id: UUID
    privilegium: str
    ressurs_id: UUID
    ressurs: str
    ressurs_type: str
    gyldig_fra: datetime
    gyldig_til: datetime | None
    sist_brukt: datetime | None
    gjelder_ogsaa: list[str]


@dataclass(frozen=True, slots=True)
class Gruppeside:
    """A group with its members and grants. `mektig`: it holds ADMIN, so adding a member needs a fresh login."""

    id: UUID
    organisasjon_id: UUID
    navn: str
    kilde: str
    antall: int
    medlemmer: list[Medlem]
    tilganger: list[Gruppetilgang]
    kan_endre: bool

    @property
    def ekstern(self) -> bool:
        return self.kilde == Gruppekilde.EKSTERN

    @property
    def mektig(self) -> bool:
        return any(tilgang.privilegium in POWERFUL for tilgang in self.tilganger)


def grupper(
    organisasjon_id: UUID, *, actor: Aktor, after: UUID | None = None, limit: int = PAGE
) -> list[Grupperad]:
    """Return the organisation's groups by name, after group `after`; empty for an actor who may not see them."""
    if not may(actor, P.ORG_LES, organisasjon_id):
        return []
    members = (
        select(func.count()).where(Gruppemedlem.gruppe_id == Gruppe.id).correlate(Gruppe).scalar_subquery()
    )
    grants = (
        select(func.count())
        .where(Tilgang.gruppe_id == Gruppe.id, has_not_ended())
        .correlate(Gruppe)
        .scalar_subquery()
    )
    place = tuple_(by_name(Gruppe.navn), Gruppe.id)
    query = (
        select(Gruppe.id, Gruppe.navn, Gruppe.kilde, members, grants)
        .where(Gruppe.organisasjon_id == organisasjon_id, Gruppe.slettet.is_(None))
        .order_by(by_name(Gruppe.navn), Gruppe.id)
        .limit(limit)
    )
    if after is not None:
        last = aliased(Gruppe)
        passed = select(by_name(last.navn), last.id).where(
            last.id == after, last.organisasjon_id == organisasjon_id
        )
        query = query.where(place > passed.scalar_subquery())
    return [Grupperad(*row) for row in session().execute(query)]


def gruppe(gruppe_id: UUID, *, actor: Aktor) -> Gruppeside:
    """Return one group. IkkeFunnet if it does not exist or the actor holds nothing in its organisation."""
    row = session().get(Gruppe, gruppe_id)
    if row is None or row.slettet is not None:
        raise IkkeFunnet("FINNES_IKKE")
    require(actor, P.ORG_LES, row.organisasjon_id)
    antall = select(func.count()).where(Gruppemedlem.gruppe_id == gruppe_id)
    return Gruppeside(
        id=row.id,
        organisasjon_id=row.organisasjon_id,
        navn=row.navn,
        kilde=row.kilde,
        antall=session().execute(antall).scalar_one(),
        medlemmer=[Medlem(*found) for found in session().execute(_members(gruppe_id).limit(MEMBERS))],
        tilganger=_grants(gruppe_id, row.organisasjon_id),
        kan_endre=row.kilde == Gruppekilde.INTERN and may(actor, P.ADMIN, row.organisasjon_id),
    )


def medlem(gruppe_id: UUID, person_id: UUID, *, actor: Aktor) -> Medlem:
    """Return one member of a group; IkkeFunnet for a person who is not a member, and as `gruppe`."""
    organisasjon_id = session().execute(select(Gruppe.organisasjon_id).where(Gruppe.id == gruppe_id))
    found = organisasjon_id.scalar_one_or_none()
    if found is None:
        raise IkkeFunnet("FINNES_IKKE")
    require(actor, P.ORG_LES, found)
    row = session().execute(_members(gruppe_id).where(Person.id == person_id)).first()
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    return Medlem(*row)


def _members(gruppe_id: UUID) -> Select[*tuple[Any, ...]]:
    return (
        select(Person.id, Person.navn, Person.fnr_maskert, Gruppemedlem.lagt_til)
        .join(Gruppemedlem, Gruppemedlem.person_id == Person.id)
        .where(Gruppemedlem.gruppe_id == gruppe_id)
        .order_by(by_name(Person.navn), Person.id)
    )


def _grants(gruppe_id: UUID, organisasjon_id: UUID) -> list[Gruppetilgang]:
    """Return the group's grants, from the top of the tree down."""
    nodes = session().execute(
        select(Ressurs.id, Ressurs.navn, Ressurs.type, Ressurs.sti)
        .where(Ressurs.organisasjon_id == organisasjon_id, is_open(Ressurs))
        .order_by(by_name(Ressurs.navn), Ressurs.id)
        .limit(LINES)
    )
    tree = list(nodes)
    rows = session().execute(grant_lines().where(Tilgang.gruppe_id == gruppe_id))

    def below(ressurs_id: UUID, privilegium: str) -> list[str]:
        kinds = inherited_by(privilegium)
        return [n.navn for n in tree if ressurs_id in n.sti and n.id != ressurs_id and n.type in kinds]

    lines: list[list[Any]] = [[*row, below(row[2], row[1])] for row in rows]
    return [Gruppetilgang(*line) for line in lines]
