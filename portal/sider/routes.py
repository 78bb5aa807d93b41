"""Pages anybody may read, and the front door."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.tilgang import current_session

blueprint = Blueprint("sider", __name__)

START_PAGE = "forvaltning.oversikt"


@blueprint.get("/")
def forside() -> AnyResponse:
    """Send each to where they belong: log in, choose organisation, or the overview."""
    sesjon = current_session().sesjon
    if sesjon is None:
        return redirect(url_for("innlogging.logg_inn"))
    if sesjon.organisasjon_id is None or START_PAGE not in current_app.view_functions:
        return redirect(url_for("innlogging.velg_organisasjon"))
    return redirect(url_for(START_PAGE))


@blueprint.get("/helse")
def helse() -> Response:
    """Liveness: this process answers. Touches nothing else."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/hjelp")
def hjelp() -> str:
    """Help and contact."""
    return render_template("sider/hjelp.html")


@blueprint.get("/personvern")
def personvern() -> str:
    """How personal data are treated."""
    return render_template("sider/personvern.html")


@blueprint.get("/tilgjengelighet")
def tilgjengelighet() -> str:
    """The accessibility statement."""
    return render_template("sider/tilgjengelighet.html")
