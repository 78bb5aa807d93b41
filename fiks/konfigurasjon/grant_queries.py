"""Reads of tilganger for the administration pages: the tree, one person, search. The matrix is in `grant_matrix`.

Everything is shown to those who hold ORG.LES or ADMIN on the ressurs or above it, and to nobody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import aliased

from fiks.core import crypto
from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet
from fiks.core.identifiers import is_fnr
from fiks.konfigurasjon.decision import is_open, may
from fiks.konfigurasjon.grant_matrix import HOLDERS, LINES, Ressursrad, not_over, visible
from fiks.konfigurasjon.grant_models import Gruppe, Gruppemedlem, Tilgang
from fiks.konfigurasjon.models import Person, Ressurs
from fiks.konfigurasjon.rules import P

NODES = 1_000


def ressurser(organisasjon_id: UUID, *, actor: Aktor) -> list[Ressursrad]:
    """The organisation's tree as far as the actor may see it, parents before children."""
    count = (
        select(func.count())
        .where(Tilgang.ressurs_id == Ressurs.id, not_over())
        .correlate(Ressurs)
        .scalar_subquery()
    )
    rows = session().execute(
        select(Ressurs.id, Ressurs.navn, Ressurs.type, Ressurs.sti, count)
        .where(Ressurs.organisasjon_id == organisasjon_id, is_open(Ressurs), visible(Ressurs, actor))
        .limit(NODES)
    )
    found = list(rows)
    names = {row[0]: row[1] for row in found}
    found.sort(key=lambda row: [(names.get(step, ""), str(step)) for step in row[3]])
    return [Ressursrad(row[0], row[1], row[2], len(row[3]) - 1, row[4]) for row in found]


@dataclass(frozen=True, slots=True)
class Tilgangslinje:
    """One grant of a person, their own or by a group (`gruppe`)."""

    tilgang_id: UUID
    privilegium: str
    ressurs_id: UUID
    ressurs: str
    ressurs_type: str
    gyldig_fra: datetime
    gyldig_til: datetime | None
    sist_brukt: datetime | None
    gruppe: str | None
    begrunnelse: str | None


@dataclass(frozen=True, slots=True)
class Personside:
    """A person as their page in the organisation shows them."""

    id: UUID
    navn: str
    fnr_maskert: str
    linjer: list[Tilgangslinje]
    grupper: list[tuple[UUID, str]]


def person(person_id: UUID, organisasjon_id: UUID, *, actor: Aktor) -> Personside:
    """Everything the person holds in the organisation that the actor may see; IkkeFunnet when that is nothing."""
    found = session().get(Person, person_id)
    linjer = _lines_of(person_id, organisasjon_id, actor)
    grupper: list[tuple[UUID, str]] = []
    if may(actor, P.ORG_LES, organisasjon_id):
        rows = session().execute(
            select(Gruppe.id, Gruppe.navn)
            .join(Gruppemedlem, Gruppemedlem.gruppe_id == Gruppe.id)
            .where(Gruppe.organisasjon_id == organisasjon_id, Gruppe.slettet.is_(None))
            .where(Gruppemedlem.person_id == person_id)
            .order_by(Gruppe.navn)
            .limit(HOLDERS)
        )
        grupper = [(row[0], row[1]) for row in rows]
    if found is None or not (linjer or grupper):
        raise IkkeFunnet("FINNES_IKKE")
    return Personside(found.id, found.navn, found.fnr_maskert, linjer, grupper)


def _lines_of(person_id: UUID, organisasjon_id: UUID, actor: Aktor) -> list[Tilgangslinje]:
    groups = select(Gruppemedlem.gruppe_id).where(Gruppemedlem.person_id == person_id)
    rows: Sequence[Row[*tuple[Any, ...]]] = (
        session()
        .execute(
            select(
                Tilgang.id,
                Tilgang.privilegium,
                Ressurs.id,
                Ressurs.navn,
                Ressurs.type,
                Tilgang.gyldig_fra,
                Tilgang.gyldig_til,
                Tilgang.sist_brukt,
                Gruppe.navn,
                Tilgang.begrunnelse,
            )
            .select_from(Tilgang)
            .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
            .outerjoin(Gruppe, Gruppe.id == Tilgang.gruppe_id)
            .where(Ressurs.organisasjon_id == organisasjon_id, is_open(Ressurs), visible(Ressurs, actor))
            .where(or_(Tilgang.person_id == person_id, Tilgang.gruppe_id.in_(groups)), not_over())
            .where(Gruppe.slettet.is_(None))
            .order_by(func.cardinality(Ressurs.sti), Ressurs.navn, Tilgang.privilegium, Tilgang.id)
            .limit(LINES)
        )
        .all()
    )
    return [Tilgangslinje(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Persontreff:
    """A person of the organisation and how many grants they have in it, their own and by groups."""

    id: UUID
    navn: str
    fnr_maskert: str
    antall: int


def persons(organisasjon_id: UUID, *, tekst: str = "", actor: Aktor, limit: int = 50) -> list[Persontreff]:
    """Persons with a grant in the organisation that the actor may see, by name.

    `tekst`: part of the name, or a whole personal number, which is looked up by its blind index.
    """
    member = aliased(Gruppemedlem)
    holds = (
        select(func.coalesce(Tilgang.person_id, member.person_id).label("person_id"), Tilgang.id)
        .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
        .outerjoin(Gruppe, Gruppe.id == Tilgang.gruppe_id)
        .outerjoin(member, member.gruppe_id == Gruppe.id)
        .where(Ressurs.organisasjon_id == organisasjon_id, is_open(Ressurs), visible(Ressurs, actor))
        .where(not_over(), Gruppe.slettet.is_(None))
        .subquery()
    )
    query = (
        select(Person.id, Person.navn, Person.fnr_maskert, func.count())
        .join(holds, holds.c.person_id == Person.id)
        .group_by(Person.id)
        .order_by(Person.navn, Person.id)
        .limit(limit)
    )
    return [Persontreff(*row) for row in session().execute(_matching(query, tekst))]


def _matching(query: Select[*tuple[Any, ...]], tekst: str) -> Select[*tuple[Any, ...]]:
    text = " ".join(tekst.split())
    number = text.replace(" ", "")
    if is_fnr(number, current().synthetic_persons):
        return query.where(Person.fnr_indeks == crypto.blind_index(current().index_key, "fnr", number))
    return query.where(Person.navn.icontains(text, autoescape=True)) if text else query
