"""The service password of a konto: made after a question, shown once, and never again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt
from fiks.konfigurasjon import kontopassord
from portal.organisasjon.blueprint import blueprint
from portal.organisasjon.kontopages import administered_konto
from portal.texts import error_text
from portal.tilgang import current_actor


@blueprint.route("/kontoer/<uuid:konto_id>/servicepassord", methods=["GET", "POST"])
def servicepassord(konto_id: UUID) -> AnyResponse | str:
    """Ask, saying that the old one stops; then show the new one."""
    node, actor = administered_konto(konto_id), current_actor()
    laget = kontopassord.password_made(konto_id, actor=actor)
    if request.method == "GET":
        return render_template("organisasjon/servicepassord.html", node=node, laget=laget)
    try:
        made = kontopassord.new_password(
            konto_id, replaces=_seen(request.form.get("erstatter", "")), actor=actor
        )
    except Konflikt as error:
        flash(error_text(error), "warning")
        return redirect(url_for("organisasjon.servicepassord", konto_id=konto_id), 303)
    return _shown_once(
        render_template("organisasjon/nytt_servicepassord.html", node=node, passord=made.verdi)
    )


def _seen(text: str) -> datetime | None:
    """When the password that stood on the page was made; None for none, and for what no page has written."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _shown_once(page: str) -> Response:
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer
