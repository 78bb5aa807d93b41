"""Back-channel logout: verify a logout token against every rule of the standard.

Source: OpenID Connect Back-Channel Logout 1.0, section 2.4 and 2.6.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from portal.innlogging.oidc import LEEWAY, Idporten

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPES = frozenset({"", "jwt", "logout+jwt"})
MAX_AGE = 120
"""Greatest age in seconds (`iat`) of a token that is accepted."""
LONGEST = 20_000


class UgyldigBevis(Exception):
    """The logout token is rejected; the text names the violated rule, never a claim."""


@dataclass(frozen=True, slots=True, repr=False)
class Utlogging:
    """What an accepted token says: end the login `sid`, or without it every session of `sub`."""

    iss: str
    jti: str
    sid: str | None
    sub: str | None


def token_in_form(raw: str) -> str:
    """Return the token of the form; UgyldigBevis when it is empty or too long to be one."""
    if not raw or len(raw) > LONGEST:
        raise UgyldigBevis("form")
    return raw


def read_logout_token(provider: Idporten, raw: str) -> Utlogging:
    """Verify the token with the provider's keys and every rule; UgyldigBevis names the first rule it
    violates.

    Raises requests.RequestException when the provider's keys cannot be read.
    """
    claims = _signed_claims(provider, raw)
    now = time.time()
    audience = claims.get("aud")
    issued, expires = claims.get("iat"), claims.get("exp", now)
    events = claims.get("events")
    rules = {
        "iss": claims.get("iss") == provider.issuer,
        "aud": provider.client_id in (audience if isinstance(audience, list) else [audience]),
        "iat": _is_number(issued) and now - MAX_AGE - LEEWAY <= issued <= now + LEEWAY,
        "exp": _is_number(expires) and expires >= now - LEEWAY,
        "events": isinstance(events, dict) and isinstance(events.get(EVENT), dict),
        "nonce": "nonce" not in claims,
        "jti": _is_text(claims.get("jti")),
        "sub": _is_text(claims.get("sid")) or _is_text(claims.get("sub")),
        "text": all(_is_text(claims[name]) for name in ("sid", "sub") if claims.get(name) is not None),
    }
    for name, holds in rules.items():
        if not holds:
            raise UgyldigBevis(name)
    return Utlogging(provider.issuer, claims["jti"], claims.get("sid"), claims.get("sub"))


def _signed_claims(provider: Idporten, raw: str) -> dict[str, Any]:
    header = _header(raw)
    if str(header.get("typ") or "").lower() not in TYPES:
        raise UgyldigBevis("typ")
    kid = header.get("kid")
    try:
        keys = provider.keys()
        if isinstance(kid, str) and kid not in {key.kid for key in keys.keys}:
            keys = provider.keys(unknown_kid=kid)
        claims = jwt.decode(raw, keys, algorithms=provider.algorithms()).claims
    except (JoseError, ValueError, KeyError) as error:
        raise UgyldigBevis("signature") from error
    if not isinstance(claims, dict):
        raise UgyldigBevis("form")
    return claims


def _header(raw: str) -> dict[str, Any]:
    """The token's header, unverified."""
    first = raw.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (binascii.Error, ValueError) as error:
        raise UgyldigBevis("form") from error
    if not isinstance(header, dict):
        raise UgyldigBevis("form")
    return header


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 1_000
