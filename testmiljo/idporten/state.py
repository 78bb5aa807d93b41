"""What the double knows and remembers: persons, clients, codes, SSO sessions. In memory, shared by threads."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oidc.core import AuthorizationCodeMixin

SUBSTANTIAL, HIGH = "idporten-loa-substantial", "idporten-loa-high"
LEVELS: Mapping[str, int] = {SUBSTANTIAL: 3, "Level3": 3, HIGH: 4, "Level4": 4}
SSO_IDLE, SSO_ABSOLUTE = 30 * 60, 120 * 60
ASSERTION_MAX = 120


@dataclass(frozen=True, slots=True)
class Testbruker:
    """A synthetic person on the login page. `gruppe` is the heading it stands under."""

    pid: str
    navn: str
    rolle: str = ""
    gruppe: str = ""


class Brukerkilde(Protocol):
    """Where the login page gets its persons from."""

    def testbrukere(self) -> Iterable[Testbruker]:
        """Return the persons to show, in order."""


@dataclass(slots=True)
class Brukerliste:
    """The simplest source: a list one may add to while it runs."""

    brukere: list[Testbruker] = field(default_factory=list)

    def testbrukere(self) -> Iterable[Testbruker]:
        """Return a copy of the list."""
        return list(self.brukere)


class Klient(ClientMixin):  # type: ignore[misc]
    """A registered client. `jwks` is a public JWK set as a dict."""

    def __init__(
        self,
        client_id: str,
        jwks: dict[str, Any],
        redirect_uris: list[str],
        post_logout_redirect_uris: list[str],
        frontchannel_logout_uri: str | None = None,
        backchannel_logout_uri: str | None = None,
    ) -> None:
        self.client_id, self.jwks, self.redirect_uris = client_id, jwks, redirect_uris
        self.frontchannel_logout_uri = frontchannel_logout_uri
        self.backchannel_logout_uri = backchannel_logout_uri
        self.client_metadata = {"post_logout_redirect_uris": post_logout_redirect_uris}

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uris[0]

    def get_allowed_scope(self, scope: str | None) -> str:
        return " ".join(s for s in (scope or "").split() if s in {"openid", "profile"})

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return False

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "private_key_jwt"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass(slots=True)
class Innlogget:
    """One SSO session at ID-porten. `pid` is None for an eID without a number."""

    pid: str | None
    acr: str
    auth_time: int
    sid: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    last_used: float = field(default_factory=time.time)
    clients: set[str] = field(default_factory=set)

    def get_user_id(self) -> str:
        """The pairwise subject; the real one is opaque too."""
        return "par-" + (self.pid or self.sid)[::-1]

    @property
    def level(self) -> int:
        return LEVELS.get(self.acr, 0)


@dataclass(slots=True)
class Kode(AuthorizationCodeMixin):  # type: ignore[misc]
    """One issued code, good for a minute and one exchange."""

    code: str
    client_id: str
    bruker: Innlogget
    redirect_uri: str
    scope: str
    data: Mapping[str, str]
    expires: float

    @property
    def code_challenge(self) -> str | None:
        return self.data.get("code_challenge")

    @property
    def code_challenge_method(self) -> str | None:
        return self.data.get("code_challenge_method")

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.data.get("nonce")

    def get_auth_time(self) -> int:
        return self.bruker.auth_time

    def get_acr(self) -> str:
        return self.bruker.acr

    def get_amr(self) -> list[str]:
        return ["TestID"]


class Tilstand:
    """Everything the double remembers, behind one lock; entries are taken once and die by age."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._codes: dict[str, Kode] = {}
        self._once: dict[str, tuple[float, str, dict[str, str]]] = {}
        self._seen: dict[tuple[str, str], float] = {}
        self._tidied = 0.0
        self._sso: dict[str, Innlogget] = {}

    def put_code(self, code: Kode) -> None:
        with self._lock:
            self._codes[code.code] = code

    def code(self, code: str) -> Kode | None:
        with self._lock:
            found = self._codes.get(code)
            return found if found and found.expires > time.time() else None

    def drop_code(self, code: str) -> None:
        with self._lock:
            self._codes.pop(code, None)

    def nonce_used(self, nonce: str) -> bool:
        with self._lock:
            return any(code.get_nonce() == nonce for code in self._codes.values())

    def remember(self, kind: str, client_id: str, data: dict[str, str], life: float) -> str:
        """Keep parameters under a fresh key that works once."""
        key = kind + secrets.token_urlsafe(24)
        with self._lock:
            self._once = {k: v for k, v in self._once.items() if v[0] > time.time()}
            self._once[key] = (time.time() + life, client_id, data)
        return key

    def take(self, key: str) -> tuple[str, dict[str, str]] | None:
        """Return (client id, parameters) and forget them."""
        with self._lock:
            expires, client_id, data = self._once.pop(key, (0.0, "", {}))
        return (client_id, data) if expires > time.time() else None

    def first_time(self, issuer: str, jti: str) -> bool:
        """Whether this assertion has not been seen before."""
        now = time.time()
        with self._lock:
            if now > self._tidied + ASSERTION_MAX:
                self._seen = {k: v for k, v in self._seen.items() if v > now - 2 * ASSERTION_MAX}
                self._tidied = now
            new = (issuer, jti) not in self._seen
            self._seen[issuer, jti] = now
        return new

    def open_sso(self, pid: str | None, acr: str) -> Innlogget:
        user = Innlogget(pid, acr, int(time.time()))
        with self._lock:
            self._sso[user.sid] = user
        return user

    def sso(self, sid: str) -> Innlogget | None:
        now = time.time()
        with self._lock:
            user = self._sso.get(sid)
            if user is None or now - user.last_used > SSO_IDLE or now - user.auth_time > SSO_ABSOLUTE:
                return None
            user.last_used = now
            return user

    def end_sso(self, sid: str) -> Innlogget | None:
        with self._lock:
            return self._sso.pop(sid, None)

    def end_all(self) -> None:
        """Log everybody out at ID-porten (for tests)."""
        with self._lock:
            self._sso.clear()
