"""The portal on a test's database, people logged in to it, and an Enhetsregister that answers what it is told to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from flask import Flask
from werkzeug.test import TestResponse

from config.settings import Settings
from fiks.core.db import session
from fiks.core.errors import ProvIgjen
from fiks.konfigurasjon import operators
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.person import sessions
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.rules import P
from fiks.registeroppslag.rules import Enhetstatus, Virksomhet
from portal import create_app
from tests.integration.houses import HOUSE, new_fnr
from tests.integration.utsending.browser import Browser, open_session, token_of


@dataclass
class Enhetsregister:
    """Knows `navn` by number, has deleted `slettet`, and answers nothing while it is `nede`.

    `i_transaksjon` tells of each call whether the caller held a transaction open.
    """

    navn: dict[str, str] = field(default_factory=dict)
    slettet: set[str] = field(default_factory=set)
    nede: bool = False
    i_transaksjon: list[bool] = field(default_factory=list)

    def virksomheter(self, orgnrs: Sequence[str]) -> dict[str, Virksomhet]:
        self.i_transaksjon.append(session().in_transaction())
        if self.nede:
            raise ProvIgjen("ENHETSREGISTERET_BORTE")
        return {orgnr: self._one(orgnr) for orgnr in orgnrs}

    def _one(self, orgnr: str) -> Virksomhet:
        if orgnr not in self.navn:
            return Virksomhet(orgnr, "", Enhetstatus.IKKE_FUNNET)
        gone = orgnr in self.slettet
        return Virksomhet(orgnr, self.navn[orgnr], Enhetstatus.SLETTET if gone else Enhetstatus.FUNNET)


def settings_of(database_url: str, folder: Path) -> Settings:
    values = {"FIKS_ENV": "test", "DATABASE_URL": database_url, "OBJECT_STORE_URL": f"file://{folder}"}
    return Settings.from_env(values)


def make_portal(settings: Settings, register: Enhetsregister) -> Flask:
    made = create_app(settings)
    made.config["TESTING"] = True
    made.test_client_class = Browser
    made.extensions["fiks_register"] = register
    return made


def log_in(app: Flask, pid: str, organisasjon_id: UUID | None, *, minutes_ago: float = 0) -> Browser:
    """A browser of the person with this number, working for the organisation."""
    token = open_session(pid, acr=4, minutes_ago=minutes_ago)
    if organisasjon_id is not None:
        sessions.choose_organisation(token, organisasjon_id)
    client = app.test_client()
    assert isinstance(client, Browser)
    client.set_cookie("fiks", token)
    return client


def staff(
    app: Flask, organisasjon_id: UUID, privilegium: P, ressurs_id: UUID, *, minutes_ago: float = 0
) -> Browser:
    """Somebody who holds this, and is logged in."""
    pid = new_fnr()
    person_id = konfigurasjon.register_person(pid, navn="Astrid Nordli", actor=HOUSE)
    konfigurasjon.grant_privilegium(person_id, privilegium, ressurs_id, actor=HOUSE)
    return log_in(app, pid, organisasjon_id, minutes_ago=minutes_ago)


def operator(app: Flask, *, minutes_ago: float = 0) -> Browser:
    """Somebody who runs the platform, logged in without an organisation."""
    pid = new_fnr()
    operators.make_operator(Personopplysninger(pid, "Runar Solberg"), actor=HOUSE)
    return log_in(app, pid, None, minutes_ago=minutes_ago)


def send(client: Browser, page: str, **data: str | tuple[BinaryIO, str]) -> TestResponse:
    """Send a form to the page, with the token of the session; a file is its content and its name."""
    token = token_of(client.get("/hjelp").text)
    return client.post(
        page, data={"csrf_token": token, **data}, headers={"Referer": f"http://localhost{page}"}
    )
