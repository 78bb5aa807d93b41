"""Somebody has left: in one act they lose everything they hold in the organisation, and are logged out."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select, update

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon import logout
from fiks.konfigurasjon.grant_lock import changing, require_administrator
from fiks.konfigurasjon.grant_models import Gruppe, Gruppemedlem, Tilgang
from fiks.konfigurasjon.grant_rows import end_grant
from fiks.konfigurasjon.models import Avtalekontakt, Organisasjon, Ressurs
from fiks.konfigurasjon.rules import Tilgangsgrunn

LEFT = "PERSON_SLUTTET"


@dataclass(frozen=True, slots=True)
class Avgang:
    """What the person lost."""

    tilganger: int
    grupper: int
    sesjoner: int
    avtaleadmin: bool


def remove_leaver(organisasjon_id: UUID, person_id: UUID, *, actor: Aktor) -> Avgang:
    """End all grants of the person in the organisation, also those to come, take them out of its groups and out of
    the role of agreement administrator, forget how they were reached as one, and end their sessions.

    Grants in other organisations are not touched. Needs ADMIN on the organisation. IkkeFunnet when the person holds
    nothing there; SISTE_ADMINISTRATOR (409).
    """
    with changing(organisasjon_id) as tx:
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
        ended = logout.end_all_of(person_id, logout.Sesjonsslutt.SLUTTET, actor=actor)
        lost = Avgang(len(grants), len(left), ended, bool(signer))
        audit.record(
            actor,
            LEFT,
            "person",
            person_id,
            organisasjon_id=organisasjon_id,
            tilganger=lost.tilganger,
            grupper=[str(gruppe_id) for gruppe_id in left],
            sesjoner=lost.sesjoner,
            avtaleadmin=lost.avtaleadmin,
        )
        return lost


def has_left(organisasjon_id: UUID, person_id: UUID, *, actor: Aktor) -> bool:
    """Whether the person has been taken out of the organisation once: what a second press asks. Needs ADMIN there."""
    require_administrator(actor, organisasjon_id)
    done = select(Audit.id).where(
        Audit.objekt_id == str(person_id),
        Audit.handling == LEFT,
        Audit.organisasjon_id == organisasjon_id,
    )
    return session().execute(done.limit(1)).first() is not None
