"""Holders of grants: who can be named as one, and one grant with its holder, for pages before a change.

Visible to those who may see grants on the ressurs; a single grant only to those who may remove it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, Select, Uuid, cast, false, func, null, or_, select, union_all
from sqlalchemy.orm import aliased

from fiks.core.actor import Aktor
from fiks.core.clock import database_now
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet, Konflikt, UgyldigInndata
from fiks.konfigurasjon.authorization import is_open, require
from fiks.konfigurasjon.models import Gruppe, Gruppemedlem, Organisasjon, Person, Ressurs, Tilgang
from fiks.konfigurasjon.name_order import by_name
from fiks.konfigurasjon.person.rules import may_be_name_of
from fiks.konfigurasjon.person.service import NyPerson, known_persons
from fiks.konfigurasjon.rules import Innehaver, Innehavertype, P
from fiks.konfigurasjon.tilgang.conditions import has_not_ended, holder_of_grant, is_unused, is_visible_to
from fiks.konfigurasjon.tilgang.matrix import HOLDERS


@dataclass(frozen=True, slots=True)
class Enkelttilgang:
    """One present or future grant with its holder's name; `fnr_maskert` is empty for a group."""

    tilgang_id: UUID
    innehaver: Innehaver
    navn: str
    fnr_maskert: str
    privilegium: str
    ressurs_id: UUID
    ressurs: str
    ressurs_type: str
    organisasjon_id: UUID
    gyldig_fra: datetime
    gyldig_til: datetime | None


def single_grant(tilgang_id: UUID, *, actor: Aktor) -> Enkelttilgang:
    """Return a person's or group's grant, for an actor who may remove it. Errors: TILGANG_ER_AVSLUTTET (409),
    IkkeFunnet.
    """
    row = session().get(Tilgang, tilgang_id)
    if row is None or row.integrasjon_id is not None:
        raise IkkeFunnet("FINNES_IKKE")
    require(actor, P.ADMIN, row.ressurs_id)
    node = session().get_one(Ressurs, row.ressurs_id)
    if node.organisasjon_id is None:
        raise IkkeFunnet("FINNES_IKKE")
    if row.avsluttet is not None or (row.gyldig_til is not None and row.gyldig_til <= database_now()):
        raise Konflikt("TILGANG_ER_AVSLUTTET")
    person = session().get(Person, row.person_id) if row.person_id else None
    group = session().get(Gruppe, row.gruppe_id) if row.gruppe_id else None
    return Enkelttilgang(
        row.id,
        holder_of_grant(row),
        person.navn if person else group.navn if group else "",
        person.fnr_maskert if person else "",
        row.privilegium,
        node.id,
        node.navn,
        node.type,
        node.organisasjon_id,
        row.gyldig_fra,
        row.gyldig_til,
    )


def known_holders(
    organisasjon_id: UUID, innehavere: Collection[Innehaver], *, actor: Aktor
) -> dict[Innehaver, str]:
    """Return the names of those `innehavere` known in the organisation: groups, persons who hold or have held
    a grant, and group members and the avtaleadministrator without grants.

    A person who has only worked elsewhere is never included, whatever id is asked for.
    """
    found: dict[Innehaver, str] = {}
    for kind, query in (
        (Innehavertype.PERSON, _known_persons(organisasjon_id, actor)),
        (Innehavertype.GRUPPE, _known_groups(organisasjon_id, actor)),
    ):
        ids = [holder.id for holder in innehavere if holder.type is kind]
        column = Person.id if kind is Innehavertype.PERSON else Gruppe.id
        rows = session().execute(query.where(column.in_(ids)).limit(len(ids)))
        found |= {Innehaver(kind, row[0]): row[1] for row in rows}
    return found


def listed_names(organisasjon_id: UUID, persons: Collection[UUID], *, actor: Aktor) -> dict[UUID, str]:
    """Return the names of those of these persons who are listed on the page Personer as this actor sees it.

    Nobody is asked to write a name that they cannot look up there.
    """
    listed = select(visible_holdings(organisasjon_id, actor).subquery().c.person_id)
    rows = select(Person.id, Person.navn).where(Person.id.in_(persons), Person.id.in_(listed))
    return {row[0]: row[1] for row in session().execute(rows)}


