"""The service password of a mottakersystem: created after a question and displayed once."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt
from fiks.svarinn import credentials
from portal.access.actor import current_actor
from portal.extensions import PASSWORD_LIMIT, limiter
from portal.svarinn.blueprint import blueprint, configurable_system
from portal.texts import error_text
from portal.ui.one_time_secret import render_once, replaced_password_time


@blueprint.route("/<uuid:system_id>/passord", methods=["GET", "POST"])
@limiter.limit(PASSWORD_LIMIT, methods=["POST"])
def passord(system_id: UUID) -> AnyResponse | str:
    """Ask, stating that the old password stops working; then display the new one."""
    system, actor = configurable_system(system_id), current_actor()
    laget = credentials.password_made_at(system_id, actor=actor)
    if request.method == "GET":
        return render_template("svarinn/passord.html", s=system, laget=laget)
    try:
        made = credentials.new_password(system_id, replaces=replaced_password_time(request.form), actor=actor)
    except Konflikt as error:
        flash(error_text(error), "warning")
        return redirect(url_for("svarinn.detalj", system_id=system_id), 303)
    return render_once("svarinn/passord_vist.html", s=system, passord=made.verdi)
