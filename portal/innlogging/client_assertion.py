"""The client assertion (private_key_jwt) by which we authenticate at ID-porten, made anew for every call."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc7523 import PrivateKeyJWT, private_key_jwt_sign
from joserfc.jwk import ECKey, RSAKey

ASSERTION_LIFE = 100
"""Seconds; ID-porten accepts at most 120."""


class FreshAssertion(PrivateKeyJWT):  # type: ignore[misc]
    """private_key_jwt as ID-porten requires it: aud is the issuer, at most 120 s, a kid, a new jti each time."""

    def __init__(self, issuer: str, kid: str, alg: str) -> None:
        super().__init__(alg=alg)
        self._issuer, self._kid = issuer, kid

    def sign(self, auth: Any, token_endpoint: str) -> str:
        return self.assertion(auth.client_secret, auth.client_id)

    def assertion(self, key: RSAKey | ECKey, client_id: str) -> str:
        """Return a signed assertion with new claims: Authlib writes jti into the dict it is given."""
        claims = {"exp": int(time.time()) + ASSERTION_LIFE}
        header = {"kid": self._kid}
        signed: str = private_key_jwt_sign(
            key, client_id, self._issuer, alg=self.alg, claims=claims, header=header
        )
        return signed


def import_key(jwk: Mapping[str, Any]) -> RSAKey | ECKey:
    """Our private key from its JWK."""
    kind = ECKey if jwk.get("kty") == "EC" else RSAKey
    return kind.import_key(dict(jwk))
