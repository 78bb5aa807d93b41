"""How the portal proves at the provider which client it is: statement 31."""

from __future__ import annotations

import time

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from portal.innlogging.client_assertion import FreshAssertion
from tests.portal.loopback import make_key

ISSUER = "https://idporten.example"


@pytest.mark.parametrize(
    ("key", "alg"), [(make_key(), "RS256"), (ECKey.generate_key("P-256", {"kid": "portal-1"}), "ES256")]
)
def test_s17_31_an_assertion_is_for_the_issuer_short_and_names_its_key(key: RSAKey | ECKey, alg: str) -> None:
    maker = FreshAssertion(ISSUER, "portal-1", alg)
    token = jwt.decode(maker.assertion(key, "portal"), key, algorithms=[alg])
    now = time.time()
    assert (token.claims["aud"], token.claims["iss"], token.claims["sub"]) == (ISSUER, "portal", "portal")
    assert token.header["kid"] == "portal-1"
    assert now - 5 <= token.claims["iat"] <= now + 1
    assert token.claims["exp"] - token.claims["iat"] <= 120


def test_s17_31_every_assertion_has_a_jti_of_its_own() -> None:
    key, maker = make_key(), FreshAssertion(ISSUER, "portal-1", "RS256")
    made = [jwt.decode(maker.assertion(key, "portal"), key).claims["jti"] for _ in range(20)]
    assert len(set(made)) == 20
