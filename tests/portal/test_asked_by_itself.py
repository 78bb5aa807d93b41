"""What a page asks for by itself is not its person at work: it keeps no login alive, and begins none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import portal
from portal.access import login_request
from portal.access.kinds import Slag
from portal.access.table import AV_SEG_SELV, TILGANG
from tests.portal.apps import log_in, make_app
from tests.portal.fakes import FakeSesjoner
from tests.security.reviewed import REVIEWED

TEMPLATES = Path(str(portal.__file__)).parent / "templates"
ASKING = re.compile(r"<[a-z][^<]*\bhx-(?:get|post|put|patch|delete)=[^\n]*")
BY_ITSELF = re.compile(r'hx-trigger="every ')
WHERE = re.compile(r"url_for\('([a-z_.]+)'")
HERE = "http://localhost/rot/drift?periode=uke"
OF_THE_FRAME = "innlogging.varer"
"""Asked for by every page a little before the login is over (app.js, komponenter of the frame)."""
PART = {"HX-Request": "true", "HX-Current-URL": HERE}


@pytest.fixture
def sesjoner() -> FakeSesjoner:
    return FakeSesjoner()


@pytest.fixture
def app(sesjoner: FakeSesjoner) -> Flask:
    return make_app(sesjoner)


@pytest.fixture
def client(app: Flask, sesjoner: FakeSesjoner) -> FlaskClient:
    made = app.test_client()
    log_in(made, sesjoner)
    return made


def asking_tags() -> list[str]:
    """What the templates have htmx ask for, each from its tag on."""
    pages = sorted(TEMPLATES.rglob("*.html"))
    return [tag for page in pages for tag in ASKING.findall(page.read_text(encoding="utf-8"))]


def test_the_table_is_what_the_pages_ask_for_by_themselves() -> None:
    tags = asking_tags()
    assert len(tags) > 5
    assert [tag for tag in tags if not BY_ITSELF.search(tag)] == [], (
        "who asks for that: the page or its person?"
    )
    assert {where for tag in tags for where in WHERE.findall(tag)} | {OF_THE_FRAME} == AV_SEG_SELV
    assert {endpoint for endpoint, rute in REVIEWED.items() if rute.bit} == AV_SEG_SELV


@pytest.mark.parametrize("endpoint", sorted(AV_SEG_SELV))
def test_what_a_page_asks_for_by_itself_does_not_count_as_use(
    app: Flask, client: FlaskClient, sesjoner: FakeSesjoner, endpoint: str
) -> None:
    open_to_all = endpoint == OF_THE_FRAME
    assert TILGANG[endpoint].slag in ((Slag.INNLOGGET,) if open_to_all else (Slag.PRIVILEGIUM, Slag.ROT))
    [rule] = app.url_map.iter_rules(endpoint)
    known = {"radnr": 1, "del_id": 1}
    values = {name: known.get(name, "00000000-0000-4000-8000-000000000009") for name in rule.arguments}
    with app.test_request_context():
        built = rule.build(values, append_unknown=False)
    assert built is not None
    assert client.get(built[1], headers=PART).status_code == (200 if open_to_all else 403)
    assert sesjoner.used == []
    client.get(built[1])
    assert len(sesjoner.used) == 1, "who asks for it as a page is there"


def test_what_a_person_asks_for_counts_whatever_it_says_of_itself(
    client: FlaskClient, sesjoner: FakeSesjoner
) -> None:
    client.get("/hjelp", headers=PART)
    assert len(sesjoner.used) == 1


def test_the_page_asks_how_long_the_login_goes_on_and_its_person_goes_on_with_it(
    client: FlaskClient, sesjoner: FakeSesjoner
) -> None:
    page = client.get("/hjelp").text
    assert 'data-minutter="29"' in page
    assert 'data-varer="/innlogging/varer"' in page
    assert 'data-fortsett="/innlogging/fortsett"' in page
    sesjoner.used.clear()
    left = {"varer": 1800, "hoyst": 7200}
    assert client.get("/innlogging/varer", headers=PART).json == left
    assert sesjoner.used == []
    assert client.get("/innlogging/fortsett", headers=PART).json == left
    assert len(sesjoner.used) == 1


@pytest.mark.parametrize("where", ["varer", "fortsett"])
def test_a_login_that_is_over_does_not_go_on_and_none_is_begun(
    client: FlaskClient, sesjoner: FakeSesjoner, where: str
) -> None:
    sesjoner.expire()
    answer = client.get(f"/innlogging/{where}", headers=PART)
    assert answer.status_code == 401
    assert sesjoner.logins == {}


def test_who_is_not_logged_in_has_nothing_to_be_told(app: Flask) -> None:
    assert "innlogging-varsel" not in app.test_client().get("/hjelp").text


def test_a_page_that_stands_open_says_that_the_login_is_over_and_begins_none(
    client: FlaskClient, sesjoner: FakeSesjoner
) -> None:
    """ID-porten's own session may live: asked by the page itself, it would log the person in again unseen."""
    sesjoner.expire()
    answer = client.get("/rot/drift/naa", headers=PART)
    assert answer.status_code == 401
    where = answer.headers["HX-Redirect"]
    assert where == "/logg-inn?neste=/rot/drift?periode%3Duke&over=1"
    page = client.get(where).text
    assert "Det skjer når siden ikke er brukt på 30 minutter" in page
    assert 'href="/innlogging/start?neste=/rot/drift?periode%3Duke"' in page


def test_the_page_of_the_login_says_nothing_of_that_to_others(
    client: FlaskClient, sesjoner: FakeSesjoner
) -> None:
    sesjoner.expire()
    assert "Du er logget ut" not in client.get("/logg-inn?neste=/hjelp").text


def test_a_page_goes_on_where_the_person_has_logged_in_again_elsewhere(client: FlaskClient) -> None:
    assert client.get("/logg-inn?neste=/hjelp&over=1").location == "/hjelp"


def test_nothing_is_asked_by_itself_but_what_the_table_says(app: Flask) -> None:
    with app.test_request_context("/rot/drift/naa", headers=PART):
        assert login_request.is_polling()
    with app.test_request_context("/rot/drift/naa"):
        assert not login_request.is_polling()
    with app.test_request_context("/hjelp", headers=PART):
        assert not login_request.is_polling()
