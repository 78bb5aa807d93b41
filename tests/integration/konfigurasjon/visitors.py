"""The portal on the module's database, and browsers of people who are logged in to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from werkzeug.test import TestResponse

from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import P
from tests.integration.databases import Database
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.konfigurasjon.portals import Enhetsregister, log_in, make_portal, settings_of
from tests.integration.utsending.browser import Browser, marks_of


def make_app(database: Database, folder: Path) -> Flask:
    return make_portal(settings_of(database.app_url, folder), Enhetsregister())


def visitor(
    app: Flask, hus: Hus, *privileges: P, ressurs: UUID | None = None, minutes_ago: float = 0
) -> Browser:
    """Somebody new who holds these privileges, on the organisation unless `ressurs` says where."""
    pid = new_fnr()
    person_id = konfigurasjon.register_person(pid, navn="Anne Admin", actor=HOUSE)
    for privilege in privileges:
        konfigurasjon.grant_privilegium(person_id, privilege, ressurs or hus.organisasjon_id, actor=HOUSE)
    return log_in(app, pid, hus.organisasjon_id, minutes_ago=minutes_ago)


def send(client: Browser, page: str, action: str = "", **data: Any) -> TestResponse:
    """Send a form as the page would, which must be a page with a form."""
    shown = client.get(page)
    assert shown.status_code == 200, page
    return client.post(
        action or page, data=marks_of(shown.text) | data, headers={"Referer": f"http://localhost{page}"}
    )
