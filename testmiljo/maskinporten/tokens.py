"""What Maskinporten says about itself, and the tokens it makes (konfigurasjon.md 6.2)."""

from __future__ import annotations

import secrets
import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from testmiljo.maskinporten.assertion import ALGORITHMS, GRANT_TYPE, Innvilget

LIFE_SECONDS = 120


class Utsteder:
    """The issuer: its name with the slash, and the key its tokens are signed with."""

    def __init__(self, issuer: str, key: RSAKey) -> None:
        self._issuer, self._key = issuer, key

    def metadata(self) -> dict[str, Any]:
        """The discovery document (RFC 8414)."""
        return {
            "issuer": self._issuer,
            "token_endpoint": self._issuer + "token",
            "jwks_uri": self._issuer + "jwk",
            "grant_types_supported": [GRANT_TYPE],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        }

    def keys(self) -> dict[str, Any]:
        """The public keys."""
        return dict(KeySet([self._key]).as_dict(private=False))

    def answer(self, granted: Innvilget) -> dict[str, Any]:
        """The token endpoint's answer."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "client_id": granted.client_id,
            "client_amr": granted.amr,
            "consumer": _actor(granted.consumer),
            "scope": granted.scope,
            "token_type": "Bearer",
            "iat": now,
            "exp": now + LIFE_SECONDS,
            "jti": secrets.token_urlsafe(16),
        }
        if granted.supplier:
            claims |= {"supplier": _actor(granted.supplier), "delegation_source": self._issuer + "altinn"}
        if granted.resource:
            claims["aud"] = granted.resource
        if granted.pid:
            claims["pid"] = granted.pid
        raw = jwt.encode({"alg": "RS256", "kid": str(self._key.kid)}, claims, self._key)
        return {
            "access_token": raw,
            "token_type": "Bearer",
            "expires_in": LIFE_SECONDS,
            "scope": granted.scope,
        }


def _actor(orgnr: str) -> dict[str, str]:
    return {"authority": "iso6523-actorid-upis", "ID": f"0192:{orgnr}"}
