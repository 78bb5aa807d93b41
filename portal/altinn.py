"""The client for Altinn's list of whom a person may represent, as this app was given it."""

from __future__ import annotations

from flask import current_app

from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.konfigurasjon.person.representation import Spor


def party_lookup() -> Spor:
    """Return the function that asks Altinn whom a person may represent; without Altinn it answers with
    nobody.
    """
    client = current_app.extensions["fiks_altinn"]
    asks: Spor = client.authorized_parties if client is not None else _nobody
    return asks


def _nobody(pid: str) -> list[Altinnpart]:
    return []
