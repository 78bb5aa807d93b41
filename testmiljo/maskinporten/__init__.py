"""Maskinporten over the real protocol: metadata, keys, and tokens for signed assertions (RFC 7523).

A fake of *them*: nothing of the product lives here. Who is registered is a `Register`; the checks answer with
Maskinporten's own error codes. Mount it under a path; its issuer ends in a slash, as theirs does.
"""

from __future__ import annotations

from flask import Blueprint, Flask, request
from flask.typing import ResponseReturnValue
from joserfc.jwk import RSAKey

from testmiljo.maskinporten.assertion import Kontroll, Register
from testmiljo.maskinporten.clients import Delegering, Klient, MpFeil
from testmiljo.maskinporten.tokens import Utsteder

__all__ = ["Delegering", "Klient", "MpFeil", "Register", "create_maskinporten"]


def create_maskinporten(issuer: str, register: Register, key: RSAKey) -> Flask:
    """Make the double as a Flask app. `issuer` is where it is reached, with its slash; `key` signs the tokens.

    `register` may be changed later; it is read at each request.
    """
    app = Flask("maskinporten")
    app.register_blueprint(_blueprint(Kontroll(issuer, register), Utsteder(issuer, key)))
    return app


def _blueprint(kontroll: Kontroll, utsteder: Utsteder) -> Blueprint:
    routes = Blueprint("maskinporten", __name__)

    @routes.get("/.well-known/oauth-authorization-server")
    def metadata() -> ResponseReturnValue:
        return utsteder.metadata()

    @routes.get("/jwk")
    def jwk() -> ResponseReturnValue:
        return utsteder.keys()

    @routes.post("/token")
    def token() -> ResponseReturnValue:
        headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
        try:
            granted = kontroll.judge(request.form.getlist("grant_type"), request.form.getlist("assertion"))
        except MpFeil as error:
            return error.body(), 400, headers
        return utsteder.answer(granted), 200, headers

    return routes
