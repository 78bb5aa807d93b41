"""Access tokens of machines: from Maskinporten, or from ID-porten when a fagsystem calls for a logged-in
person.

A token is accepted when its issuer equals, letter by letter, one of the two in the settings, and its
signature fits a key that this issuer publishes now. Access is by `consumer`, never by client id
(konfigurasjon.md 6.2).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from flask import Flask, current_app
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import RSAKey
from joserfc.jws import extract_compact

from config.settings import Settings
from fiks.core.http.token_issuers import (
    OAUTH,
    OPENID,
    fetch_json,
    log_name_mismatch,
    metadata_address,
    require_issuer_name,
)
from fiks.core.values.identifiers import is_orgnr

log = structlog.get_logger(__name__)

EXTENSION = "fiks_utstedere"
ALGORITHMS = ["RS256", "RS384", "RS512"]
SCOPE = "ks:fiks"
LEEWAY = 10
KEYS_LIFE = 24 * 3600
REFETCH_EVERY = 60
"""Least seconds between two reads of an issuer's keys because of an unknown kid."""
LONGEST = 8_192
AUTHORITY, PREFIX = "iso6523-actorid-upis", "0192"
NO_AUDIENCE = "unspecified"

Fetch = Callable[[str], Mapping[str, Any]]


class TokenAvvist(Exception):
    """The token is not accepted. `arsak` is for the log; the caller gets the same answer for every cause."""

    def __init__(self, arsak: str) -> None:
        super().__init__(arsak)
        self.arsak = arsak


class TokenUtlopt(TokenAvvist):
    """The token was valid, but has expired."""


class UtstederNede(Exception):
    """The issuer's keys cannot be read just now, so its tokens cannot be checked."""


@dataclass(frozen=True, slots=True, repr=False)
class Tilgangstoken:
    """Claims of an accepted token. `pid` and `acr` only from ID-porten: then the machine calls for this
    person.

    `leverandor` is the orgnr of a supplier that acts for the consumer according to Maskinporten.
    """

    orgnr: str
    leverandor: str | None
    pid: str | None = None
    acr: str = ""