def require_matching_name(organisasjon_id: UUID, hvem: NyPerson, *, actor: Aktor, felt: str = "navn") -> None:
    """Require that the written name fits the person who has the number, if that person is in `listed_names`.

    Raises UgyldigInndata("PERSON_HETER_ANNET") on `felt`. The number decides who the person is.
    """
    number = "".join(hvem.fnr.split())
    person_id = known_persons([number]).get(number)
    if person_id is None:
        return
    known = listed_names(organisasjon_id, [person_id], actor=actor)
    if not may_be_name_of(known.get(person_id, ""), hvem.navn):
        raise UgyldigInndata("PERSON_HETER_ANNET", felt=felt)


def affiliated_persons(organisasjon_id: UUID) -> CompoundSelect[UUID]:
    """Select the ids of persons affiliated with the organisation even without grants: members of its groups
    and its avtaleadministrator.
    """
    members = (
        select(Gruppemedlem.person_id)
        .join(Gruppe, Gruppe.id == Gruppemedlem.gruppe_id)
        .where(Gruppe.organisasjon_id == organisasjon_id, Gruppe.slettet.is_(None))
    )
    signer = select(Organisasjon.avtaleadmin_id).where(
        Organisasjon.id == organisasjon_id, Organisasjon.avtaleadmin_id.is_not(None)
    )
    return union_all(members, signer)


def visible_affiliated_persons(organisasjon_id: UUID, actor: Aktor) -> Select[UUID]:
    """As `affiliated_persons`, for an actor who may see the organisation's group members; empty for others."""
    sees = select(Ressurs.id).where(Ressurs.id == organisasjon_id, is_visible_to(Ressurs, actor))
    return select(affiliated_persons(organisasjon_id).subquery().c.person_id).where(sees.exists())


def visible_holdings(organisasjon_id: UUID, actor: Aktor) -> CompoundSelect[*tuple[Any, ...]]:
    """Select (person, grant, whether it is the person's own and unused) for every grant the actor may see,
    plus affiliated persons without a grant (grant NULL).
    """
    member = aliased(Gruppemedlem)
    belongs = visible_affiliated_persons(organisasjon_id, actor).add_columns(cast(null(), Uuid()), false())
    held = (
        select(
            func.coalesce(Tilgang.person_id, member.person_id).label("person_id"),
            Tilgang.id,
            (Tilgang.person_id.is_not(None) & is_unused()).label("ubrukt"),
        )
        .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
        .outerjoin(Gruppe, Gruppe.id == Tilgang.gruppe_id)
        .outerjoin(member, member.gruppe_id == Gruppe.id)
        .where(Ressurs.organisasjon_id == organisasjon_id, is_open(Ressurs), is_visible_to(Ressurs, actor))
        .where(has_not_ended(), Gruppe.slettet.is_(None))
    )
    return union_all(held, belongs)


def _known_persons(organisasjon_id: UUID, actor: Aktor) -> Select[UUID, str]:
    groups = select(Gruppemedlem.gruppe_id).where(Gruppemedlem.person_id == Person.id).correlate(Person)
    here = (
        select(Tilgang.id)
        .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
        .where(Ressurs.organisasjon_id == organisasjon_id, is_visible_to(Ressurs, actor))
        .where(or_(Tilgang.person_id == Person.id, Tilgang.gruppe_id.in_(groups)))
        .correlate(Person)
    )
    belongs = Person.id.in_(visible_affiliated_persons(organisasjon_id, actor))
    return select(Person.id, Person.navn).where(or_(here.exists(), belongs))


def _known_groups(organisasjon_id: UUID, actor: Aktor) -> Select[UUID, str]:
    sees_something = select(Ressurs.id).where(
        Ressurs.organisasjon_id == organisasjon_id, is_visible_to(Ressurs, actor)
    )
    return select(Gruppe.id, Gruppe.navn).where(
        Gruppe.organisasjon_id == organisasjon_id, Gruppe.slettet.is_(None), sees_something.exists()
    )


def groups_here(organisasjon_id: UUID, *, actor: Aktor) -> list[tuple[UUID, str, int]]:
    """Return (id, name, number of members) of the organisation's groups, by name, for an actor who sees
    grants in it.
    """
    members = (
        select(func.count())
        .select_from(Gruppemedlem)
        .where(Gruppemedlem.gruppe_id == Gruppe.id)
        .correlate(Gruppe)
        .scalar_subquery()
    )
    query = _known_groups(organisasjon_id, actor).add_columns(members)
    rows = session().execute(query.order_by(by_name(Gruppe.navn), Gruppe.id).limit(HOLDERS))
    return [(row[0], row[1], row[2]) for row in rows]
