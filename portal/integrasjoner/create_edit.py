"""Create an integrasjon, whose password is displayed once, and change its facts."""

from __future__ import annotations

from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.integrasjon import service
from fiks.konfigurasjon.integrasjon.queries import Integrasjonsdetalj
from fiks.konfigurasjon.rules import P
from portal.access.actor import chosen_organisation, current_actor
from portal.extensions import LOOKUP_LIMIT, PASSWORD_LIMIT, limiter
from portal.integrasjoner import forms
from portal.integrasjoner.blueprint import blueprint, managed_integrasjon
from portal.integrasjoner.forms import Skjema
from portal.integrasjoner.password import Videre, password_page
from portal.texts import error_text, tekst

Answer = AnyResponse | str | tuple[str, int]


@blueprint.route("/ny", methods=["GET", "POST"])
@limiter.limit(PASSWORD_LIMIT, methods=["POST"])
def ny() -> Answer:
    """Create: enter the facts, consider the register's notice, and get the password.

    The page with the password is the answer to the form itself: it is stored nowhere, so it cannot be shown
    again.
    """
    organisasjon_id, actor = chosen_organisation(), current_actor()
    queries.require(actor, P.INTEGRASJON_ADMINISTRER, organisasjon_id)
    if request.method == "GET":
        return _new(forms.empty_form(), uuid4())
    own = form_id()
    skjema = forms.read(request.form, eget_orgnr=queries.organisasjon(organisasjon_id).orgnr)
    if skjema.feil or skjema.varsel:
        return _new(skjema, own)
    try:
        passord = service.create_integrasjon(
            organisasjon_id, integrasjon_id=own, fakta=skjema.fakta, actor=actor
        )
    except Konflikt as error:
        flash(error_text(error), "warning")
        return redirect(url_for("integrasjoner.oversikt"), 303)
    here, gi = (url_for(f"integrasjoner.{page}", integrasjon_id=own) for page in ("detalj", "gi"))
    return password_page(own, skjema.fakta, passord, Videre(tekst("INTEGRASJON_LAGET"), here, gi))


def form_id() -> UUID:
    """The id in the form of what it creates (idempotency key); an invalid one is replaced."""
    try:
        return UUID(request.form.get("integrasjon_id", ""))
    except ValueError:
        return uuid4()


def _new(skjema: Skjema, own: UUID) -> Answer:
    return render_template("integrasjoner/ny.html", skjema=skjema, integrasjon_id=own), skjema.status


@blueprint.route("/<uuid:integrasjon_id>/rediger", methods=["GET", "POST"])
@limiter.limit(LOOKUP_LIMIT, methods=["POST"])
def rediger(integrasjon_id: UUID) -> Answer:
    """Change the facts; a new number applies from the next call."""
    now = managed_integrasjon(integrasjon_id)
    if request.method == "GET":
        return _edit(now, forms.stored_skjema(now))
    skjema = forms.read(request.form, eget_orgnr=queries.organisasjon(chosen_organisation()).orgnr)
    if skjema.feil or skjema.varsel:
        return _edit(now, skjema)
    try:
        service.change_integrasjon(
            integrasjon_id, fakta=skjema.fakta, vist=skjema.vist, actor=current_actor()
        )
    except Konflikt as error:
        now = managed_integrasjon(integrasjon_id)
        return _edit(now, forms.conflict_skjema(error, now, skjema))
    flash("Endringene er lagret.", "success")
    return redirect(url_for("integrasjoner.detalj", integrasjon_id=integrasjon_id), 303)


def _edit(now: Integrasjonsdetalj, skjema: Skjema) -> Answer:
    return render_template("integrasjoner/rediger.html", skjema=skjema, i=now), skjema.status
