"""Logout from ID-porten's side, and sessions that are renewed: konfigurasjon.md 17, statements 32 to 35."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

from portal.innlogging.backchannel import EVENT
from tests.portal.apps import with_prove_rows, without_prove_rows
from tests.portal.loopback import KARI, OLA, Person, Verden, field, frames, path_of, verden


@pytest.fixture(scope="module")
def world() -> Iterator[Verden]:
    with_prove_rows()
    with verden() as running:
        yield running
    without_prove_rows()


@pytest.fixture
def kari(world: Verden) -> Person:
    world.sesjoner.sessions.clear()
    world.sesjoner.grants.clear()
    world.idp.state.end_all()
    world.sesjoner.person(KARI, "Kari Nordmann", lillevik="SVARUT.SENDE")
    person = Person(world)
    person.log_in()
    return person


def logout_token(world: Verden, *, typ: str = "logout+jwt", key: RSAKey | None = None, **changes: Any) -> str:
    """A right token for the only session, with `changes`; a claim that is None is left out."""
    [session] = world.sesjoner.sessions.values()
    now = int(time.time())
    claims = {
        "iss": world.issuer,
        "aud": "portal",
        "iat": now,
        "exp": now + 120,
        "jti": secrets.token_hex(8),
        "events": {EVENT: {}},
        "sid": session.sid,
    } | changes
    header = {"alg": "RS256", "kid": str(world.idp.key.kid), "typ": typ}
    sent = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(header, sent, key or world.idp.key)


def call(world: Verden, token: str) -> int:
    answer = requests.post(
        world.portal + "/innlogging/bakkanal", data={"logout_token": token}, timeout=5, allow_redirects=False
    )
    return answer.status_code


def test_s17_34_the_back_channel_ends_the_session_by_sid_without_our_cookie(kari: Person) -> None:
    assert call(kari.world, logout_token(kari.world)) == 200
    assert not kari.world.sesjoner.sessions


def test_s17_34_the_back_channel_ends_every_session_of_sub_when_no_sid_is_named(kari: Person) -> None:
    [session] = kari.world.sesjoner.sessions.values()
    assert call(kari.world, logout_token(kari.world, sid=None, sub=session.sub)) == 200
    assert not kari.world.sesjoner.sessions


def test_s17_34_a_logout_token_is_taken_once(kari: Person) -> None:
    token = logout_token(kari.world)
    assert [call(kari.world, token), call(kari.world, token)] == [200, 400]


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://annen.example"},
        {"iss": None},
        {"aud": "en-annen-klient"},
        {"aud": None},
        {"iat": None},
        {"iat": 1_000_000_000},
        {"iat": 9_000_000_000},
        {"iat": "nå"},
        {"exp": 1_000_000_000},
        {"events": None},
        {"events": {}},
        {"events": {EVENT: "ja"}},
        {"events": [EVENT]},
        {"nonce": "n"},
        {"jti": None},
        {"jti": ""},
        {"sid": None},
        {"sid": 7},
        {"sub": 7},
        {"typ": "at+jwt"},
    ],
)
def test_s17_34_a_logout_token_that_breaks_one_rule_ends_nothing(
    kari: Person, changes: dict[str, Any]
) -> None:
    assert call(kari.world, logout_token(kari.world, **changes)) == 400
    assert len(kari.world.sesjoner.sessions) == 1


def test_s17_34_a_logout_token_of_another_key_ends_nothing(kari: Person) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": str(kari.world.idp.key.kid)}, private=True)
    assert call(kari.world, logout_token(kari.world, key=stranger)) == 400
    assert len(kari.world.sesjoner.sessions) == 1


@pytest.mark.parametrize("raw", ["", "x", "a.b.c", "e30.e30.", "x" * 30_000])
def test_s17_34_what_is_no_token_ends_nothing(kari: Person, raw: str) -> None:
    assert call(kari.world, raw) == 400
    assert len(kari.world.sesjoner.sessions) == 1


def leave_idporten(person: Person) -> requests.Response:
    """Log out at ID-porten itself, without loading the frames of its page."""
    return person.http.get(person.world.issuer + "/logout", timeout=10)


def test_s17_34_a_logout_at_idporten_ends_the_session_here_by_the_back_channel(kari: Person) -> None:
    token = kari.token
    assert leave_idporten(kari).status_code == 200
    assert kari.world.sesjoner.ended[token] == "BAKKANAL"
    assert not kari.world.sesjoner.sessions


def test_s17_34_a_logout_at_idporten_ends_only_the_sessions_of_that_login(kari: Person) -> None:
    other = Person(kari.world)
    other.log_in(OLA)
    leave_idporten(kari)
    assert list(kari.world.sesjoner.sessions) == [other.token]


def test_s17_34_a_logout_at_idporten_ends_the_session_here_by_the_front_channel_alone(
    kari: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The client's registration as it is where ID-porten has no back channel.
    monkeypatch.setattr(kari.world.client, "backchannel_logout_uri", None)
    token = kari.token
    for frame in frames(leave_idporten(kari)):
        requests.get(frame, timeout=5).raise_for_status()
    assert kari.world.sesjoner.ended[token] == "FRONTKANAL"


def test_s17_34_a_client_that_does_not_answer_keeps_nobody_logged_in_at_idporten(
    kari: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody listens there.
    monkeypatch.setattr(kari.world.client, "backchannel_logout_uri", "http://127.0.0.1:1/")
    assert leave_idporten(kari).status_code == 200
    kari.at_idporten("/innlogging/start")


def test_s17_32_an_expired_session_is_renewed_unseen_when_a_page_is_asked_for(kari: Person) -> None:
    old = kari.token
    kari.world.sesjoner.expire()
    page = kari.get("/prove/sende")
    assert (path_of(page.url), page.status_code) == ("/prove/sende", 200)
    assert kari.token != old


def test_s17_32_a_form_that_came_too_late_waits_for_the_login_and_is_not_sent(kari: Person) -> None:
    token = field(kari.get("/prove/sende").text, "csrf_token")
    kari.world.sesjoner.expire()
    where = kari.world.portal + "/prove/sende"
    form = {"csrf_token": token, "tekst": "Hei på deg", "passord": "hemmelig"}
    late = kari.http.post(where, data=form, headers={"Referer": where}, timeout=5)
    assert late.status_code == 401
    assert "Vi tar vare på det du skrev" in late.text
    link = late.text.split('href="/innlogging/start', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    page = kari.get("/innlogging/start" + link)
    assert path_of(page.url) == "/innlogging/skjema"
    assert field(page.text, "tekst") == "Hei på deg"
    assert "hemmelig" not in page.text


def test_s17_33_a_new_login_gives_a_new_session_and_ends_the_old(kari: Person) -> None:
    old = kari.token
    kari.choose(kari.at_idporten("/innlogging/start?bekreft=1&neste=/hjelp"))
    assert kari.token != old
    assert list(kari.world.sesjoner.sessions) == [kari.token]


def framed_by(answer: requests.Response) -> list[str]:
    """Whose pages may hold the answer in a frame. (`test_every_answer_closes_the_browser_down` asks every page.)"""
    [directive] = re.findall(r"frame-ancestors ([^;]*)", answer.headers["Content-Security-Policy"])
    return str(directive).split()


def test_s17_35_the_front_channel_may_be_framed_by_idporten_and_nobody_else(kari: Person) -> None:
    [session] = kari.world.sesjoner.sessions.values()
    query = {"iss": kari.world.issuer, "sid": session.sid}
    answer = requests.get(kari.world.portal + "/innlogging/frontkanal", params=query, timeout=5)
    assert answer.status_code == 200
    assert framed_by(answer) == [kari.world.issuer]
    assert "X-Frame-Options" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/logg-inn",
            "/hjelp",
            "/logget-ut",
            "/velg-organisasjon",
            "/prove/sende",
            "/finnes-ikke",
            "/helse/levende",
        ),
        *("/innlogging/frontkanal", "/innlogging/frontkanal?iss=https://annen.example&sid=1"),
        *("/innlogging/start", "/innlogging/tilbake", "/static/app.css"),
    ],
)
def test_s17_35_nothing_else_may_be_framed_not_even_a_refusal_of_the_front_channel(
    kari: Person, path: str
) -> None:
    answer = kari.get(path, allow_redirects=False)
    assert framed_by(answer) == ["'none'"]
    assert answer.headers["X-Frame-Options"] == "DENY"
