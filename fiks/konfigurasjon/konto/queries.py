"""Kontoer on which a person holds a privilege, closed ones included: a closed konto still has its log."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, Uuid, and_, any_, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.konfigurasjon.authorization import (
    HOLDER,
    below_held,
    grants_of_person,
    holder_of,
    is_open,
    rights_on,
    valid_now,
)
from fiks.konfigurasjon.models import Gruppe, Gruppemedlem, Konto, Ressurs, Tilgang
from fiks.konfigurasjon.rules import P, norwegian_order, satisfying


@dataclass(frozen=True, slots=True)
class Kontonavn:
    """A konto in a list to choose from."""

    id: UUID
    visningsnavn: str


def kontoer_held(*privileges: P, actor: Aktor, limit: int = 500) -> list[Kontonavn]:
    """Return the kontoer of the chosen organisation on which `actor` holds one of `privileges`, by name.

    Empty when no organisation is chosen.
    """
    held = kontoer_held_select(*privileges, actor=actor)
    if held is None:
        return []
    rows = session().execute(held.add_columns(Konto.visningsnavn).order_by(Konto.id).limit(limit))
    return sorted((Kontonavn(*row) for row in rows), key=lambda konto: norwegian_order(konto.visningsnavn))


def kontoer_held_select(*privileges: P, actor: Aktor) -> Select[UUID] | None:
    """As `kontoer_held`, as a select of ids that can be extended with `Konto` columns; None when no
    organisation is chosen.
    """
    holder = holder_of(actor)
    if holder is None or actor.organisasjon_id is None:
        return None
    return _kontoer(privileges, holder, actor.organisasjon_id)


def kontoer_of_holder(*privileges: P) -> Select[UUID]:
    """As `kontoer_held_select`, for the bound person `HOLDER` and `:organisasjon`, in statements that are
    built once.
    """
    return _kontoer(privileges, grants_of_person(HOLDER), bindparam("organisasjon", type_=Uuid()))


def _kontoer(
    privileges: Iterable[P], holder: ColumnElement[bool], organisasjon_id: UUID | BindParameter[UUID]
) -> Select[UUID]:
    enough = frozenset(one for privilege in privileges for one in satisfying(privilege))
    return (
        select(Konto.id)
        .join(Ressurs, Ressurs.id == Konto.id)
        .where(
            Konto.organisasjon_id == organisasjon_id,
            is_open(Ressurs),
            below_held(Ressurs, holder, enough),
        )
    )


def persons_with(konto_id: UUID | InstrumentedAttribute[UUID], *wanted: Collection[P]) -> Select[UUID]:
    """Select the persons who now hold one privilege of each set in `wanted` on the konto, own or through a
    group.

    `konto_id` may be a column of the enclosing query.
    """
    person = func.coalesce(Tilgang.person_id, Gruppemedlem.person_id)
    enough = [{str(p) for one in some for p in satisfying(one)} for some in wanted]
    return (
        select(person)
        .select_from(Ressurs)
        .join(Tilgang, Tilgang.ressurs_id == any_(Ressurs.sti))
        .outerjoin(Gruppe, and_(Gruppe.id == Tilgang.gruppe_id, Gruppe.slettet.is_(None)))
        .outerjoin(Gruppemedlem, Gruppemedlem.gruppe_id == Gruppe.id)
        .where(
            Ressurs.id == konto_id,
            is_open(Ressurs),
            Tilgang.privilegium.in_(sorted(set().union(*enough))),
            valid_now(),
            person.is_not(None),
        )
        .group_by(person)
        .having(and_(*(func.bool_or(Tilgang.privilegium.in_(sorted(some))) for some in enough)))
    )


def is_held_by_anyone(konto_id: UUID, *wanted: Collection[P], but: Collection[UUID] = ()) -> bool:
    """Return whether some person, none of `but`, holds one privilege of each set in `wanted` on the konto
    now.

    Asked so that a page never promises that a colleague will act when there is none.
    """
    persons = persons_with(konto_id, *wanted).subquery()
    others = select(persons).where(persons.c[0].not_in(but))
    return bool(session().scalar(select(others.exists())))


def note_use(*privileges: P, kontoer: Collection[UUID], actor: Aktor) -> None:
    """Note as used the grants that allow `actor` this on each konto, closed ones included: one query. Decides
    nothing.
    """
    enough = {str(one) for privilege in privileges for one in satisfying(privilege)}
    for held in rights_on(kontoer, Tilgang.privilegium.in_(enough), actor=actor).values():
        held.use(*privileges)
