"""Somebody at a browser at the pages of tilganger, and what they do there."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

from flask import Flask
from sqlalchemy import func, update
from werkzeug.test import TestResponse

from fiks.core.db import session, transaction
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.models import Tilgang
from fiks.konfigurasjon.person import sessions
from fiks.konfigurasjon.rules import P
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.konfigurasjon.holders import grants_of
from tests.integration.utsending.browser import Browser, marks_of, open_session
from tests.pagecheck import faults


class Besok:
    """Somebody at a browser in the kommune; `ressurs` None is the organisation's own."""

    def __init__(
        self, app: Flask, hus: Hus, *privileges: P, ressurs: UUID | None = None, minutes_ago: float = 0
    ) -> None:
        self.pid, self.organisasjon_id = new_fnr(), hus.organisasjon_id
        self.id = konfigurasjon.register_person(self.pid, navn="Anne Admin", actor=HOUSE)
        for privilege in privileges:
            konfigurasjon.grant_privilegium(self.id, privilege, ressurs or hus.organisasjon_id, actor=HOUSE)
        token = open_session(self.pid, acr=4, minutes_ago=minutes_ago)
        sessions.choose_organisation(token, hus.organisasjon_id)
        client = app.test_client()
        assert isinstance(client, Browser)
        client.set_cookie("fiks", token)
        self.client = client

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def read(self, path: str) -> str:
        """The page's source, which must be there and well made."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.location)
        assert not faults(answer.text)
        return answer.text

    def send(self, page: str, action: str | None = None, **data: str) -> TestResponse:
        return self.send_as(self.read(page), action or page, data, page)

    def send_as(self, html: str, action: str, data: dict[str, str], page: str) -> TestResponse:
        """Send a form that is already open."""
        return self.client.post(
            action,
            data=marks_of(html) | data,
            headers={"Referer": f"http://localhost{page}"},
        )


def ressurs_page(ressurs_id: UUID) -> str:
    return f"/tilganger/ressurser/{ressurs_id}"


def form_of(html: str) -> dict[str, str]:
    """The matrix as the browser would send it without a change."""
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]+>", html[html.index('name="matrise.vist"') - 60 :]):
        given = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if given.get("type") == "hidden" or (given.get("type") == "checkbox" and " checked" in tag):
            found[given["name"]] = given.get("value", "")
    return found


def box(person_id: UUID, privilege: P, kind: str = "PERSON") -> str:
    return f"celle.{kind}.{person_id}.{privilege}"


def save(visitor: Besok, ressurs_id: UUID, html: str, *, tick: str = "", untick: str = "") -> TestResponse:
    """Send the open matrix with one box changed."""
    form = form_of(html)
    if tick:
        assert f'name="{tick}"' in html
        form[tick] = "ja"
    if untick:
        del form[untick]
    return visitor.send_as(html, ressurs_page(ressurs_id), form, ressurs_page(ressurs_id))


def confirm(visitor: Besok, answer: TestResponse) -> TestResponse:
    """Answer the question one was led to with yes."""
    assert answer.status_code == 303, answer.status_code
    assert answer.location is not None and "bekreft" in answer.location, answer.location
    html = visitor.read(answer.location)
    utkast = re.search(r'name="utkast" value="([^"]+)"', html)
    assert utkast
    return visitor.send_as(html, answer.location.split("?")[0], {"utkast": utkast.group(1)}, answer.location)


def held(person_id: UUID, ressurs_id: UUID) -> set[str]:
    session().rollback()
    return {row.privilegium for row in grants_of(person_id) if row.ressurs_id == ressurs_id}


def age(person_id: UUID, *, days: int) -> None:
    """Let the person's grants be so old."""
    then = func.now() - timedelta(days=days)
    with transaction() as tx:
        tx.execute(update(Tilgang).where(Tilgang.person_id == person_id).values(gyldig_fra=then))


def session_of(visitor: Besok, *, minutes: float) -> str:
    """Let the visitor have logged in so many minutes ago; return the session's token."""
    token = open_session(visitor.pid, acr=4, minutes_ago=minutes)
    sessions.choose_organisation(token, visitor.organisasjon_id)
    visitor.client.set_cookie("fiks", token)
    return token


def give(visitor: Besok, hus: Hus, **data: str) -> TestResponse:
    page = f"{ressurs_page(hus.konto_id)}/ny"
    return visitor.send(page, page, **data)


SENDE, ADMIN = {f"privilegium.{P.SENDE}": "ja"}, {f"privilegium.{P.ADMIN}": "ja"}
