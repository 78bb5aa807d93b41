"""Hand the settings of this process to the house (`fiks`), and make the portal's clients of outside systems."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, request

from config.settings import Settings
from fiks.core import doorbell, environment
from fiks.drift import key_check, restore_guard
from fiks.konfigurasjon.person.altinn import AltinnParter
from fiks.registeroppslag.register import open_register

Ringer = Callable[[str], None]
HEALTH = "helse"


def install_environment(app: Flask, settings: Settings, ringer: Ringer | None) -> None:
    """Install this process's environment, doorbell and clients. Nothing is called yet, so everything outside
    may be down.

    Without a ringer the sweeper finds the work a little later. Before the first document is stored, the
    object store is checked to be this installation's own, and not for example an empty folder where a disk
    should be mounted.
    """
    house = environment.from_settings(settings)
    house.store.ask_first(restore_guard.require_our_store)
    environment.install(house)
    doorbell.install(ringer)
    app.extensions["fiks_register"] = open_register(settings)
    app.extensions["fiks_altinn"] = AltinnParter(settings.altinn_url) if settings.altinn_url else None


def require_own_keys(app: Flask) -> None:
    """Before the first request, check that this process's keys are this installation's; repeat until the
    check succeeds.

    Probes and static files are answered without the check.
    """
    answered: list[bool] = []

    @app.before_request
    def ask() -> None:
        if not answered and request.blueprint != HEALTH and request.endpoint != "static":
            key_check.require_ours()
            answered.append(True)
