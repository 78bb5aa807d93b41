"""The same field twice in one request is refused on every route, before anything reads it."""

from __future__ import annotations

import io
from functools import cache

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from portal.access.kinds import Slag
from portal.access.table import TILGANG
from portal.http.api_errors import is_api
from portal.http.security import REPEATABLE
from portal.texts import tekst
from tests.integration.utsending.browser import text_of
from tests.pagecheck import check_page
from tests.portal.apps import csrf_of, log_in, make_app
from tests.portal.fakes import FakeSesjoner

EVERYTHING = " ".join(sorted({name for krav in TILGANG.values() for name in krav.privilegier}))
MACHINES = (Slag.MASKIN, Slag.KONTO, Slag.MOTTAKERSYSTEM)
VALUES = {
    "del_id": "1",
    "radnr": "2",
    "nr": "1",
    "side": "1",
    "filformat": "csv",
    "fil": "brev",
    "gruppe": "stoppet",
    "steg": "brev",
    "filename": "app.css",
    "trinn": "kontakt",
    "aar": "2027",
    "kode": "SVARUT",
    "navn": "fil.csv",
    "klasse": "NORMAL",
    "leverandor": "GRAFISK_DIGITAL",
    "skjemanr": "1",
}
"""What stands in an address where no id does."""


def value_of(variable: str) -> str:
    """A value for a part of an address; one that ends in `id` is some uuid."""
    return VALUES.get(variable) or (
        "00000000-0000-4000-8000-000000000000" if variable.endswith("_id") else ""
    )


@cache
def rules(method: str) -> list[str]:
    """The routes for people. A machine's body is its route's to read; its query is judged as anybody's."""
    people = {endpoint for endpoint, krav in TILGANG.items() if krav.slag not in MACHINES}
    live = make_app().url_map.iter_rules()
    return sorted(r.endpoint for r in live if method in (r.methods or set()) and r.endpoint in people)


@pytest.fixture(scope="module")
def sesjoner() -> FakeSesjoner:
    return FakeSesjoner()


@pytest.fixture(scope="module")
def app(sesjoner: FakeSesjoner) -> Flask:
    return make_app(sesjoner)


@pytest.fixture
def client(app: Flask, sesjoner: FakeSesjoner) -> FlaskClient:
    """Somebody who may do everything; no database stands behind."""
    made = app.test_client()
    log_in(made, sesjoner, privileges=EVERYTHING)
    sesjoner.operators.update(sesjoner.persons.values())
    return made


def path_of(app: Flask, endpoint: str) -> str:
    rule: Rule = next(app.url_map.iter_rules(endpoint))
    with app.test_request_context():
        built = rule.build({name: value_of(name) for name in rule.arguments}, append_unknown=False)
    assert built is not None
    return built[1]


def refused(client: FlaskClient, path: str, **request: object) -> str:
    """The page of the refusal."""
    answer = client.open(path, **request)  # type: ignore[arg-type]
    assert answer.status_code == 400, path
    assert is_api(path) or tekst("FELT_GJENTATT") in text_of(answer.text)
    return answer.text


def two_files() -> list[tuple[io.BytesIO, str]]:
    return [(io.BytesIO(b"navn\nKari"), "en.csv"), (io.BytesIO(b"navn\nOla"), "to.csv")]


@pytest.mark.parametrize("endpoint", rules("POST"))
@pytest.mark.parametrize("field", ["csrf_token", "valg", "noe_ukjent"])
def test_a_field_given_twice_is_refused_by_every_form(
    app: Flask, client: FlaskClient, endpoint: str, field: str
) -> None:
    token = csrf_of(client.get("/velg-organisasjon").text)
    form = {"csrf_token": token} | {field: [token, token] if field == "csrf_token" else ["a", "b"]}
    check_page(refused(client, path_of(app, endpoint), method="POST", data=form))


@pytest.mark.parametrize("endpoint", rules("POST"))
def test_a_file_given_twice_is_refused_by_every_form(app: Flask, client: FlaskClient, endpoint: str) -> None:
    field = "annen_fil" if "fil" in REPEATABLE.get(endpoint, ()) else "fil"
    form = {"csrf_token": csrf_of(client.get("/velg-organisasjon").text), field: two_files()}
    refused(client, path_of(app, endpoint), method="POST", data=form)


@pytest.mark.parametrize("endpoint", sorted(e for e, krav in TILGANG.items() if krav.slag not in MACHINES))
def test_a_query_parameter_given_twice_is_refused_by_every_route(
    app: Flask, client: FlaskClient, endpoint: str
) -> None:
    method = "GET" if endpoint in rules("GET") else "POST"
    refused(client, path_of(app, endpoint) + "?status=UTKAST&status=SENDES", method=method)


def test_the_same_value_twice_is_refused_too(client: FlaskClient) -> None:
    refused(client, "/hjelp?a=1&a=1")


def test_a_stranger_is_asked_to_log_in_before_the_form_is_read(app: Flask) -> None:
    answer = app.test_client().post("/utsendinger/ny", data={"a": ["1", "2"]})
    assert answer.status_code in (302, 401)


def test_what_may_be_many_is_declared_on_a_route_that_exists() -> None:
    assert set(REPEATABLE) <= set(rules("POST"))


def test_boxes_of_one_name_may_be_ticked_together(app: Flask, client: FlaskClient) -> None:
    """The form is let through to the use case, which needs the database that this app has not."""
    token = csrf_of(client.get("/velg-organisasjon").text)
    form = {"csrf_token": token, "kode": ["FNR_MELLOMROM", "KID_MELLOMROM"]}
    assert client.post(path_of(app, "utsending.forslag"), data=form).status_code != 400
    refused(client, path_of(app, "utsending.forslag"), method="POST", data=form | {"alle": ["ja", "ja"]})


@pytest.mark.parametrize("endpoint", sorted(name for name, many in REPEATABLE.items() if "fil" in many))
def test_files_of_one_field_may_be_sent_together(app: Flask, client: FlaskClient, endpoint: str) -> None:
    token = csrf_of(client.get("/velg-organisasjon").text)
    form = {"csrf_token": token, "fil": two_files()}
    assert client.post(path_of(app, endpoint), data=form).status_code != 400
