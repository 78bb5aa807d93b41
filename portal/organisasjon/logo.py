"""The logo on letters: uploaded as a picture, re-encoded by a child process, and shown as it will be printed."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.db import session
from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.organisasjon import own_data
from fiks.konfigurasjon.rules import P
from fiks.utsending.brev import BrevFeil, prepare_logo
from portal.access.actor import current_actor
from portal.extensions import PICTURE_LIMIT, limiter
from portal.organisasjon.blueprint import blueprint, own_organisation
from portal.texts import error_text, tekst

Answer = AnyResponse | str | tuple[str, int]


@blueprint.route("/konfigurasjon/logo", methods=["GET", "POST"])
@limiter.limit(PICTURE_LIMIT, methods=["POST"])
def logo() -> Answer:
    """Show and replace the logo. The uploaded file is never kept, only the re-encoded picture."""
    organisasjon_id = own_organisation(P.ORG_REDIGER)
    if request.method == "GET":
        return _page({})
    file = request.files.get("fil")
    if file is None or not file.filename:
        return _page({"fil": tekst("LOGO_MANGLER")})
    session().rollback()  # no transaction is open while a child process draws
    try:
        drawn = prepare_logo(file.stream.read())
        own_data.set_logo(organisasjon_id, drawn.data, drawn.mediatype, vist=_vist(), actor=current_actor())
    except (BrevFeil, UgyldigInndata) as error:
        return _page({"fil": error_text(error)})
    except Konflikt as error:
        flash(error_text(error), "warning")
        return redirect(url_for("organisasjon.logo"), 303)
    flash("Logoen er lagret. Den står på brev som lages fra nå.", "success")
    return redirect(url_for("organisasjon.logo"), 303)


def _page(feil: dict[str, str]) -> Answer:
    org = queries.organisasjon(own_organisation(P.ORG_REDIGER))
    page = render_template("organisasjon/logo.html", org=org, feil=feil, vist=own_data.logo_mark(org.logo))
    return (page, 422) if feil else page


def _vist() -> str:
    """The mark of the logo that the posted form's page showed."""
    return request.form.get("vist", "")


@blueprint.get("/konfigurasjon/logo/bilde")
def logobilde() -> Response:
    """The picture itself; 404 where there is none."""
    org = queries.organisasjon(own_organisation(P.ORG_LES, P.ORG_REDIGER))
    if not org.logo or not org.logo_type:
        abort(404)
    return Response(org.logo, mimetype=org.logo_type)


@blueprint.route("/konfigurasjon/logo/fjern", methods=["GET", "POST"])
def fjern_logo() -> Answer:
    """Ask, stating the consequence; then remove the logo."""
    organisasjon_id = own_organisation(P.ORG_REDIGER)
    if request.method == "GET":
        org = queries.organisasjon(organisasjon_id)
        return render_template("organisasjon/fjern_logo.html", org=org, vist=own_data.logo_mark(org.logo))
    try:
        own_data.remove_logo(organisasjon_id, vist=_vist(), actor=current_actor())
    except Konflikt as error:
        flash(error_text(error), "warning")
    else:
        flash("Logoen er fjernet.", "success")
    return redirect(url_for("organisasjon.logo"), 303)
