"""The blueprint of the pages of integrasjoner, and look-ups its routes share."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint

from fiks.konfigurasjon import queries
from fiks.konfigurasjon.integrasjon import queries as integrasjon_queries
from fiks.konfigurasjon.integrasjon.queries import Integrasjonsdetalj
from fiks.konfigurasjon.rules import P
from portal.access.actor import chosen_organisation, current_actor

blueprint = Blueprint("integrasjoner", __name__, url_prefix="/integrasjoner")


def visible_integrasjon(integrasjon_id: UUID) -> Integrasjonsdetalj:
    """One of the organisation's own integrasjoner, or a global one on offer; IkkeFunnet for any other id."""
    return integrasjon_queries.integrasjon(integrasjon_id, chosen_organisation(), actor=current_actor())


def managed_integrasjon(integrasjon_id: UUID) -> Integrasjonsdetalj:
    """One of the organisation's own, if the visitor administers integrasjoner; else the error of
    `queries.require`.
    """
    queries.require(current_actor(), P.INTEGRASJON_ADMINISTRER, chosen_organisation())
    return integrasjon_queries.own_integrasjon(integrasjon_id, chosen_organisation(), actor=current_actor())


def may_manage() -> bool:
    """Whether the visitor creates, changes and deletes integrasjoner here; decides what a page offers."""
    return queries.may(current_actor(), P.INTEGRASJON_ADMINISTRER, chosen_organisation())
