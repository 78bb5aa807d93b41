"""«Logg ut» when the session's time is over already: it ends ID-porten's session all the same."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.portal.apps import with_prove_rows, without_prove_rows
from tests.portal.loopback import KARI, Person, Verden, field, path_of, verden


@pytest.fixture(scope="module")
def world() -> Iterator[Verden]:
    with_prove_rows()
    with verden() as running:
        yield running
    without_prove_rows()


@pytest.fixture
def kari(world: Verden) -> Person:
    for held in (world.sesjoner.sessions, world.sesjoner.expired, world.sesjoner.grants):
        held.clear()
    world.idp.state.end_all()
    world.sesjoner.person(KARI, "Kari Nordmann", lillevik="SVARUT.SENDE")
    person = Person(world)
    person.log_in()
    return person


def press_log_out(person: Person, token: str) -> requests.Response:
    """Send the form of a page that has stood open; nothing of the answer is followed yet."""
    return person.http.post(
        person.world.portal + "/logg-ut",
        data={"csrf_token": token},
        headers={"Referer": person.world.portal + "/hjelp"},
        timeout=5,
        allow_redirects=False,
    )


def onward(page: requests.Response) -> str:
    """Where the page moves on to by itself."""
    assert page.status_code == 200, page.text
    found = re.search(r'http-equiv="refresh" content="\d; url=([^"]+)"', page.text)
    assert found
    return html.unescape(found.group(1))


def token_on_page(person: Person) -> str:
    return field(person.get("/hjelp").text, "csrf_token")


def test_logging_out_after_the_session_has_run_out_ends_idportens_too(kari: Person) -> None:
    """A shared machine: the page has stood for half an hour, the person presses «Logg ut» and leaves."""
    token, session = token_on_page(kari), kari.token
    kari.world.sesjoner.expire()
    there = onward(press_log_out(kari, token))
    assert there.startswith(kari.world.issuer)
    page = kari.http.get(there, timeout=5)
    assert "frontkanal" in page.text or path_of(page.url) == "/logget-ut"
    assert kari.token == "", "the cookie is gone"
    assert kari.world.sesjoner.load_expired(session) is None, "no login takes over what it held"
    kari.at_idporten("/innlogging/start")


def test_a_session_that_has_run_out_still_names_the_login_to_idporten(kari: Person) -> None:
    """Without the hint ID-porten leaves the person on its own page."""
    token = token_on_page(kari)
    [live] = kari.world.sesjoner.sessions.values()
    kari.world.sesjoner.expire()
    query = parse_qs(urlsplit(onward(press_log_out(kari, token))).query)
    assert query["id_token_hint"] == [live.id_token]
    assert query["post_logout_redirect_uri"] == [kari.world.portal + "/logget-ut"]


@pytest.mark.parametrize("cookie", ["", "noe-helt-annet"])
def test_whoever_has_no_session_here_is_sent_on_to_idporten_by_the_clients_name(
    kari: Person, cookie: str
) -> None:
    kari.http.cookies.clear(domain="localhost.local")
    if cookie:
        kari.http.cookies.set("fiks", cookie, domain="localhost.local", path="/")
    there = onward(press_log_out(kari, ""))
    query = parse_qs(urlsplit(there).query)
    assert (query["client_id"], "id_token_hint" in query) == (["portal"], False)
    kari.http.get(there, timeout=5)
    assert kari.token == ""
    kari.at_idporten("/innlogging/start")


def test_a_session_ended_at_idporten_is_logged_out_of_without_a_question(kari: Person) -> None:
    token = token_on_page(kari)
    [live] = kari.world.sesjoner.sessions.values()
    kari.world.sesjoner.end_sessions_by_sid(kari.world.issuer, str(live.sid))
    assert onward(press_log_out(kari, token)).startswith(kari.world.issuer)
    assert kari.token == ""


@pytest.mark.parametrize("token", ["", "feil"])
def test_a_live_session_is_logged_out_of_by_its_own_form_only(kari: Person, token: str) -> None:
    assert press_log_out(kari, token).status_code == 400
    assert list(kari.world.sesjoner.sessions) == [kari.token]
