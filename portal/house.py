"""Hands the house (`fiks`) what this process's settings say, and makes the portal's clients of the world outside."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, request

from config.settings import Settings
from fiks.core import doorbell, environment
from fiks.drift import own_keys, restored
from fiks.konfigurasjon.person.altinn import AltinnParter
from fiks.registeroppslag.register import open_register

Ringer = Callable[[str], None]
HEALTH = "helse"


def furnish(app: Flask, settings: Settings, ringer: Ringer | None) -> None:
    """Set this process's environment, doorbell and clients; nothing is called yet, so all of it may be down.

    Without a ringer the sweeper finds the work a little later. No document is put into a store that is not the house's,
    such as the folder that another should be mounted on.
    """
    house = environment.from_settings(settings)
    house.store.ask_first(restored.require_our_store)
    environment.install(house)
    doorbell.install(ringer)
    app.extensions["fiks_register"] = open_register(settings)
    app.extensions["fiks_altinn"] = AltinnParter(settings.altinn_url) if settings.altinn_url else None


def guard_keys(app: Flask) -> None:
    """Let nobody in before this process's keys are known to be the house's; asked until that has been answered once."""
    answered: list[bool] = []

    @app.before_request
    def ask() -> None:
        if not answered and request.blueprint != HEALTH and request.endpoint != "static":
            own_keys.require_ours()
            answered.append(True)
