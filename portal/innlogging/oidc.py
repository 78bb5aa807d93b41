"""OpenID Connect client of any conforming provider, configured by settings alone, through Authlib's Flask
client.

What Authlib leaves to us is here: RFC 9207 `iss`, the level after login, PAR (RFC 9126), fresh client
assertions, and state kept in PostgreSQL instead of the browser. Nothing here is logged with claims in it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from authlib.integrations.flask_client import OAuth, OAuthError
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from flask import Flask, current_app
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from config.settings import Settings
from fiks.core.http.token_issuers import OPENID, AnnenUtsteder, metadata_address, require_issuer_name
from portal.innlogging.client_assertion import FreshAssertion, import_key
from portal.session.login_sessions import NyInnlogging

EXTENSION = "fiks_idporten"
LEGACY_ACR: Mapping[str, int] = {"Level3": 3, "Level4": 4}
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "ES256"})
TIMEOUT = 5
LEEWAY = 10
METADATA_LIFE = 24 * 3600
KEYS_AGAIN = 60


class InnloggingFeilet(Exception):
    """A login did not succeed. `kode` is one of the INNLOGGING_ codes that the portal has a page text for."""

    def __init__(self, kode: str, status: int = 400, arsak: str = "") -> None:
        super().__init__(kode)
        self.kode = kode
        self.status = status
        self.arsak = arsak


@dataclass(frozen=True, slots=True)
class Oppstart:
    """The URL for the browser, and the data to store under the hash of `state`."""

    url: str
    state: str
    data: dict[str, Any]


class Idporten:
    """One provider, and our client registration there."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.issuer = settings.idporten_issuer
        self.client_id = settings.idporten_client_id
        self._pid_claim = settings.idporten_pid_claim
        self._keys_read = 0.0
        self._acr_of = dict(settings.idporten_acr)
        self._level_of = {**LEGACY_ACR, **{acr: level for level, acr in settings.idporten_acr}}
        self._key = import_key(settings.idporten_client_jwk)
        alg = str(
            settings.idporten_client_jwk.get("alg") or ("ES256" if isinstance(self._key, ECKey) else "RS256")
        )
        self._assertion = FreshAssertion(self.issuer, str(settings.idporten_client_jwk["kid"]), alg)
        self._client = OAuth(app).register(
            "idporten",
            client_id=self.client_id,
            client_secret=self._key,
            server_metadata_url=metadata_address(self.issuer, OPENID),
            client_kwargs={
                "scope": settings.idporten_scope,
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": "private_key_jwt",
                "default_timeout": TIMEOUT,
            },
            client_auth_methods=[self._assertion],
        )

    def start(self, redirect_uri: str, *, nivaa: int, fersk: bool = False, spraak: str = "nb") -> Oppstart:
        """Begin a login at `nivaa`; `fersk` forces a new proof of identity even if logged in at the provider.

        Raises InnloggingFeilet(INNLOGGING_NEDE, 503) when the provider does not answer as it should.
        """
        extra: dict[str, Any] = {
            "acr_values": self._acr_of[nivaa],
            "ui_locales": spraak,
        }
        if fersk:
            extra |= {"prompt": "login", "max_age": 0}
        try:
            metadata = self._metadata()
            made = self._client.create_authorization_url(redirect_uri, **extra)
            url = self._pushed(metadata, made["url"])
        except (OAuthError, JoseError, requests.RequestException, ValueError, KeyError) as error:
            raise InnloggingFeilet("INNLOGGING_NEDE", 503, type(error).__name__) from error
        data = {name: made[name] for name in ("code_verifier", "nonce")}
        return Oppstart(url, made["state"], {**data, "redirect_uri": redirect_uri, "fersk": fersk})

    def check_response(self, args: Mapping[str, str]) -> None:
        """Refuse an answer from another provider (RFC 9207) and translate the provider's error into ours.

        Whether `iss` is mandatory is stated in the provider's metadata; INNLOGGING_NEDE (503) when they
        cannot be read.
        """
        try:
            promised = self._metadata().get("authorization_response_iss_parameter_supported", False)
        except (OAuthError, requests.RequestException, ValueError) as error:
            raise InnloggingFeilet("INNLOGGING_NEDE", 503, type(error).__name__) from error
        if args.get("iss", self.issuer if not promised else None) != self.issuer:
            raise InnloggingFeilet("INNLOGGING_UGYLDIG", arsak="iss")
        if error := args.get("error"):
            kode = "INNLOGGING_AVBRUTT" if error == "access_denied" else "INNLOGGING_UGYLDIG"
            raise InnloggingFeilet(kode, arsak=re.sub(r"[^a-z_]", "", error)[:40])

    def finish(self, code: str, data: Mapping[str, Any], *, nivaa: int) -> NyInnlogging:
        """Exchange the code and return what the login proved, at `nivaa` or higher.

        Raises InnloggingFeilet: INNLOGGING_UGYLDIG, INNLOGGING_NEDE, INNLOGGING_UTEN_PID, INNLOGGING_NIVAA.
        """
        try:
            self._metadata()
            token = self._client.fetch_access_token(
                code=code, redirect_uri=data["redirect_uri"], code_verifier=data["code_verifier"]
            )
            claims = self._client.parse_id_token(
                token,
                nonce=data["nonce"],
                claims_options=self._claims_options(fersk=bool(data.get("fersk"))),
                leeway=LEEWAY,
            )
            claims = claims and self._with_number(claims, token)
        except requests.RequestException as error:
            raise InnloggingFeilet("INNLOGGING_NEDE", 503, type(error).__name__) from error
        except (OAuthError, JoseError, ValueError, KeyError) as error:
            raise InnloggingFeilet("INNLOGGING_UGYLDIG", arsak=type(error).__name__) from error
        if claims is None:
            raise InnloggingFeilet("INNLOGGING_UGYLDIG", arsak="id_token")
        return self._checked(claims, str(token["id_token"]), nivaa)

    def logout_url(self, id_token: str | None, post_logout_uri: str) -> str | None:
        """Return the provider's logout URL; None when it has no such endpoint or does not answer."""
        try:
            if not self._metadata().get("end_session_endpoint"):
                return None
            made = self._client.create_logout_url(
                post_logout_uri, id_token_hint=id_token, client_id=self.client_id
            )
        except (OAuthError, requests.RequestException, ValueError) as error:
            current_app.logger.warning("utlogging_uten_idporten: %s", type(error).__name__)
            return None
        return str(made["url"])

    def algorithms(self) -> list[str]:
        """The signing algorithms that both the provider and we accept."""
        return list(self._metadata()["id_token_signing_alg_values_supported"])

    def keys(self, *, unknown_kid: str | None = None) -> KeySet:
        """The provider's signing keys; read again, at most once a minute, when a `kid` is not among them."""
        self._metadata()
        known: dict[str, Any] = self._client.fetch_jwk_set()
        if unknown_kid and time.monotonic() - self._keys_read > KEYS_AGAIN:
            self._keys_read = time.monotonic()
            known = self._client.fetch_jwk_set(force=True)
        return KeySet.import_key_set({"keys": known["keys"]})

    def frame_origins(self) -> str:
        """Origins that may show our front-channel answer in a frame: the issuer's and its logout page's."""
        urls = {self.issuer, str(self._client.server_metadata.get("end_session_endpoint") or self.issuer)}
        return " ".join(sorted({f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, urls)}))

    def _checked(self, claims: Mapping[str, Any], id_token: str, nivaa: int) -> NyInnlogging:
        level = self._level_of.get(str(claims["acr"]), 0)
        if level < nivaa:
            raise InnloggingFeilet("INNLOGGING_NIVAA", 403)
        pid = str(claims.get(self._pid_claim) or "")
        if not re.fullmatch(r"[0-9]{11}", pid):
            raise InnloggingFeilet("INNLOGGING_UTEN_PID", 403)
        proved = datetime.fromtimestamp(int(claims.get("auth_time") or claims["iat"]), UTC)
        if proved > datetime.now(UTC) + timedelta(seconds=LEEWAY):
            raise InnloggingFeilet("INNLOGGING_UGYLDIG", arsak="auth_time")
        sid, name = claims.get("sid"), claims.get("name")
        return NyInnlogging(
            pid=pid,
            sub=str(claims["sub"]),
            acr=level,
            auth_time=proved,
            iss=self.issuer,
            idporten_sid=str(sid) if sid else None,
            id_token=id_token,
            navn=str(name) if name else None,
        )

    def _with_number(self, claims: Mapping[str, Any], token: Mapping[str, Any]) -> Mapping[str, Any]:
        """The claims plus those of userinfo, for a provider that keeps the personal number out of the
        id_token (OIDC 5.4).

        Claims of the id_token win. Raises OAuthError when userinfo is about another person (OIDC 5.3.2).
        """
        if claims.get(self._pid_claim) or not self._metadata().get("userinfo_endpoint"):
            return claims
        told = self._client.userinfo(token=token)
        if told.get("sub") != claims["sub"]:
            raise OAuthError("invalid_userinfo")
        return {**told, **claims}

    def _claims_options(self, *, fersk: bool) -> dict[str, Any]:
        """Required claims of the id_token; for a fresh proof also auth_time (OIDC Core 3.1.2.1, max_age)."""
        return {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
            "sub": {"essential": True},
            "exp": {"essential": True},
            "iat": {"essential": True},
            "acr": {"essential": True},
            "auth_time": {"essential": fersk},
        }

    def _metadata(self) -> dict[str, Any]:
        """Return the provider's metadata, refreshed once a day together with its keys."""
        known: dict[str, Any] = self._client.server_metadata
        if known.get("_loaded_at", 0) < time.time() - METADATA_LIFE:
            for stale in ("_loaded_at", "jwks"):
                known.pop(stale, None)
        metadata: dict[str, Any] = self._client.load_server_metadata()
        try:
            require_issuer_name(metadata, self.issuer)
        except AnnenUtsteder:
            metadata.pop("_loaded_at", None)
            raise
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [alg for alg in offered if alg in ALGORITHMS]
        return metadata

    def _pushed(self, metadata: Mapping[str, Any], url: str) -> str:
        """Push the parameters to the provider (PAR) when it offers that, and return the short URL."""
        endpoint = metadata.get("pushed_authorization_request_endpoint")
        if not endpoint:
            return url
        body = {
            **dict(parse_qsl(urlsplit(url).query)),
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._assertion.assertion(self._key, self.client_id),
        }
        answer = requests.post(endpoint, data=body, timeout=TIMEOUT, allow_redirects=False)
        answer.raise_for_status()
        pushed = {"client_id": self.client_id, "request_uri": answer.json()["request_uri"]}
        return f"{metadata['authorization_endpoint']}?{urlencode(pushed)}"


def init_app(app: Flask, settings: Settings) -> None:
    """Register the provider; without settings for one, every login answers that it is not set up."""
    if settings.idporten_issuer and settings.idporten_client_id and settings.idporten_client_jwk:
        app.extensions[EXTENSION] = Idporten(app, settings)


def idporten() -> Idporten:
    """Return this app's provider; InnloggingFeilet(INNLOGGING_NEDE) when none is set up."""
    provider = current_app.extensions.get(EXTENSION)
    if not isinstance(provider, Idporten):
        raise InnloggingFeilet("INNLOGGING_NEDE", 503, "not configured")
    return provider


def provider_logout_url(id_token: str | None, post_logout_uri: str) -> str:
    """Return the URL that ends the provider's session, or our own page when there is none."""
    provider = current_app.extensions.get(EXTENSION)
    found = provider.logout_url(id_token, post_logout_uri) if isinstance(provider, Idporten) else None
    return found or post_logout_uri
