"""The blueprint of the SMS pages, and what they share: the kontoer one may send from."""

from __future__ import annotations

from flask import Blueprint

from fiks.konfigurasjon.avtale.activation import VARSLING, is_active
from fiks.sms.kontoer import kontoer_of
from fiks.sms.models import Smskonto
from portal.access import chosen_organisation, current_actor

blueprint = Blueprint("sms", __name__, url_prefix="/sms")


def kontoer() -> list[Smskonto]:
    """Every konto of the organisation that the visitor may send from, also those that are closed."""
    return kontoer_of(chosen_organisation(), actor=current_actor())


def open_kontoer() -> list[Smskonto]:
    """Those it can be sent from now: none before the organisation has taken the service into use."""
    in_use = is_active(chosen_organisation(), VARSLING)
    return [konto for konto in kontoer() if konto.aktivert and in_use]
