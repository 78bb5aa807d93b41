"""Authlib's server classes, tightened to what ID-porten demands, and tied together as one provider."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import OpenIDCode, UserInfo
from authlib.oidc.rpinitiated import EndSessionEndpoint
from flask import Flask, request
from joserfc.jwk import KeySet, RSAKey

from testmiljo.idporten.state import (
    ASSERTION_MAX,
    HIGH,
    SUBSTANTIAL,
    Brukerkilde,
    Innlogget,
    Klient,
    Kode,
    Tilstand,
)

CODE_LIFE = 60


class Idporten:
    """One provider: keys, clients, state and Authlib's server classes tied together."""

    def __init__(self, issuer: str, clients: Mapping[str, Klient], store: Brukerkilde) -> None:
        self.issuer, self.clients, self.store = issuer, clients, store
        self.key = RSAKey.generate_key(2048, {"kid": "idporten-dobbel-1", "use": "sig"}, private=True)
        self.state = Tilstand()
        self.server: AuthorizationServer | None = None

    def register(self, app: Flask) -> AuthorizationServer:
        """Tie Authlib's server to `app`."""
        server = AuthorizationServer(app, query_client=self.clients.get, save_token=lambda token, req: None)
        server.register_token_generator(
            "default",
            _access_token_class(self)(issuer=self.issuer, expires_generator=lambda client, grant: 120),
        )
        server.register_client_auth_method("private_key_jwt", _assertion_class(self)())
        server.register_grant(
            _grant_class(self), [_openid_class(self)(require_nonce=True), _RequirePkce(required=True)]
        )
        server.register_extension(Issuer(self.issuer))
        server.register_extension(_Pushed(self))
        server.register_endpoint(_end_session_class(self))
        self.server = server
        return server

    def metadata(self) -> dict[str, Any]:
        """The discovery document."""
        url = self.issuer
        return {
            "issuer": url,
            "authorization_endpoint": url + "/authorize",
            "pushed_authorization_request_endpoint": url + "/par",
            "token_endpoint": url + "/token",
            "jwks_uri": url + "/jwks",
            "end_session_endpoint": url + "/logout",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256", "RS384", "RS512"],
            "acr_values_supported": [SUBSTANTIAL, HIGH],
            "scopes_supported": ["openid", "profile"],
            "prompt_values_supported": ["login", "none"],
            "ui_locales_supported": ["nb", "nn", "en", "se"],
            "authorization_response_iss_parameter_supported": True,
            "frontchannel_logout_supported": True,
            "frontchannel_logout_session_supported": True,
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
        }


class _RequirePkce(CodeChallenge):  # type: ignore[misc]
    """The stock class demands PKCE of public clients only, and accepts "plain"."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]
    DEFAULT_CODE_CHALLENGE_METHOD = "S256"

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("Missing 'code_challenge' with method S256", redirect_uri=redirect_uri)
        super().validate_code_challenge(grant, redirect_uri)


class Issuer(IssuerParameter):  # type: ignore[misc]
    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get_issuer(self) -> str:
        return self._issuer


class _Pushed:
    """PAR (RFC 9126) and our own login page: parameters kept on our side, named by a key that works once."""

    def __init__(self, idp: Idporten) -> None:
        self._idp = idp

    def __call__(self, server: AuthorizationServer) -> None:
        server.register_hook("before_get_authorization_grant", self.swap)

    def swap(self, server: AuthorizationServer, req: Any) -> None:
        """Replace the request's parameters by those that were kept."""
        key = request.form.get("besok") or req.payload.data.get("request_uri")
        if not key:
            return
        kept = self._idp.state.take(key)
        if kept is None or ("besok" not in request.form and kept[0] != req.payload.client_id):
            raise InvalidRequestError("Invalid request_uri")
        req.payload = BasicOAuth2Payload(kept[1])


def _grant_class(idp: Idporten) -> type[AuthorizationCodeGrant]:
    class Grant(AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ["private_key_jwt"]

        def save_authorization_code(self, code: str, req: Any) -> None:
            client_id = req.client.client_id
            req.user.clients.add(client_id)
            data = dict(req.payload.data)
            expires = time.time() + CODE_LIFE
            idp.state.put_code(
                Kode(code, client_id, req.user, req.payload.redirect_uri, req.scope, data, expires)
            )

        def query_authorization_code(self, code: str, client: Klient) -> Kode | None:
            found = idp.state.code(code)
            return found if found and found.client_id == client.client_id else None

        def delete_authorization_code(self, authorization_code: Kode) -> None:
            idp.state.drop_code(authorization_code.code)

        def authenticate_user(self, authorization_code: Kode) -> Innlogget:
            return authorization_code.bruker

    return Grant


def _openid_class(idp: Idporten) -> type[OpenIDCode]:
    class Openid(OpenIDCode):  # type: ignore[misc]
        def exists_nonce(self, nonce: str, req: Any) -> bool:
            return idp.state.nonce_used(nonce)

        def resolve_client_private_key(self, client: Klient) -> RSAKey:
            return idp.key

        def get_encode_header(self, client: Klient) -> dict[str, str]:
            return {"alg": "RS256", "kid": str(idp.key.kid)}

        def get_client_claims(self, client: Klient) -> dict[str, Any]:
            expires = int(time.time()) + 120
            return {
                "iss": idp.issuer,
                "aud": client.client_id,
                "exp": expires,
                "jti": secrets.token_urlsafe(16),
            }

        def generate_user_info(self, user: Innlogget, scope: str) -> UserInfo:
            known = {"pid": user.pid} if user.pid else {}
            return UserInfo(sub=user.get_user_id(), locale="nb", sid=user.sid, **known)

    return Openid


def _assertion_class(idp: Idporten) -> type[JWTBearerClientAssertion]:
    class Assertion(JWTBearerClientAssertion):  # type: ignore[misc]
        CLIENT_AUTH_METHOD = "private_key_jwt"

        def get_audiences(self) -> list[str]:
            return [idp.issuer, idp.issuer + "/token"]

        def resolve_client_public_key(self, client: Klient) -> KeySet:
            return KeySet.import_key_set({"keys": client.jwks["keys"]})

        def validate_jti(self, claims: Mapping[str, Any], jti: str) -> bool:
            return idp.state.first_time(str(claims["iss"]), jti)

        def verify_claims(self, claims: Any) -> None:
            if claims.get("exp", 0) - claims.get("iat", 0) > ASSERTION_MAX:
                raise InvalidClientError(description="exp - iat > 120")
            super().verify_claims(claims)

    return Assertion


def _access_token_class(idp: Idporten) -> type[JWTBearerTokenGenerator]:
    class Accesstoken(JWTBearerTokenGenerator):  # type: ignore[misc]
        def get_jwks(self) -> KeySet:
            return KeySet([idp.key])

        def get_audiences(self, client: Klient, user: Innlogget, scope: str) -> str:
            return "unspecified"

        def get_extra_claims(
            self, client: Klient, grant_type: str, user: Innlogget, scope: str
        ) -> dict[str, Any]:
            return {"pid": user.pid, "acr": user.acr, "client_amr": "private_key_jwt"}

    return Accesstoken


def _end_session_class(idp: Idporten) -> type[EndSessionEndpoint]:
    class EndSession(EndSessionEndpoint):  # type: ignore[misc]
        def get_server_jwks(self) -> KeySet:
            return KeySet([idp.key])

        def end_session(self, end_session_request: Any) -> None:
            """Nothing here: the route ends the SSO session and renders the frames."""

    return EndSession
