"""A test client that is logged in as somebody."""

from __future__ import annotations

import re
from contextvars import Context
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fiks.core import clock
from fiks.konfigurasjon.person import sessions
from tests.integration.utsending.kommuner import Kommune


class Browser(FlaskClient):
    """Each request in an empty context, as a server has it, whatever context the test itself is in."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("buffered", True)
        return Context().run(super().open, *args, **kwargs)

    def break_off(self, path: str) -> None:
        """Begin a download and go away after its first piece."""

        def first_piece() -> None:
            answer = FlaskClient.open(self, path, buffered=False)
            next(answer.iter_encoded())
            answer.close()

        Context().run(first_piece)


def log_in(app: Flask, kommune: Kommune, rolle: str, *, acr: int = 4, minutes_ago: float = 0) -> Browser:
    """A browser logged in as `rolle` of the kommune, which is chosen."""
    token = open_session(kommune.pid[rolle], acr=acr, minutes_ago=minutes_ago)
    sessions.choose_organisation(token, kommune.id)
    client = app.test_client()
    assert isinstance(client, Browser)
    client.set_cookie("fiks", token)
    return client


def citizen(app: Flask, pid: str, *, acr: int = 3) -> Browser:
    """A browser logged in as a receiver."""
    client = app.test_client()
    assert isinstance(client, Browser)
    client.set_cookie("fiks", open_session(pid, acr=acr))
    return client


def open_session(pid: str, *, acr: int, minutes_ago: float = 0) -> str:
    return sessions.open_session(
        pid=pid,
        acr=acr,
        auth_time=clock.database_now() - timedelta(minutes=minutes_ago),
        iss="https://idporten.example",
        idporten_sid=None,
        id_token="token",
        navn="Test",
    )


def token_of(html: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found, "no form in the page"
    return found.group(1)


def marks_of(html: str) -> dict[str, str]:
    """What a form of the page says of itself: its token, the organisation it was shown for, and what it showed."""
    found = {
        name: re.search(rf'name="{name}" value="([^"]*)"', html)
        for name in ("gjelder_organisasjon", "vist", "digest")
    }
    return {"csrf_token": token_of(html)} | {name: one.group(1) for name, one in found.items() if one}


def post(client: Browser, page: str, action: str, **data: str) -> TestResponse:
    """Send a form as the page `page` would, to `action`."""
    marks = marks_of(client.get(page).text)
    return client.post(action, data=marks | data, headers={"Referer": f"http://localhost{page}"})


def text_of(html: str) -> str:
    """The page's words, with plain spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " ").split())
