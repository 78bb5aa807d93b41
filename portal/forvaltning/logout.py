"""An administrator logs a colleague out."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.konfigurasjon.tilgang import colleagues
from portal.access.actor import current_actor
from portal.forvaltning.blueprint import blueprint
from portal.texts import tekst


@blueprint.route("/personer/<uuid:person_id>/innlogginger", methods=["GET", "POST"])
def avslutt_for(person_id: UUID) -> AnyResponse | str:
    """Log a colleague out everywhere, after a question that names what happens."""
    actor = current_actor()
    assert actor.organisasjon_id is not None
    navn = colleagues.colleague_name(person_id, actor.organisasjon_id, actor=actor)
    if request.method == "GET":
        return render_template("forvaltning/avslutt_for.html", navn=navn, person_id=person_id)
    ended = colleagues.end_for_colleague(person_id, actor.organisasjon_id, actor=actor)
    flash(tekst("INNLOGGINGER_AVSLUTTET", navn=navn, antall=ended), "success")
    return redirect(url_for("forvaltning.oversikt"))
