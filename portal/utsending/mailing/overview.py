"""The list of mailings, and the page of one."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.konfigurasjon.rules import P
from fiks.utsending.approval import release_time
from fiks.utsending.overview import mailings
from fiks.utsending.overview.mailings import PAGE
from fiks.utsending.rules import EDITABLE, Utsendingstatus
from fiks.utsending.sending.stop_report import Gruppe, count_groups
from portal.access.actor import current_actor, privileges_now
from portal.texts import status_of
from portal.ui.form_values import number_arg
from portal.utsending.blueprint import blueprint
from portal.utsending.page_parts import live_of, next_step, number_sought, page_of, reference, steps_of
from portal.utsending.wizard import reload_page

LETTERS_MADE = (Utsendingstatus.TIL_GODKJENNING, Utsendingstatus.GODKJENT)
"""Letters are made and not released."""
STATUSES = [("", "Alle"), *((str(s), status_of(s).tekst) for s in Utsendingstatus)]


@blueprint.get("")
def liste() -> str:
    """The mailings the visitor may see, newest first, page by page."""
    sok, status, before = request.args.get("sok", ""), request.args.get("status", ""), number_arg("for")
    status = status if status in set(Utsendingstatus) else ""
    text = sok.strip()[:200]
    rows = mailings.mailings(
        actor=current_actor(),
        sok=text,
        nr=number_sought(text),
        status=status or None,
        before=before,
        limit=PAGE + 1,
    )
    shown = rows[:PAGE]
    return render_template(
        "utsending/liste.html",
        rader=[(reference(r.nr, r.opprettet), r) for r in shown],
        sok=sok,
        status=status,
        statuser=STATUSES,
        flere=shown[-1].nr if len(rows) > PAGE else None,
        fra_start=before is None,
        kan_sende=P.SENDE in privileges_now(),
    )


@blueprint.get("/<uuid:utsending_id>")
def detalj(utsending_id: UUID) -> str:
    """One mailing: content, state, possible acts, history."""
    side = page_of(utsending_id)
    u = side.u
    draft = u.status in EDITABLE and P.SENDE in side.rett
    stopped = (
        count_groups(utsending_id, actor=current_actor()) if u.status is Utsendingstatus.STOPPET else None
    )
    return render_template(
        "utsending/detalj.html",
        side=side,
        u=u,
        levende=live_of(u),
        trinn=steps_of(u) if draft else [],
        neste=next_step(u) if draft else "",
        svar=stopped,
        Gruppe=Gruppe,
        kan_tidligst_ut=release_time.first_day_if_missed(u.konto_id, u.brevdato)
        if draft or u.status in LETTERS_MADE
        else None,
    )


@blueprint.get("/<uuid:utsending_id>/fremdrift")
def fremdrift(utsending_id: UUID) -> str | AnyResponse:
    """The self-refreshing part of the page; reloads the page when the status has changed."""
    if "HX-Request" not in request.headers:
        return redirect(url_for("utsending.detalj", utsending_id=utsending_id))
    side = page_of(utsending_id)
    if request.args.get("status") != side.u.status:
        return reload_page()
    return render_template("utsending/levende_svar.html", side=side, u=side.u, levende=live_of(side.u))
