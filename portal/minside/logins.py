"""«Mine innlogginger»: list the person's sessions, and end one on another machine."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.person import logout
from portal.access.actor import current_actor
from portal.minside.blueprint import blueprint
from portal.minside.language import citizen_text


@blueprint.get("/minside/innlogginger")
def innlogginger() -> str:
    """Every live session of the person, this one marked."""
    actor = current_actor()
    assert actor.person_id is not None
    return render_template(
        "minside/innlogginger.html", rader=logout.own_sessions(actor.person_id), denne=actor.sesjon_id
    )


@blueprint.post("/minside/innlogginger")
def avslutt_innlogging() -> AnyResponse:
    """End another of the person's sessions. The present one ends by logging out, which ends ID-porten's too."""
    actor = current_actor()
    try:
        chosen = UUID(request.form.get("sesjon", ""))
        if chosen != actor.sesjon_id:
            logout.end_own_session(chosen, actor=actor)
            flash(citizen_text("INNLOGGING_AVSLUTTET"), "success")
    except (ValueError, IkkeFunnet):
        flash(citizen_text("INNLOGGING_FINNES_IKKE"), "warning")
    return redirect(url_for("minside.innlogginger"))
