"""Headers, host, body limits, cookies, error pages."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient

from portal.http.security import IMMUTABLE
from portal.http.static_files import static_url
from tests.portal.apps import csrf_of, log_in, make_app
from tests.portal.fakes import FakeSesjoner

HTTPS = {"PORTAL_BASE_URL": "https://fiks.example"}


def test_every_page_closes_the_browser_down(client: FlaskClient) -> None:
    headers = client.get("/hjelp").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("filename", ["app.css", "ikoner.svg", "vendor/ds-base.css", "vendor/htmx.min.js"])
def test_static_files_under_their_own_hash_are_kept_for_ever(client: FlaskClient, filename: str) -> None:
    with client.application.test_request_context():
        address = static_url(filename)
    assert client.get(address).headers["Cache-Control"] == IMMUTABLE
    assert client.get(f"/static/{filename}").headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize("v", ["1", "0", "", "0123456789ab"])
def test_static_files_under_another_releases_hash_are_not_kept(client: FlaskClient, v: str) -> None:
    answer = client.get(f"/static/app.css?v={v}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:81"])
def test_another_host_is_refused(client: FlaskClient, host: str) -> None:
    assert client.get("/hjelp", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("path", ["/s/%00", "/%00", "/varsling/api/v1/%00"])
def test_an_address_with_a_null_character_leads_nowhere(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_forwarded_headers_are_ignored_without_a_proxy(client: FlaskClient) -> None:
    assert client.get("/hjelp", headers={"X-Forwarded-Host": "evil.example"}).status_code == 200


def test_https_gives_the_host_cookie_and_hsts() -> None:
    app = make_app(**HTTPS)
    assert app.config["SESSION_COOKIE_NAME"] == "__Host-fiks"
    client = app.test_client()
    client.set_cookie("__Host-fiks", "dead", domain="fiks.example", secure=True)
    answer = client.get("/velg-organisasjon", base_url="https://fiks.example")
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    cookie = answer.headers["Set-Cookie"]
    for flag in ("__Host-fiks=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert flag in cookie


def test_a_body_is_bounded_by_the_row_of_its_route(client: FlaskClient, sesjoner: FakeSesjoner) -> None:
    log_in(client, sesjoner, privileges="SVARUT.SENDE")
    token = csrf_of(client.get("/prove/sende").text)
    two_mb = io.BytesIO(b"x" * 2_000_000)
    fields = {"csrf_token": token, "fil": (two_mb, "liste.csv")}
    assert client.post("/prove/stor", data=fields).text == "2000000"
    fields = {"csrf_token": token, "fil": (io.BytesIO(b"x" * 2_000_000), "liste.csv")}
    answer = client.post("/prove/sende", data=fields)
    assert (answer.status_code, "større enn vi tar imot" in answer.text) == (413, True)


def test_what_is_not_a_form_is_refused(client: FlaskClient, sesjoner: FakeSesjoner) -> None:
    log_in(client, sesjoner, privileges="SVARUT.SENDE")
    assert client.post("/prove/sende", json={"a": 1}).status_code == 415


def test_an_unexpected_error_shows_a_code_and_no_cause(client: FlaskClient, sesjoner: FakeSesjoner) -> None:
    log_in(client, sesjoner, privileges="SVARUT.SENDE")
    answer = client.get("/prove/brudd")
    assert answer.status_code == 500
    assert "Feilkode:" in answer.text
    assert "17912099997" not in answer.text
    assert "RuntimeError" not in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/logg-inn", "/hjelp", "/personvern", "/tilgjengelighet", "/finnes-ikke"]
)
def test_the_public_pages_need_no_database_row(path: str) -> None:
    """A visitor without a cookie never touches the session service."""
    client = make_app(sesjoner=None).test_client()
    assert client.get(path).status_code in (200, 302, 404)


def test_liveness_answers_on_any_host(client: FlaskClient) -> None:
    assert client.get("/helse/levende", headers={"Host": "10.0.0.7:8000"}).text == "ok\n"