class Nokler:
    """The keys one issuer publishes, by kid: cached for a day, read again on an unknown kid, at most once a
    minute.
    """

    def __init__(
        self,
        issuer: str,
        metadata: str,
        *,
        fetch: Fetch = fetch_json,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer, self._metadata = issuer, metadata
        self._fetch, self._clock = fetch, clock
        self._lock = threading.Lock()
        self._keys: Mapping[str, RSAKey] = {}
        self._read: float | None = None
        self._tried: float | None = None
        self._failed = False

    def key(self, kid: str) -> RSAKey:
        """The key named `kid`. Raises TokenAvvist when there is none; UtstederNede when no keys can be read,
        or when the kid may belong to a new key that could not be read.
        """
        with self._lock:
            if self._stale() or kid not in self._keys:
                self._refresh()
            found = self._keys.get(kid)
            if found is None and (self._read is None or self._failed):
                raise UtstederNede(self._issuer)
        if found is None:
            raise TokenAvvist("ukjent kid")
        return found

    def _stale(self) -> bool:
        return self._read is None or self._clock() - self._read > KEYS_LIFE

    def _refresh(self) -> None:
        now = self._clock()
        if self._tried is not None and now - self._tried < REFETCH_EVERY:
            return
        self._tried = now
        try:
            metadata = self._fetch(self._metadata)
            require_issuer_name(metadata, self._issuer)
            self._keys, self._read = self._import(self._fetch(self._own(str(metadata["jwks_uri"])))), now
            self._failed = False
        except (requests.RequestException, ValueError, KeyError, TypeError, JoseError) as error:
            self._failed = True
            log.error("utsteder_nede", utsteder=self._issuer, arsak=type(error).__name__)
            if self._stale():
                self._keys, self._read = {}, None

    def _own(self, jwks_uri: str) -> str:
        if urlsplit(jwks_uri).scheme != urlsplit(self._issuer).scheme:
            raise ValueError("keys over another scheme")
        return jwks_uri

    def _import(self, jwks: Mapping[str, Any]) -> Mapping[str, RSAKey]:
        signing = [k for k in jwks["keys"] if k.get("kty") == "RSA" and k.get("use", "sig") == "sig"]
        public = [{name: k[name] for name in ("kty", "kid", "n", "e")} for k in signing if k.get("kid")]
        return {k["kid"]: RSAKey.import_key(k) for k in public}


@dataclass(frozen=True, slots=True)
class Utsteder:
    """An issuer whose tokens are accepted. `for_person`: its tokens name the person a fagsystem calls for."""

    issuer: str
    nokler: Nokler
    audience: str
    for_person: bool = False

    def read(self, raw: str, kid: str) -> Tilgangstoken:
        """Verify the token and return its claims. Raises TokenAvvist, UtstederNede."""
        try:
            token = jwt.decode(raw, self.nokler.key(kid), algorithms=ALGORITHMS)
            jwt.JWTClaimsRegistry(
                leeway=LEEWAY,
                iss={"essential": True, "value": self.issuer},
                exp={"essential": True},
                iat={"essential": True},
                scope={"essential": True},
                consumer={"essential": True},
            ).validate(token.claims)
        except ExpiredTokenError as error:
            raise TokenUtlopt(type(error).__name__) from None
        except (JoseError, ValueError, TypeError) as error:
            raise TokenAvvist(type(error).__name__) from None
        return self._judged(token.claims)

    def _judged(self, claims: Mapping[str, Any]) -> Tilgangstoken:
        if not isinstance(claims["scope"], str) or SCOPE not in claims["scope"].split():
            raise TokenAvvist("scope")
        self._check_audience(claims.get("aud"))
        orgnr = orgnr_of(claims["consumer"])
        if orgnr is None:
            raise TokenAvvist("consumer")
        supplier = orgnr_of(claims["supplier"]) if "supplier" in claims else None
        if not self.for_person:
            return Tilgangstoken(orgnr, supplier)
        pid, acr = claims.get("pid"), claims.get("acr")
        if not isinstance(pid, str) or not isinstance(acr, str):
            raise TokenAvvist("pid")
        return Tilgangstoken(orgnr, supplier, pid, acr)

    def _check_audience(self, aud: object) -> None:
        """Accept a token with our own audience, or with none or `unspecified`, as most have."""
        named = [aud] if isinstance(aud, str) else aud
        if named in (None, [NO_AUDIENCE]):
            return
        ours = {self.audience, self.audience + "/"}
        if not isinstance(named, list) or not any(isinstance(one, str) and one in ours for one in named):
            raise TokenAvvist("aud")


def orgnr_of(actor: object) -> str | None:
    """The orgnr of a consumer or supplier claim (`0192:` and nine digits); None for anything else."""
    if not isinstance(actor, Mapping) or actor.get("authority") != AUTHORITY:
        return None
    prefix, _, number = str(actor.get("ID")).partition(":")
    return number if prefix == PREFIX and is_orgnr(number) else None


class Utstedere:
    """Every issuer of the settings, by its exact name."""

    def __init__(self, utstedere: Mapping[str, Utsteder]) -> None:
        self._utstedere = utstedere

    def read(self, raw: str) -> Tilgangstoken:
        """Verify a bearer token and return its claims. Raises TokenAvvist, UtstederNede."""
        if len(raw) > LONGEST:
            raise TokenAvvist("for langt")
        try:
            parts = extract_compact(raw.encode())
            issuer, header = json.loads(parts.payload)["iss"], parts.headers()
        except (JoseError, ValueError, KeyError, TypeError):
            raise TokenAvvist("ikke et token") from None
        found = self._utstedere.get(issuer) if isinstance(issuer, str) else None
        if found is None:
            self._tell_of_a_slash(issuer)
            raise TokenAvvist("utsteder")
        kid = header.get("kid")
        if not isinstance(kid, str) or header.get("alg") not in ALGORITHMS:
            raise TokenAvvist("kid eller alg")
        return found.read(raw, kid)

    def _tell_of_a_slash(self, issuer: object) -> None:
        """Log an issuer that differs from the setting by a final slash only: every token would be refused
        without a hint.
        """
        for ours in self._utstedere:
            if isinstance(issuer, str) and issuer.rstrip("/") == ours.rstrip("/"):
                log_name_mismatch(ours, issuer)


def open_utstedere(settings: Settings, fetch: Fetch = fetch_json) -> Utstedere:
    """The issuers of the settings; nothing is called yet."""
    known: dict[str, Utsteder] = {}
    if settings.maskinporten_issuer:
        issuer = settings.maskinporten_issuer
        address = metadata_address(issuer, OAUTH)
        known[issuer] = Utsteder(issuer, Nokler(issuer, address, fetch=fetch), settings.api_base_url)
    if settings.idporten_issuer:
        issuer = settings.idporten_issuer
        address = metadata_address(issuer, OPENID)
        nokler = Nokler(issuer, address, fetch=fetch)
        known[issuer] = Utsteder(issuer, nokler, settings.api_base_url, for_person=True)
    return Utstedere(known)


def init_app(app: Flask, settings: Settings) -> None:
    """Make `utstedere()` available in this app."""
    app.extensions[EXTENSION] = open_utstedere(settings)


def utstedere() -> Utstedere:
    """Return this app's issuers."""
    found: Utstedere = current_app.extensions[EXTENSION]
    return found
