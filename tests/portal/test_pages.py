"""Every page of the frame: one h1, a title, a language, labels, unique ids, no inline code."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from portal.ui.menu import MENY
from tests.pagecheck import check_page
from tests.portal.apps import log_in
from tests.portal.fakes import FakeSesjoner

PAGES = [
    "/logg-inn",
    "/hjelp",
    "/personvern",
    "/tilgjengelighet",
    "/logget-ut",
    "/finnes-ikke",
    "/innlogging/start",
]
LOGGED_IN = ["/velg-organisasjon", "/innlogging/bekreft?neste=/hjelp", "/hjelp"]


@pytest.mark.parametrize("path", PAGES)
def test_a_public_page_is_well_made(client: FlaskClient, path: str) -> None:
    check_page(client.get(path).text)


@pytest.mark.parametrize("path", LOGGED_IN)
def test_a_page_behind_login_is_well_made(client: FlaskClient, sesjoner: FakeSesjoner, path: str) -> None:
    log_in(client, sesjoner, privileges="SVARUT.SENDE")
    answer = client.get(path)
    assert answer.status_code == 200
    check_page(answer.text)
    assert "Logg ut" in answer.text


def test_the_banner_says_which_environment_this_is(client: FlaskClient) -> None:
    assert "Testmiljø" in client.get("/hjelp").text


def test_the_menu_names_each_route_once() -> None:
    endpoints = [punkt.endpoint for _, punkter in MENY for punkt in punkter]
    assert len(endpoints) == len(set(endpoints))


def test_choosing_nothing_is_told_first_on_the_page(client: FlaskClient, sesjoner: FakeSesjoner) -> None:
    log_in(client, sesjoner, privileges="SVARUT.SENDE")
    page = client.get("/velg-organisasjon").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    answer = client.post("/velg-organisasjon", data={"csrf_token": token.group(1)})
    assert answer.status_code == 422
    assert "<title>Feil: " in answer.text
    check_page(answer.text)


def test_an_organisation_one_has_nothing_in_cannot_be_chosen(
    client: FlaskClient, sesjoner: FakeSesjoner
) -> None:
    token = log_in(client, sesjoner, privileges="SVARUT.SENDE", organisasjon=None)
    page = client.get("/velg-organisasjon").text
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert csrf
    other = "00000000-0000-0000-0000-000000000002"
    data = {"csrf_token": csrf.group(1), "organisasjon": other}
    assert client.post("/velg-organisasjon", data=data).status_code == 404
    assert sesjoner.sessions[token].organisasjon_id is None
    data["organisasjon"] = "00000000-0000-0000-0000-000000000001"
    assert client.post("/velg-organisasjon", data={**data, "neste": "/hjelp"}).location == "/hjelp"
    assert sesjoner.sessions[token].organisasjon_id is not None


def test_who_has_no_grants_is_told_whom_to_ask(client: FlaskClient, sesjoner: FakeSesjoner) -> None:
    log_in(client, sesjoner, organisasjon=None)
    assert "Be administrator i kommunen om tilgang" in client.get("/velg-organisasjon").text
