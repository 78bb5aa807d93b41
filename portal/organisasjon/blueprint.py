"""The blueprint of an organisation's own pages: set-up, data, services, agreements, kontoer."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint

from fiks.core.errors import IkkeTilgang
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.rules import P
from portal.access.actor import chosen_organisation, current_actor

blueprint = Blueprint("organisasjon", __name__)


def own_organisation(*privileges: P) -> UUID:
    """The chosen organisation, if the visitor holds one of `privileges` on it; IkkeTilgang otherwise."""
    organisasjon_id = chosen_organisation()
    if not queries.rettigheter(current_actor(), organisasjon_id).use(*privileges):
        raise IkkeTilgang("MANGLER_PRIVILEGIUM")
    return organisasjon_id


def may_here(privilege: P) -> bool:
    """Whether the visitor holds `privilege` on the chosen organisation; decides what a page offers."""
    return privilege in queries.rettigheter(current_actor(), chosen_organisation()).everything()
