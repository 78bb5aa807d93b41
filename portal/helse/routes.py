"""Liveness and readiness probes of this process: on any host, without login, revealing nothing."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, json
from flask.blueprints import BlueprintSetupState

from config import schema
from config.settings import Settings
from fiks.drift.readiness import OWN_ROLE, ROWS, Readiness

blueprint = Blueprint("helse", __name__, url_prefix="/helse")
EXTENSION = "fiks_readiness"


@blueprint.record
def prepare(state: BlueprintSetupState) -> None:
    """Set up the readiness check of the app."""
    settings: Settings = state.app.config["FIKS_SETTINGS"]
    needs = ROWS | OWN_ROLE if settings.production else ROWS
    state.app.extensions[EXTENSION] = Readiness(settings.database_url, schema.older_revisions, needs)


@blueprint.get("/levende")
def levende() -> Response:
    """This process answers; nothing else is touched."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/klar")
def klar() -> Response:
    """Whether the process can work: 200, or 503, with the state of each part. Redis is not asked."""
    readiness: Readiness = current_app.extensions[EXTENSION]
    found = readiness.look()
    body = json.dumps({"klar": found.klar, **found.deler})
    return Response(body, 200 if found.klar else 503, mimetype="application/json")
