"""Who may manage integrasjoner and give them access, and where: what the use cases and reads of machines share."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from fiks.core.actor import Aktor, Aktortype
from fiks.core.clock import database_now
from fiks.core.db import session
from fiks.core.errors import IkkeTilgang
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.models import Organisasjon, Ressurs
from fiks.konfigurasjon.rules import FRESH_LOGIN, P, satisfying


def require_person(actor: Aktor) -> None:
    """Machines never manage machines, not even for a logged-in person: IkkeTilgang("KUN_FOR_PERSON")."""
    person = actor.type is Aktortype.PERSON and actor.integrasjon_id is None
    if not (person or actor.is_house):
        raise IkkeTilgang("KUN_FOR_PERSON")


def require_fresh(actor: Aktor) -> None:
    """IkkeTilgang("NY_INNLOGGING") unless the person proved who they are less than five minutes ago."""
    fresh = actor.auth_time is not None and database_now() - actor.auth_time <= FRESH_LOGIN
    if not (fresh or actor.is_house):
        raise IkkeTilgang("NY_INNLOGGING")


def lock_organisasjon(organisasjon_id: UUID) -> None:
    """Let nobody else change who may do what in the organisation until this transaction ends."""
    row = select(Organisasjon.id).where(Organisasjon.id == organisasjon_id).with_for_update(key_share=True)
    session().execute(row)


def grants_hold() -> ColumnElement[bool]:
    """The grants that hold at this moment."""
    return queries._valid_now()


def ressurser_with(
    actor: Aktor,
    privilegium: P,
    organisasjon_id: UUID,
    *,
    types: Sequence[str] | None = None,
    limit: int = 500,
) -> list[Ressurs]:
    """The open ressurser of the organisation where the actor holds `privilegium`, directly or inherited, by name."""
    found = select(Ressurs).where(Ressurs.organisasjon_id == organisasjon_id, queries._open(Ressurs))
    if types is not None:
        found = found.where(Ressurs.type.in_(list(types)))
    if not actor.is_house:
        holder = queries._holder(actor)
        if holder is None:
            return []
        held = queries._held(holder, satisfying(privilegium)).scalar_subquery()
        step = select(func.unnest(Ressurs.sti).label("ledd")).correlate(Ressurs).subquery().lateral()
        found = found.where(select(1).select_from(step).where(step.c.ledd.in_(held)).exists())
    return list(session().scalars(found.order_by(Ressurs.navn).limit(limit)))


def sees_integrasjoner(organisasjon_id: UUID, *, actor: Aktor) -> bool:
    """Whether the actor administers integrasjoner here, or is ADMIN of something they may be given access to."""
    return queries.may(actor, P.INTEGRASJON_ADMINISTRER, organisasjon_id) or bool(
        ressurser_with(actor, P.ADMIN, organisasjon_id, limit=1)
    )
