"""Conditions on grants and ressurser in SQL: ended, unused, visible to the actor, administered by the actor."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_

from fiks.core.actor import Aktor
from fiks.konfigurasjon.authorization import below_held, holder_of
from fiks.konfigurasjon.models import Ressurs, Tilgang
from fiks.konfigurasjon.rules import (
    UNUSED_AFTER,
    Innehaver,
    Innehavertype,
    P,
    satisfying,
)


def has_not_ended(tilgang: type[Tilgang] = Tilgang) -> ColumnElement[bool]:
    """SQL: the grant has not ended; it may lie in the future."""
    return tilgang.avsluttet.is_(None) & or_(tilgang.gyldig_til.is_(None), tilgang.gyldig_til > func.now())


def is_unused(tilgang: type[Tilgang] = Tilgang) -> ColumnElement[bool]:
    """SQL: the grant has been valid for 90 days without being used in them."""
    last = func.greatest(tilgang.gyldig_fra, func.coalesce(tilgang.sist_brukt, tilgang.gyldig_fra))
    return last <= func.now() - UNUSED_AFTER


def is_visible_to(node: type[Ressurs], actor: Aktor) -> ColumnElement[bool]:
    """SQL: the actor may see who holds what on this ressurs."""
    return _holds_above(node, actor, P.ORG_LES)


def is_administered_by(node: type[Ressurs], actor: Aktor) -> ColumnElement[bool]:
    """SQL: the actor may give and remove grants on this ressurs."""
    return _holds_above(node, actor, P.ADMIN)


def _holds_above(node: type[Ressurs], actor: Aktor, privilegium: P) -> ColumnElement[bool]:
    holder = holder_of(actor)
    if actor.is_house or holder is None:
        return node.id.is_not(None) if actor.is_house else node.id.is_(None)
    return below_held(node, holder, satisfying(privilegium))


def holder_of_grant(row: Tilgang | Row[*tuple[Any, ...]]) -> Innehaver:
    """Return the holder of a grant, or of a row that has the three holder columns."""
    if row.person_id is not None:
        return Innehaver(Innehavertype.PERSON, row.person_id)
    if row.gruppe_id is not None:
        return Innehaver(Innehavertype.GRUPPE, row.gruppe_id)
    assert row.integrasjon_id is not None
    return Innehaver(Innehavertype.INTEGRASJON, row.integrasjon_id)
