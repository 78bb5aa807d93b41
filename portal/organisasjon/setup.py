"""First-time set-up: an administrator enters the organisation's data step by step and confirms them.

Each step is saved when sent, so the work can be interrupted; no step can be skipped.
"""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.organisasjon import own_data
from fiks.konfigurasjon.organisasjon.queries import agreement_administrator, setup
from fiks.konfigurasjon.organisasjon.rules import Oppsett, Oppsettstrinn
from fiks.konfigurasjon.rules import P
from portal.access.actor import current_actor
from portal.extensions import LOOKUP_LIMIT, limiter
from portal.organisasjon import forms
from portal.organisasjon.blueprint import blueprint, own_organisation
from portal.organisasjon.summary import parts
from portal.texts import error_text, tekst
from portal.texts.konfigurasjon.organisasjon import TRINN

Answer = AnyResponse | str | tuple[str, int]


@blueprint.get("/forstegangsoppsett")
def forstegang() -> AnyResponse:
    """Redirect to the next step."""
    state = setup(own_organisation(P.ADMIN))
    if state.konfigurert:
        return redirect(url_for("organisasjon.oversikt"), 303)
    return redirect(url_for("organisasjon.oppsett", trinn=state.neste), 303)


@blueprint.route("/forstegangsoppsett/<trinn>", methods=["GET", "POST"])
@limiter.limit(LOOKUP_LIMIT, methods=["POST"])
def oppsett(trinn: str) -> Answer:
    """One step."""
    if trinn not in set(Oppsettstrinn):
        abort(404)
    organisasjon_id, step = own_organisation(P.ADMIN), Oppsettstrinn(trinn)
    state = setup(organisasjon_id)
    if state.konfigurert:
        flash("Førstegangsoppsettet er fullført.", "info")
        return redirect(url_for("organisasjon.oversikt"), 303)
    if not state.may_open(step):
        flash(tekst("OPPSETT_MANGLER"), "warning")
        return redirect(url_for("organisasjon.forstegang"), 303)
    if step is Oppsettstrinn.BEKREFT:
        return _confirm(organisasjon_id, state)
    skjema = forms.stored_facts_form(step, organisasjon_id)
    if request.method == "POST":
        refused = forms.save(step, organisasjon_id, request.form, current_actor())
        if refused is None:
            return redirect(url_for("organisasjon.oppsett", trinn=_after(step)), 303)
        skjema = refused
    page = render_template(
        "organisasjon/oppsett.html",
        skjema=skjema,
        navngitt=agreement_administrator(organisasjon_id) if _names(step) else None,
        videre=url_for("organisasjon.oppsett", trinn=_after(step)),
        **_frame(organisasjon_id, step, state),
    )
    return page, skjema.status


def _names(step: Oppsettstrinn) -> bool:
    return step is Oppsettstrinn.AVTALEADMINISTRATOR


def _after(step: Oppsettstrinn) -> Oppsettstrinn:
    steps = list(Oppsettstrinn)
    return steps[min(steps.index(step) + 1, len(steps) - 1)]


def _confirm(organisasjon_id: UUID, state: Oppsett) -> Answer:
    if request.method == "POST":
        try:
            own_data.finish_setup(organisasjon_id, actor=current_actor())
        except Konflikt as error:
            flash(error_text(error), "warning")
            return redirect(url_for("organisasjon.forstegang"), 303)
        flash("Organisasjonen er satt opp. Nå kan dere ta i bruk tjenester.", "success")
        return redirect(url_for("organisasjon.tjenester"), 303)
    return render_template(
        "organisasjon/bekreft_oppsett.html",
        skjema=None,
        deler=[
            (TRINN[part], url_for("organisasjon.oppsett", trinn=part), pairs)
            for part, pairs in parts(organisasjon_id).items()
        ],
        **_frame(organisasjon_id, Oppsettstrinn.BEKREFT, state),
    )


def _frame(organisasjon_id: UUID, step: Oppsettstrinn, state: Oppsett) -> dict[str, object]:
    """Values every step's page shows around its form."""
    steps = [
        (
            TRINN[one],
            url_for("organisasjon.oppsett", trinn=one) if state.may_open(one) else "",
            "her" if one is step else "ferdig" if one in state.gjort else "senere",
        )
        for one in Oppsettstrinn
    ]
    return {
        "org": queries.organisasjon(organisasjon_id),
        "trinn": steps,
        "nummer": list(Oppsettstrinn).index(step) + 1,
        "overskrift": TRINN[step],
    }
