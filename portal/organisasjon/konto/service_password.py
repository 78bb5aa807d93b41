"""The service password of a konto: created after a question and displayed once."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt
from fiks.konfigurasjon.konto import password
from portal.access.actor import current_actor
from portal.extensions import PASSWORD_LIMIT, limiter
from portal.organisasjon.blueprint import blueprint
from portal.organisasjon.konto.pages import administered_konto
from portal.texts import error_text
from portal.ui.one_time_secret import render_once, replaced_password_time


@blueprint.route("/kontoer/<uuid:konto_id>/servicepassord", methods=["GET", "POST"])
@limiter.limit(PASSWORD_LIMIT, methods=["POST"])
def servicepassord(konto_id: UUID) -> AnyResponse | str:
    """Ask, stating that the old password stops working; then display the new one."""
    node, actor = administered_konto(konto_id), current_actor()
    laget = password.password_created_at(konto_id, actor=actor)
    if request.method == "GET":
        return render_template("organisasjon/servicepassord.html", node=node, laget=laget)
    try:
        made = password.new_password(konto_id, replaces=replaced_password_time(request.form), actor=actor)
    except Konflikt as error:
        flash(error_text(error), "warning")
        return redirect(url_for("organisasjon.servicepassord", konto_id=konto_id), 303)
    return render_once("organisasjon/nytt_servicepassord.html", node=node, passord=made.verdi)
