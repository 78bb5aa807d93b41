"""The front door, and public pages: help, privacy, accessibility."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from config.settings import Settings
from portal.access.actor import current_session, runs_platform
from portal.ui.menu import has_route

blueprint = Blueprint("sider", __name__)

START_PAGE = "forvaltning.oversikt"


@blueprint.get("/")
def forside() -> AnyResponse:
    """Redirect each visitor: Min side, login, choice of organisation, or the overview.

    A process that serves only a part of the portal redirects to that part.
    """
    if not has_route("minside.forside"):
        return redirect(url_for("api_dokumentasjon.dokumentasjon"))
    sesjon, settings = current_session().sesjon, current_app.config["FIKS_SETTINGS"]
    if not has_route(START_PAGE) or own_host_of_citizens(settings) == request.host:
        return redirect(url_for("minside.forside"))
    if sesjon is None:
        return redirect(url_for("innlogging.logg_inn"))
    if sesjon.acr < settings.forvaltning_nivaa:
        return redirect(url_for("minside.forside"))
    if sesjon.organisasjon_id is None and runs_platform():
        return redirect(url_for("rot.organisasjoner"))
    if sesjon.organisasjon_id is None:
        return redirect(url_for("innlogging.velg_organisasjon"))
    return redirect(url_for(START_PAGE))


def own_host_of_citizens(settings: Settings) -> str | None:
    """Host of Min side if it has its own, None if it shares forvaltning's."""
    portal, minside = (urlsplit(url).netloc for url in (settings.portal_base_url, settings.minside_base_url))
    return minside if minside != portal else None


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
