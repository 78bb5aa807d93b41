"""The OpenAPI document, the same as a page, and the page of error codes. Public."""

from __future__ import annotations

from functools import lru_cache

from flask import Blueprint, Flask, Response, current_app, render_template

from fiks.svarut.mottak import CATALOGUE
from portal.api.dokumentasjon.openapi import CMS, document
from portal.api.dokumentasjon.readable import group_texts, readable
from portal.http.api_errors import json_answer
from portal.texts.svarut.intake_errors import GRUPPER

blueprint = Blueprint("api_dokumentasjon", __name__, url_prefix="/api")


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The document for tools."""
    return json_answer(_document(_app()))


@blueprint.get("/dokumentasjon")
def dokumentasjon() -> str:
    """The document for people."""
    told = _document(_app())
    return render_template(
        "api/dokumentasjon.html", grupper=readable(told), gruppetekster=group_texts(told), cms=CMS
    )


@blueprint.get("/feilkoder")
def feilkoder() -> str:
    """Every error code: message, cause, and remedy."""
    return render_template("api/feilkoder.html", grupper=GRUPPER, katalog=CATALOGUE)


def _app() -> Flask:
    made: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return made


@lru_cache(maxsize=4)
def _document(app: Flask) -> dict[str, object]:
    """Generated once per app: routes and models do not change while it runs."""
    return document(app)
