"""Step 3: look the henvendelse over and send it; its receipt, and the list of everything the person has
written.
"""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for

from fiks.core.actor import Aktor
from fiks.core.errors import Konflikt
from fiks.edialog import queries, rules, service
from fiks.edialog.review import review_draft
from portal.extensions import EDIALOG_LIMIT, limiter
from portal.minside.blueprint import blueprint
from portal.minside.edialog.context import (
    Side,
    checked_actor,
    citizen_fault,
    handle_unreadable,
    refuse_with_message,
)
from portal.minside.language import language


@blueprint.route("/edialog/skjema/<uuid:skjema_id>/oppsummering", methods=["GET", "POST"])
@limiter.limit(EDIALOG_LIMIT, methods=["POST"])
@handle_unreadable
def edialog_oppsummering(skjema_id: UUID) -> Side:
    """Show everything as it will be sent, then send it. If it has changed since it was shown, show it again
    instead.
    """
    actor = checked_actor()
    if request.method == "GET":
        return _summary(skjema_id, actor)
    sett = request.form.get("sett", "")
    try:
        service.send(skjema_id, spraak=language(), sett=sett, actor=actor)
    except (service.EndretImens, service.UgyldigSkjema):
        return _summary(skjema_id, actor, status=409)
    except (Konflikt, service.ForMange) as error:
        return refuse_with_message(error)
    return redirect(url_for("minside.edialog_kvittering", skjema_id=skjema_id), 303)


def _summary(skjema_id: UUID, actor: Aktor, *, status: int = 200) -> Side:
    """An incomplete skjema leads back to step 1; a sent one leads to its receipt."""
    skjema = queries.skjema(skjema_id, actor=actor)
    if not skjema.kan_endres:
        return redirect(url_for("minside.edialog_kvittering", skjema_id=skjema_id), 303)
    if lacking := rules.faults(skjema.utkast):
        flash(citizen_fault(lacking[0].kode, lacking[0].params), "warning")
        return redirect(url_for("minside.edialog_skjema", skjema_id=skjema_id), 303)
    page = render_template(
        "edialog/oppsummering.html",
        skjema=skjema,
        oversyn=review_draft(skjema),
        person=actor.paa_vegne_av is None,
        endret=status != 200,
    )
    return page, status


@blueprint.get("/edialog/skjema/<uuid:skjema_id>/kvittering")
@handle_unreadable
def edialog_kvittering(skjema_id: UUID) -> Side:
    """The reference and the delivery status."""
    skjema = queries.skjema(skjema_id, actor=checked_actor())
    if skjema.kan_endres:
        return redirect(url_for("minside.edialog_skjema", skjema_id=skjema_id), 303)
    return render_template("edialog/kvittering.html", skjema=skjema)


@blueprint.get("/minside/henvendelser")
def henvendelser() -> str:
    """Everything the person has written, newest first."""
    after = request.args.get("etter", type=UUID)
    actor = checked_actor()
    found = queries.own_rows(after=after, limit=queries.PAGE + 1, actor=actor)
    shown = found[: queries.PAGE]
    further = shown[-1].id if len(found) > queries.PAGE else None
    hidden = queries.count_hidden(actor=actor)
    return render_template(
        "edialog/henvendelser.html", rader=shown, hoyere=hidden, eldre=further, forste=after is None
    )
