"""The double demands what ID-porten demands."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.portal.loopback import KARI, Person, Verden, verden

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture(scope="module")
def world() -> Iterator[Verden]:
    with verden() as running:
        yield running


def assertion(world: Verden, key: RSAKey | None = None, **changes: object) -> str:
    now = int(time.time())
    claims = {
        "iss": "portal",
        "sub": "portal",
        "aud": world.issuer,
        "iat": now,
        "exp": now + 100,
        "jti": secrets.token_hex(8),
    }
    return jwt.encode({"alg": "RS256", "kid": "portal-1"}, claims | changes, key or world.key)


def push(world: Verden, proof: str, **changes: str | None) -> requests.Response:
    data = {
        "client_id": "portal",
        "response_type": "code",
        "scope": "openid",
        "redirect_uri": world.portal + "/innlogging/tilbake",
        "state": "s",
        "nonce": secrets.token_hex(8),
        "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
        "client_assertion_type": ASSERTION,
        "client_assertion": proof,
    }
    sent = {key: value for key, value in (data | changes).items() if value is not None}
    return requests.post(world.issuer + "/par", data=sent, timeout=5)


def open_page(world: Verden, request_uri: str) -> requests.Response:
    params = {"client_id": "portal", "request_uri": request_uri}
    return requests.get(world.issuer + "/authorize", params=params, timeout=5, allow_redirects=False)


def test_an_assertion_is_accepted_once(world: Verden) -> None:
    proof = assertion(world)
    assert [push(world, proof).status_code for _ in range(2)] == [201, 400]


@pytest.mark.parametrize(
    "change", [{"aud": "https://annen"}, {"exp": 9_999_999_999}, {"exp": 1}, {"sub": "annen"}]
)
def test_a_bad_assertion_is_refused(world: Verden, change: dict[str, object]) -> None:
    assert push(world, assertion(world, **change)).status_code >= 400


def test_another_key_is_refused(world: Verden) -> None:
    other = RSAKey.generate_key(2048, {"kid": "portal-1", "use": "sig"}, private=True)
    assert push(world, assertion(world, other)).status_code >= 400


def test_pkce_is_required_and_plain_is_not_enough(world: Verden) -> None:
    for change in ({"code_challenge": None}, {"code_challenge_method": "plain"}):
        uri = push(world, assertion(world), **change).json()["request_uri"]
        answer = open_page(world, uri)
        assert "error=invalid_request" in answer.headers["Location"]
        assert "iss=" in answer.headers["Location"]


def test_a_pushed_request_opens_the_page_once(world: Verden) -> None:
    uri = push(world, assertion(world)).json()["request_uri"]
    assert [open_page(world, uri).status_code for _ in range(2)] == [200, 400]


def test_a_redirect_to_an_unregistered_address_is_refused(world: Verden) -> None:
    uri = push(world, assertion(world), redirect_uri="http://evil.example/").json()["request_uri"]
    answer = open_page(world, uri)
    assert (answer.status_code, "Location" in answer.headers) == (400, False)


def test_no_page_may_be_shown_with_prompt_none(world: Verden) -> None:
    uri = push(world, assertion(world), prompt="none").json()["request_uri"]
    assert "error=login_required" in open_page(world, uri).headers["Location"]


def test_the_page_lists_the_test_users_and_takes_any_other_number(world: Verden) -> None:
    person = Person(world)
    page = person.at_idporten("/innlogging/start")
    assert "Kari Nordmann" in page.text
    refused = person.choose(page, pid="123")
    assert (refused.status_code, "elleve siffer" in refused.text) == (400, True)
    assert person.choose(refused, pid="298220 99635").status_code == 200


def test_many_may_log_in_at_once(world: Verden) -> None:
    people = [Person(world) for _ in range(5)]
    pages = [one.at_idporten("/innlogging/start?neste=/hjelp") for one in people]
    assert [one.choose(page, KARI).status_code for one, page in zip(people, pages, strict=True)] == [200] * 5
