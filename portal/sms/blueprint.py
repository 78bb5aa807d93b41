"""The blueprint of the SMS pages, and the kontoer the visitor may send from."""

from __future__ import annotations

from flask import Blueprint

from fiks.konfigurasjon.avtale.activation import VARSLING, is_active
from fiks.sms.kontoer import kontoer_of
from fiks.sms.models import Smskonto
from portal.access.actor import chosen_organisation, current_actor

blueprint = Blueprint("sms", __name__, url_prefix="/sms")


def kontoer() -> list[Smskonto]:
    """Every konto of the organisation that the visitor may send from, closed ones included."""
    return kontoer_of(chosen_organisation(), actor=current_actor())


def open_kontoer() -> list[Smskonto]:
    """Kontoer that can be sent from now: none before the organisation has taken the service into use."""
    in_use = is_active(chosen_organisation(), VARSLING)
    return [konto for konto in kontoer() if konto.aktivert and in_use]
