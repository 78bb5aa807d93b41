"""Back-channel logout: each client that has asked for it is told by a signed token, once, without the browser.

Source: OpenID Connect Back-Channel Logout 1.0; ID-porten makes one attempt, 2 s to connect and 5 s for the answer.
"""

from __future__ import annotations

import logging
import secrets
import time

import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

from testmiljo.idporten.state import Innlogget, Klient

log = logging.getLogger(__name__)

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TIMEOUT = (2, 5)
TOKEN_LIFE = 120


def logout_token(issuer: str, key: RSAKey, client: Klient, user: Innlogget) -> str:
    """The signed token that tells `client` that this login is over."""
    now = int(time.time())
    claims = {
        "iss": issuer,
        "aud": client.client_id,
        "iat": now,
        "exp": now + TOKEN_LIFE,
        "jti": secrets.token_urlsafe(16),
        "sub": user.get_user_id(),
        "sid": user.sid,
        "events": {EVENT: {}},
    }
    return jwt.encode({"alg": "RS256", "kid": str(key.kid), "typ": "logout+jwt"}, claims, key)


def tell(issuer: str, key: RSAKey, client: Klient, user: Innlogget) -> bool:
    """Tell the client; return whether it accepted. One that does not answer keeps nobody from logging out."""
    assert client.backchannel_logout_uri is not None
    form = {"logout_token": logout_token(issuer, key, client, user)}
    try:
        answer = requests.post(client.backchannel_logout_uri, data=form, timeout=TIMEOUT)
    except requests.RequestException as error:
        log.warning("back channel to %s: %s", client.client_id, type(error).__name__)
        return False
    if not answer.ok:
        log.warning("back channel to %s: %s", client.client_id, answer.status_code)
    return answer.ok
