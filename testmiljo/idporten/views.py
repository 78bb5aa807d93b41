"""The pages and endpoints of the double."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AccessDeniedError
from authlib.oidc.core.errors import LoginRequiredError
from flask import Blueprint, Response, make_response, redirect, render_template, request
from joserfc.jwk import KeySet
from werkzeug.wrappers import Response as AnyResponse

from testmiljo.idporten import backchannel
from testmiljo.idporten.provider import Idporten, Issuer
from testmiljo.idporten.state import LEVELS, SUBSTANTIAL, Innlogget, Klient

PAR_LIFE, VISIT_LIFE = 120, 600
COOKIE = "idporten_dobbel"


def blueprint(idp: Idporten) -> Blueprint:
    routes = Blueprint("idporten", __name__)
    views = _Views(idp)
    routes.get("/.well-known/openid-configuration")(views.discovery)
    routes.get("/jwks")(views.jwks)
    routes.post("/par")(views.par)
    routes.get("/authorize")(views.authorize)
    routes.post("/authorize")(views.log_in)
    routes.post("/token")(views.token)
    routes.route("/logout", methods=["GET", "POST"])(views.logout)
    return routes


class _Views:
    """The pages and endpoints."""

    def __init__(self, idp: Idporten) -> None:
        self._idp = idp

    @property
    def _server(self) -> AuthorizationServer:
        assert self._idp.server is not None
        return self._idp.server

    def discovery(self) -> dict[str, Any]:
        return self._idp.metadata()

    def jwks(self) -> dict[str, Any]:
        return dict(KeySet([self._idp.key]).as_dict(private=False))

    def par(self) -> AnyResponse | tuple[dict[str, Any], int]:
        req = self._server.create_oauth2_request(request)
        try:
            client = self._server.authenticate_client(req, ["private_key_jwt"], "par")
        except OAuth2Error as error:
            return self._error(req, error)
        data = {k: v for k, v in request.form.items() if not k.startswith("client_assertion")}
        if "request_uri" in data or data.get("client_id", client.client_id) != client.client_id:
            return {"error": "invalid_request"}, 400
        data["client_id"] = client.client_id
        uri = self._idp.state.remember("urn:idporten:", client.client_id, data, PAR_LIFE)
        return {"request_uri": uri, "expires_in": PAR_LIFE}, 201

    def authorize(self) -> AnyResponse | tuple[str, int]:
        try:
            grant = self._server.get_consent_grant(end_user=None)
        except OAuth2Error as error:
            return self._error(None, error)
        data = dict(grant.request.payload.data)
        sso = self._idp.state.sso(request.cookies.get(COOKIE, ""))
        if sso is not None and self._good_enough(sso, data):
            return self._answer(grant, sso)
        if data.get("prompt") == "none":
            return self._deny(grant, LoginRequiredError(redirect_uri=grant.request.payload.redirect_uri))
        return make_response(self._login_page(data))

    def _login_page(self, data: Mapping[str, str], feil: str = "") -> str:
        kept = self._idp.state.remember("besok-", data["client_id"], dict(data), VISIT_LIFE)
        users = groupby(self._idp.store.testbrukere(), key=lambda bruker: bruker.gruppe)
        return render_template(
            "logg_inn.html",
            action=self._idp.issuer + "/authorize",
            besok=kept,
            niva=LEVELS[_wanted(data)],
            grupper=[(gruppe, list(some)) for gruppe, some in users],
            feil=feil,
        )

    def log_in(self) -> AnyResponse | tuple[str, int]:
        try:
            grant = self._server.get_consent_grant(end_user=None)
        except OAuth2Error as error:
            return self._error(None, error)
        data, choice = dict(grant.request.payload.data), request.form.get("utfall", "")
        if choice == "avbryt":
            return self._deny(grant, AccessDeniedError(redirect_uri=grant.request.payload.redirect_uri))
        pid = request.form.get("pid", "").replace(" ", "")
        if choice != "uten_pid" and not (pid.isascii() and pid.isdigit() and len(pid) == 11):
            return self._login_page(data, "Skriv et fødselsnummer eller d-nummer med elleve siffer."), 400
        acr = SUBSTANTIAL if choice == "lavt_niva" else _wanted(data)
        self._idp.state.end_sso(request.cookies.get(COOKIE, ""))
        return self._answer(grant, self._idp.state.open_sso(None if choice == "uten_pid" else pid, acr))

    def _good_enough(self, sso: Innlogget, data: Mapping[str, str]) -> bool:
        oldest = data.get("max_age", "")
        fresh = not oldest.isdigit() or time.time() - sso.auth_time <= int(oldest)
        return fresh and data.get("prompt") != "login" and sso.level >= LEVELS[_wanted(data)]

    def _answer(self, grant: Any, user: Innlogget) -> AnyResponse:
        response: Response = self._server.create_authorization_response(
            grant.request, grant_user=user, grant=grant
        )
        path = request.root_path or "/"
        response.set_cookie(COOKIE, user.sid, httponly=True, samesite="Lax", path=path)
        return response

    def _deny(self, grant: Any, error: OAuth2Error) -> AnyResponse:
        error.state = grant.request.payload.state
        return self._error(grant.request, error)

    def _error(self, req: Any, error: OAuth2Error) -> AnyResponse:
        """Authlib's own answer, with `iss` on every redirect back (RFC 9207 covers errors too)."""
        response: Response = self._server.handle_error_response(req, error)
        if response.location:
            Issuer(self._idp.issuer).add_issuer_parameter(self._server, response)
        return response

    def token(self) -> AnyResponse:
        response: Response = self._server.create_token_response()
        return response

    def logout(self) -> AnyResponse | str:
        try:
            req = self._server.validate_endpoint_request("end_session")
        except OAuth2Error as error:
            return self._error(None, error)
        claimed = (req.id_token_claims or {}).get("sid", "")
        sids = {claimed, request.cookies.get(COOKIE, "")} - {""}
        ended = [user for user in map(self._idp.state.end_sso, sids) if user]
        self._tell_by_back_channel(ended)
        frames = [url for user in ended for url in self._frames(user)]
        if frames:
            response = make_response(
                render_template("logger_ut.html", rammer=frames, videre=req.redirect_uri)
            )
        elif req.redirect_uri:
            response = make_response(redirect(req.redirect_uri))
        else:
            response = make_response(render_template("logget_ut.html"))
        response.delete_cookie(COOKIE, path=request.root_path or "/")
        return response

    def _tell_by_back_channel(self, ended: Iterable[Innlogget]) -> None:
        """Every client the persons were logged in to, also the one that asked for the logout."""
        for user in ended:
            for client in self._clients_of(user):
                if client.backchannel_logout_uri:
                    backchannel.tell(self._idp.issuer, self._idp.key, client, user)

    def _frames(self, user: Innlogget) -> list[str]:
        """The front-channel address of each client the person was logged in to."""
        query = urlencode({"iss": self._idp.issuer, "sid": user.sid})
        urls = [client.frontchannel_logout_uri for client in self._clients_of(user)]
        return [f"{url}?{query}" for url in urls if url]

    def _clients_of(self, user: Innlogget) -> list[Klient]:
        return [self._idp.clients[name] for name in sorted(user.clients) if name in self._idp.clients]


def _wanted(data: Mapping[str, str]) -> str:
    """The level that was asked for: the first we know, or the lower."""
    known = [acr for acr in data.get("acr_values", "").split() if acr in LEVELS]
    return known[0] if known else SUBSTANTIAL
