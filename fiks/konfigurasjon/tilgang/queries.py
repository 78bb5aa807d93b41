"""Reads of tilganger for the administration pages: the tree, the persons who hold or may get grants in it,
and where an actor holds a privilege.

The tree and the persons are visible only to holders of ORG.LES or ADMIN on the ressurs or above. The matrix
is in `matrix`, one person's page in `person_page`, holders in `holders`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select, tuple_

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.environment import current
from fiks.core.values.identifiers import is_fnr
from fiks.konfigurasjon import authorization
from fiks.konfigurasjon.authorization import is_open
from fiks.konfigurasjon.models import Person, Ressurs, Tilgang
from fiks.konfigurasjon.name_order import by_name
from fiks.konfigurasjon.person.service import fnr_index
from fiks.konfigurasjon.rules import (
    P,
    norwegian_order,
    satisfying,
)
from fiks.konfigurasjon.tilgang.conditions import has_not_ended, is_visible_to
from fiks.konfigurasjon.tilgang.holders import visible_holdings
from fiks.konfigurasjon.tilgang.matrix import LINES, Ressursrad


def grant_lines() -> Select[*tuple[Any, ...]]:
    """Select (id, privilege, ressurs, its name and type, from, to, last use) of grants that have not ended,
    from the top of the tree down.
    """
    return (
        select(
            Tilgang.id,
            Tilgang.privilegium,
            Ressurs.id,
            Ressurs.navn,
            Ressurs.type,
            Tilgang.gyldig_fra,
            Tilgang.gyldig_til,
            Tilgang.sist_brukt,
        )
        .select_from(Tilgang)
        .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
        .where(has_not_ended(), is_open(Ressurs))
        .order_by(func.cardinality(Ressurs.sti), by_name(Ressurs.navn), Tilgang.privilegium, Tilgang.id)
        .limit(LINES)
    )


MAX_NODES = 1_000


def ressurser(organisasjon_id: UUID, *, actor: Aktor) -> list[Ressursrad]:
    """Return the organisation's tree as far as the actor may see it, parents before children."""
    return [
        Ressursrad(row.id, row.navn, row.type, len(row.sti) - 1, row.antall)
        for row in nodes(organisasjon_id, actor=actor)
    ]


def nodes(organisasjon_id: UUID, *, actor: Aktor) -> list[Row[*tuple[Any, ...]]]:
    """Return (id, navn, type, sti, antall) of every ressurs the actor may see, parents before children,
    otherwise by name.
    """
    count = (
        select(func.count())
        .where(Tilgang.ressurs_id == Ressurs.id, has_not_ended())
        .correlate(Ressurs)
        .scalar_subquery()
        .label("antall")
    )
    rows = session().execute(
        select(Ressurs.id, Ressurs.navn, Ressurs.type, Ressurs.sti, count)
        .where(Ressurs.organisasjon_id == organisasjon_id, is_open(Ressurs), is_visible_to(Ressurs, actor))
        .limit(MAX_NODES)
    )
    found: list[Row[*tuple[Any, ...]]] = list(rows)
    names = {row.id: norwegian_order(row.navn) for row in found}
    return sorted(found, key=lambda row: [(names.get(step, ""), str(step)) for step in row.sti])


@dataclass(frozen=True, slots=True)
class Persontreff:
    """A person of the organisation with the number of grants they have in it, own and through groups, perhaps
    none.

    `ubrukte`: own grants not used for 90 days.
    """

    id: UUID
    navn: str
    fnr_maskert: str
    antall: int
    ubrukte: int


def persons(
    organisasjon_id: UUID,
    *,
    tekst: str = "",
    etter: UUID | None = None,
    minst_ubrukte: int = 0,
    actor: Aktor,
    limit: int = 50,
) -> list[Persontreff]:
    """Return persons with a grant that the actor may see, and affiliated persons without one
    (`holders.affiliated_persons`), by name; `etter` is the last person of the page before.

    `tekst`: part of the name, or a whole personal number, looked up by its blind index.
    `minst_ubrukte`: only persons with at least so many own grants not used for 90 days.
    """
    holds = visible_holdings(organisasjon_id, actor).subquery()
    unused = func.count().filter(holds.c.ubrukt)
    query = (
        select(Person.id, Person.navn, Person.fnr_maskert, func.count(holds.c.id), unused)
        .join(holds, holds.c.person_id == Person.id)
        .group_by(Person.id)
        .order_by(by_name(Person.navn), Person.id)
        .limit(limit)
    )
    if minst_ubrukte:
        query = query.having(unused >= minst_ubrukte)
    last = session().execute(
        select(by_name(Person.navn), Person.id).where(
            Person.id == etter, Person.id.in_(select(holds.c.person_id))
        )
    )
    for row in last:
        query = query.where(tuple_(by_name(Person.navn), Person.id) > tuple_(row[0], row[1]))
    return [Persontreff(*row) for row in session().execute(_filter_by_text(query, tekst))]


def _filter_by_text(query: Select[*tuple[Any, ...]], tekst: str) -> Select[*tuple[Any, ...]]:
    text = " ".join(tekst.split())
    number = text.replace(" ", "")
    if is_fnr(number, current().synthetic_persons):
        return query.where(Person.fnr_indeks == fnr_index(number))
    return query.where(Person.navn.icontains(text, autoescape=True)) if text else query


def unused_count(organisasjon_id: UUID, *, actor: Aktor) -> int:
    """Return how many grants of persons, among those the actor may see, have not been used for 90 days."""
    holds = visible_holdings(organisasjon_id, actor).subquery()
    unused = select(func.count(holds.c.id.distinct())).where(holds.c.ubrukt)
    return session().execute(unused).scalar_one()


def ressurser_with(
    actor: Aktor,
    privilegium: P,
    organisasjon_id: UUID,
    *,
    types: Sequence[str] | None = None,
    limit: int = 500,
) -> list[Ressurs]:
    """Return the organisation's open ressurser on which the actor holds `privilegium`, direct or inherited,
    by name.
    """
    found = select(Ressurs).where(Ressurs.organisasjon_id == organisasjon_id, authorization.is_open(Ressurs))
    if types is not None:
        found = found.where(Ressurs.type.in_(list(types)))
    if not actor.is_house:
        holder = authorization.holder_of(actor)
        if holder is None:
            return []
        found = found.where(authorization.below_held(Ressurs, holder, satisfying(privilegium)))
    return list(session().scalars(found.order_by(by_name(Ressurs.navn), Ressurs.id).limit(limit)))


def administers_any_ressurs(organisasjon_id: UUID, *, actor: Aktor) -> bool:
    """Return whether the actor is ADMIN of some ressurs of the organisation, and so may give integrasjoner
    access to it.
    """
    return bool(ressurser_with(actor, P.ADMIN, organisasjon_id, limit=1))
