"""Where an actor may manage integrasjoner or give them access: shared by the use cases and reads of machines."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.konfigurasjon import decision
from fiks.konfigurasjon.grant_matrix import by_name
from fiks.konfigurasjon.models import Ressurs
from fiks.konfigurasjon.rules import P, satisfying


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
    found = select(Ressurs).where(Ressurs.organisasjon_id == organisasjon_id, decision.is_open(Ressurs))
    if types is not None:
        found = found.where(Ressurs.type.in_(list(types)))
    if not actor.is_house:
        holder = decision.holder_of(actor)
        if holder is None:
            return []
        found = found.where(decision.below_held(Ressurs, holder, satisfying(privilegium)))
    return list(session().scalars(found.order_by(by_name(Ressurs.navn), Ressurs.id).limit(limit)))


def sees_integrasjoner(organisasjon_id: UUID, *, actor: Aktor) -> bool:
    """Return whether the actor administers integrasjoner here, or is ADMIN of a ressurs they may be given
    access to.
    """
    return decision.may(actor, P.INTEGRASJON_ADMINISTRER, organisasjon_id) or may_approve(
        organisasjon_id, actor=actor
    )


def may_approve(organisasjon_id: UUID, *, actor: Aktor) -> bool:
    """Return whether the actor is ADMIN of some ressurs of the organisation, and so may give integrasjoner
    access to it.
    """
    return bool(ressurser_with(actor, P.ADMIN, organisasjon_id, limit=1))
