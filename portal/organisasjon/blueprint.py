"""The blueprint of an organisation's own pages: set-up, data, services, agreements, kontoer."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint

from fiks.core.errors import IkkeTilgang
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.rules import P
from portal.tilgang import current_actor

blueprint = Blueprint("organisasjon", __name__)


def own_organisation(*privileges: P) -> UUID:
    """The chosen organisation, if the visitor holds one of `privileges` on it; IkkeTilgang otherwise."""
    actor = current_actor()
    assert actor.organisasjon_id is not None
    if not queries.rettigheter(actor, actor.organisasjon_id).use(*privileges):
        raise IkkeTilgang("MANGLER_PRIVILEGIUM")
    return actor.organisasjon_id


def may_here(privilege: P) -> bool:
    """Whether the visitor holds `privilege` on the chosen organisation, for what a page offers."""
    actor = current_actor()
    assert actor.organisasjon_id is not None
    return privilege in queries.rettigheter(actor, actor.organisasjon_id).everything()
