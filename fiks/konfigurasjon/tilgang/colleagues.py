"""Colleagues: an administrator ends a colleague's sessions, or removes one who has left from the
organisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select, update

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.models import (
    Avtalekontakt,
    Gruppe,
    Gruppemedlem,
    Organisasjon,
    Person,
    Ressurs,
    Tilgang,
)
from fiks.konfigurasjon.person import logout
from fiks.konfigurasjon.person.logout import Sesjonsslutt, end_sessions_of
from fiks.konfigurasjon.rules import P, Tilgangsgrunn
from fiks.konfigurasjon.tilgang.holders import affiliated_persons
from fiks.konfigurasjon.tilgang.lock import grant_change, require_administrator
from fiks.konfigurasjon.tilgang.rows import end_grant


def end_for_colleague(person_id: UUID, organisasjon_id: UUID, *, actor: Aktor) -> int:
    """End every session of a person who has, or had, access in the organisation; needs ADMIN there.

    Returns how many. IkkeFunnet for a person who never had any (konfigurasjon.md 15, ASVS 7.4.5).
    """
    colleague_name(person_id, organisasjon_id, actor=actor)
    return end_sessions_of(person_id, Sesjonsslutt.AVSLUTTET_AV_ADMINISTRATOR, actor=actor)


def colleague_name(person_id: UUID, organisasjon_id: UUID, *, actor: Aktor) -> str:
    """Return the name of a person who has, or had, access in the organisation or is affiliated with it; needs
    ADMIN there.
    """
    queries.require(actor, P.ADMIN, organisasjon_id)
    held = (
        select(Tilgang.id)
        .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
        .where(Ressurs.organisasjon_id == organisasjon_id)
    )
    theirs = held.where(queries.grants_of_person(person_id))
    ended = held.where(Tilgang.person_id == person_id)
    here = theirs.exists() | ended.exists() | Person.id.in_(affiliated_persons(organisasjon_id))
    name = session().execute(select(Person.navn).where(Person.id == person_id, here))
    found = name.scalar_one_or_none()
    if found is None:
        raise IkkeFunnet("FINNES_IKKE")
    return found


PERSON_LEFT = "PERSON_SLUTTET"


@dataclass(frozen=True, slots=True)
class Avgang:
    """What the person lost when they left."""

    tilganger: int
    grupper: int
    sesjoner: int
    avtaleadmin: bool


def remove_leaver(organisasjon_id: UUID, person_id: UUID, *, actor: Aktor) -> Avgang:
    """End all the person's grants in the organisation, also future ones, remove them from its groups and as
    agreement administrator, delete their contact details as such, and end their sessions.

    One transaction. Grants in other organisations are not touched. Needs ADMIN on the organisation.
    IkkeFunnet when the person has nothing there; SISTE_ADMINISTRATOR (409).
    """
    with grant_change(organisasjon_id) as tx:
        require_administrator(actor, organisasjon_id)
        grants = tx.execute(
            select(Tilgang, Ressurs)
            .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
            .where(Ressurs.organisasjon_id == organisasjon_id)
            .where(Tilgang.person_id == person_id, Tilgang.avsluttet.is_(None))
        ).all()
        for row, node in grants:
            end_grant(row, node, Tilgangsgrunn.SLUTTET, actor=actor)
        own = select(Gruppe.id).where(Gruppe.organisasjon_id == organisasjon_id)
        left = tx.scalars(
            delete(Gruppemedlem)
            .where(Gruppemedlem.person_id == person_id, Gruppemedlem.gruppe_id.in_(own))
            .returning(Gruppemedlem.gruppe_id)
        ).all()
        signer = tx.scalars(
            update(Organisasjon)
            .where(Organisasjon.id == organisasjon_id, Organisasjon.avtaleadmin_id == person_id)
            .values(avtaleadmin_id=None)
            .returning(Organisasjon.id)
        ).all()
        tx.execute(
            delete(Avtalekontakt).where(
                Avtalekontakt.organisasjon_id == organisasjon_id, Avtalekontakt.person_id == person_id
            )
        )
        if not (grants or left or signer):
            raise IkkeFunnet("FINNES_IKKE")
        ended = logout.end_sessions_of(person_id, logout.Sesjonsslutt.SLUTTET, actor=actor)
        lost = Avgang(len(grants), len(left), ended, bool(signer))
        audit.record(
            actor,
            PERSON_LEFT,
            "person",
            person_id,
            organisasjon_id=organisasjon_id,
            tilganger=lost.tilganger,
            grupper=[str(gruppe_id) for gruppe_id in left],
            sesjoner=lost.sesjoner,
            avtaleadmin=lost.avtaleadmin,
        )
        return lost


def was_leaver_removed(organisasjon_id: UUID, person_id: UUID, *, actor: Aktor) -> bool:
    """Return whether the person has ever been removed from the organisation, to answer a form sent twice.
    Needs ADMIN there.
    """
    require_administrator(actor, organisasjon_id)
    done = select(Audit.id).where(
        Audit.objekt_id == str(person_id),
        Audit.handling == PERSON_LEFT,
        Audit.organisasjon_id == organisasjon_id,
    )
    return session().execute(done.limit(1)).first() is not None
