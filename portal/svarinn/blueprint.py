"""The blueprint of the pages of mottakersystemer, and the look-up its routes share."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint

from fiks.core.errors import IkkeFunnet
from fiks.svarinn import system_queries
from fiks.svarinn.system_queries import Systemstand
from portal.access.actor import chosen_organisation, current_actor

blueprint = Blueprint("svarinn", __name__, url_prefix="/mottakersystemer")


def configurable_system(system_id: UUID) -> Systemstand:
    """A system of the chosen organisation that the visitor configures; IkkeFunnet for any other id."""
    found = system_queries.system(system_id, actor=current_actor())
    if found.organisasjon_id != chosen_organisation():
        raise IkkeFunnet("FINNES_IKKE")
    return found
