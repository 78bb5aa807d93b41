"""A ressurs as a matrix: who holds what, direct or inherited, and a digest that detects changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select

from fiks.core.actor import Aktor
from fiks.core.clock import database_now
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.authorization import may, require
from fiks.konfigurasjon.models import Gruppe, Integrasjon, Person, Ressurs, Tilgang
from fiks.konfigurasjon.name_order import by_name
from fiks.konfigurasjon.rules import (
    Definisjon,
    Innehaver,
    P,
    norwegian_order,
    privileges_of,
    satisfying,
)
from fiks.konfigurasjon.tilgang.conditions import has_not_ended, holder_of_grant, is_unused, is_visible_to

HOLDERS, LINES = 200, 1_000


@dataclass(frozen=True, slots=True)
class Ressursrad:
    """A ressurs of the tree. `dybde` 0 is the organisation; `antall` is its direct grants that have not
    ended.
    """

    id: UUID
    navn: str
    type: str
    dybde: int
    antall: int


@dataclass(frozen=True, slots=True)
class Direkte:
    """A grant given on this very ressurs. `kommende`: it has not begun. `ubrukt`: not used for 90 days."""

    tilgang_id: UUID
    gyldig_fra: datetime
    gyldig_til: datetime | None
    kommende: bool
    ubrukt: bool


@dataclass(frozen=True, slots=True)
class Arv:
    """The ancestor a privilege is inherited from; `synlig`: the actor may see it."""

    ressurs_id: UUID
    navn: str
    synlig: bool


@dataclass(slots=True)
class Celle:
    """What one holder has of one privilege: the direct grant, and the ressurser it is inherited from."""

    direkte: Direkte | None = None
    arvet: list[Arv] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Matriserad:
    """One holder's row; `fnr_maskert` is empty unless the holder is a person."""

    innehaver: Innehaver
    navn: str
    fnr_maskert: str
    celler: dict[P, Celle]


@dataclass(frozen=True, slots=True)
class Matrise:
    """A ressurs and every holder of a grant on it or above. `digest` covers all its direct grants."""

    ressurs: Ressursrad
    sti: list[Arv]
    privilegier: tuple[Definisjon, ...]
    rader: list[Matriserad]
    flere: bool
    digest: str
    kan_endre: bool


def grants_digest(ressurs_id: UUID) -> str:
    """Digest of the ressurs' direct grants that have not ended: changes when any is given, ended or gets
    another end.
    """
    rows = session().execute(
        select(Tilgang.id, Tilgang.gyldig_til)
        .where(Tilgang.ressurs_id == ressurs_id, has_not_ended())
        .order_by(Tilgang.id)
    )
    lines = (f"{row[0]} {row[1].isoformat() if row[1] else '-'}" for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def matrix(ressurs_id: UUID, *, actor: Aktor, sok: str = "") -> Matrise:
    """Return who holds what on the ressurs, and what is inherited from where. `sok`: part of a holder's name.

    IkkeFunnet for a ressurs that does not exist or that the actor may know nothing about.
    """
    require(actor, P.ORG_LES, ressurs_id)
    organisation_of(ressurs_id)
    node = session().get_one(Ressurs, ressurs_id)
    path = _path(node, actor)
    grants = session().execute(_grants_with_holder(node.sti, sok)).all()
    rader = _rows(grants, node, path)
    direkte = sum(grant.ressurs_id == node.id for grant in grants)
    return Matrise(
        ressurs=Ressursrad(node.id, node.navn, node.type, len(node.sti) - 1, direkte),
        sti=[path[step] for step in node.sti],
        privilegier=privileges_of(node.type),
        rader=rader[:HOLDERS],
        flere=len(rader) > HOLDERS or len(grants) == LINES,
        digest=grants_digest(ressurs_id),
        kan_endre=may(actor, P.ADMIN, ressurs_id),
    )


def organisation_of(ressurs_id: UUID) -> UUID:
    """Return the ressurs' organisation, for a caller that then checks access there; IkkeFunnet when it has
    none.
    """
    node = session().get(Ressurs, ressurs_id)
    if node is None or node.organisasjon_id is None:
        raise IkkeFunnet("FINNES_IKKE")
    return node.organisasjon_id


def _path(node: Ressurs, actor: Aktor) -> dict[UUID, Arv]:
    """Return the ressurs and its ancestors."""
    steps = select(Ressurs.id, Ressurs.navn, is_visible_to(Ressurs, actor)).where(Ressurs.id.in_(node.sti))
    return {row[0]: Arv(row[0], row[1], row[2]) for row in session().execute(steps)}


def _grants_with_holder(path: Sequence[UUID], sok: str) -> Select[*tuple[Any, ...]]:
    navn = func.coalesce(Person.navn, Gruppe.navn, Integrasjon.navn)
    query = (
        select(
            Tilgang.id,
            Tilgang.person_id,
            Tilgang.gruppe_id,
            Tilgang.integrasjon_id,
            Tilgang.privilegium,
            Tilgang.ressurs_id,
            Tilgang.gyldig_fra,
            Tilgang.gyldig_til,
            is_unused().label("ubrukt"),
            navn.label("navn"),
            Person.fnr_maskert,
        )
        .outerjoin(Person, Person.id == Tilgang.person_id)
        .outerjoin(Gruppe, Gruppe.id == Tilgang.gruppe_id)
        .outerjoin(Integrasjon, Integrasjon.id == Tilgang.integrasjon_id)
        .where(Tilgang.ressurs_id.in_(path), has_not_ended(), Gruppe.slettet.is_(None))
        .where(Integrasjon.slettet.is_(None))
        .order_by(by_name(navn), Tilgang.person_id, Tilgang.gruppe_id, Tilgang.integrasjon_id, Tilgang.id)
        .limit(LINES)
    )
    return query.where(navn.icontains(sok, autoescape=True)) if sok else query


def _rows(grants: Iterable[Row[*tuple[Any, ...]]], node: Ressurs, path: dict[UUID, Arv]) -> list[Matriserad]:
    """Build the holders' rows of the matrix. A grant on an ancestor counts for every privilege here that it
    includes.
    """
    columns, now = [d.navn for d in privileges_of(node.type)], database_now()
    rows: dict[Innehaver, Matriserad] = {}
    for grant in grants:
        holder = holder_of_grant(grant)
        fresh = Matriserad(holder, grant.navn, grant.fnr_maskert or "", {p: Celle() for p in columns})
        row = rows.setdefault(holder, fresh)
        if grant.ressurs_id == node.id and grant.privilegium in row.celler:
            row.celler[P(grant.privilegium)].direkte = _direct(grant, now)
        elif grant.ressurs_id != node.id:
            for p in columns:
                if grant.privilegium in satisfying(p) and path[grant.ressurs_id] not in row.celler[p].arvet:
                    row.celler[p].arvet.append(path[grant.ressurs_id])
    held = [row for row in rows.values() if any(c.direkte or c.arvet for c in row.celler.values())]
    return sorted(held, key=lambda row: (norwegian_order(row.navn), str(row.innehaver.id)))


def _direct(grant: Row[*tuple[Any, ...]], now: datetime) -> Direkte:
    return Direkte(
        grant.id,
        grant.gyldig_fra,
        grant.gyldig_til,
        kommende=grant.gyldig_fra > now,
        ubrukt=grant.ubrukt,
    )
