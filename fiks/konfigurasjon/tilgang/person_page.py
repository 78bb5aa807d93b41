"""One person's page in an organisation: every grant, own and through groups, and what it gives further down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import aliased

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.authorization import may
from fiks.konfigurasjon.models import Gruppe, Gruppemedlem, Organisasjon, Person, Ressurs, Tilgang
from fiks.konfigurasjon.name_order import by_name
from fiks.konfigurasjon.rules import P, inherited_by
from fiks.konfigurasjon.tilgang.conditions import is_administered_by, is_unused, is_visible_to
from fiks.konfigurasjon.tilgang.matrix import HOLDERS
from fiks.konfigurasjon.tilgang.queries import grant_lines, nodes


@dataclass(frozen=True, slots=True)
class Tilgangslinje:
    """A person's grant on the ressurs it was given on, their own or through a group (`gruppe`).

    `kan_endre`: the actor may remove it. `ubrukt`: not used for 90 days. `kommende`: it has not begun.
    """

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
    gitt_av: str | None
    kan_endre: bool
    ubrukt: bool
    kommende: bool


@dataclass(frozen=True, slots=True)
class Arvelinje:
    """What a grant gives on a ressurs below the one it was given on."""

    ressurs_id: UUID
    ressurs: str
    ressurs_type: str
    privilegium: str
    arvet_fra: str
    gruppe: str | None


@dataclass(frozen=True, slots=True)
class Personside:
    """A person's page in the organisation. `flere_arvet`: number of inherited lines left out."""

    id: UUID
    navn: str
    fnr_maskert: str
    linjer: list[Tilgangslinje]
    arvet: list[Arvelinje]
    flere_arvet: int
    grupper: list[tuple[UUID, str]]
    avtaleadmin: bool


def person(person_id: UUID, organisasjon_id: UUID, *, actor: Aktor) -> Personside:
    """Return everything the person holds in the organisation that the actor may see; IkkeFunnet when that is
    nothing.
    """
    found = session().get(Person, person_id)
    linjer = _lines_of(person_id, organisasjon_id, actor)
    grupper: list[tuple[UUID, str]] = []
    signer = False
    if may(actor, P.ORG_LES, organisasjon_id):
        signer = session().get_one(Organisasjon, organisasjon_id).avtaleadmin_id == person_id
        rows = session().execute(
            select(Gruppe.id, Gruppe.navn)
            .join(Gruppemedlem, Gruppemedlem.gruppe_id == Gruppe.id)
            .where(Gruppe.organisasjon_id == organisasjon_id, Gruppe.slettet.is_(None))
            .where(Gruppemedlem.person_id == person_id)
            .order_by(by_name(Gruppe.navn), Gruppe.id)
            .limit(HOLDERS)
        )
        grupper = [(row[0], row[1]) for row in rows]
    if found is None or not (linjer or grupper or signer):
        raise IkkeFunnet("FINNES_IKKE")
    arvet = _inherited(linjer, nodes(organisasjon_id, actor=actor))
    return Personside(
        found.id,
        found.navn,
        found.fnr_maskert,
        linjer,
        arvet[:HOLDERS],
        max(0, len(arvet) - HOLDERS),
        grupper,
        signer,
    )


def _lines_of(person_id: UUID, organisasjon_id: UUID, actor: Aktor) -> list[Tilgangslinje]:
    groups = select(Gruppemedlem.gruppe_id).where(Gruppemedlem.person_id == person_id)
    giver = aliased(Person)
    rows: Sequence[Row[*tuple[Any, ...]]] = (
        session()
        .execute(
            grant_lines()
            .add_columns(
                Gruppe.navn,
                Tilgang.begrunnelse,
                giver.navn,
                is_administered_by(Ressurs, actor),
                is_unused(),
                Tilgang.gyldig_fra > func.now(),
            )
            .outerjoin(Gruppe, Gruppe.id == Tilgang.gruppe_id)
            .outerjoin(giver, giver.id == Tilgang.gitt_av)
            .where(Ressurs.organisasjon_id == organisasjon_id, is_visible_to(Ressurs, actor))
            .where(or_(Tilgang.person_id == person_id, Tilgang.gruppe_id.in_(groups)))
            .where(Gruppe.slettet.is_(None))
        )
        .all()
    )
    return [Tilgangslinje(*row) for row in rows]


def _inherited(linjer: Sequence[Tilgangslinje], nodes: Sequence[Row[*tuple[Any, ...]]]) -> list[Arvelinje]:
    """Return what the lines give on ressurser below theirs, in tree order."""
    return [
        Arvelinje(node.id, node.navn, node.type, line.privilegium, line.ressurs, line.gruppe)
        for node in nodes
        for line in linjer
        if line.ressurs_id in node.sti[:-1] and node.type in inherited_by(line.privilegium)
    ]
