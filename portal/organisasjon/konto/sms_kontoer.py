"""SMS-kontoer: create, change name and displayed sender, close and reopen."""

from __future__ import annotations

from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.konfigurasjon.rules import P
from fiks.sms import kontoer
from portal.access.actor import current_actor
from portal.organisasjon.blueprint import blueprint, own_organisation
from portal.texts import error_text
from portal.texts.sms import KONTOFELT
from portal.ui.edit_conflict import Skjema, save_part, stored_form
from portal.ui.form_values import uuid_of

Answer = AnyResponse | str | tuple[str, int]


def _written() -> dict[str, str]:
    return {felt.navn: request.form.get(felt.navn, "").strip() for felt in KONTOFELT}


@blueprint.route("/sms-kontoer/ny", methods=["GET", "POST"])
def ny_smskonto() -> Answer:
    """Create a konto under Varsling."""
    organisasjon_id, written = own_organisation(P.ADMIN), _written()
    feil: dict[str, str] = {}
    own = uuid_of(request.form.get("skjema", "")) or uuid4()
    if request.method == "POST":
        try:
            kontoer.create_smskonto(organisasjon_id, **written, konto_id=own, actor=current_actor())
        except UgyldigInndata as error:
            feil = {error.felt or "visningsnavn": error_text(error)}
        except Konflikt as error:
            flash(error_text(error), "warning")
            return redirect(url_for("organisasjon.tjenester"), 303)
        else:
            flash("SMS-kontoen er laget. Gi noen tilgang til den før den brukes.", "success")
            return redirect(url_for("organisasjon.ressurser"), 303)
    skjema = Skjema(KONTOFELT, written, feil, "")
    return render_template("organisasjon/ny_smskonto.html", skjema=skjema, eget=own), skjema.status


@blueprint.route("/sms-kontoer/<uuid:smskonto_id>", methods=["GET", "POST"])
def smskonto(smskonto_id: UUID) -> Answer:
    """One SMS-konto: name and sender to change, and whether it is open."""
    skjema = _stored(smskonto_id)
    if request.method == "POST":
        refused = _save(smskonto_id)
        if refused is None:
            flash("Endringene er lagret.", "success")
            return _to(smskonto_id)
        skjema = refused
    konto = kontoer.konto_for_admin(smskonto_id, actor=current_actor())
    return render_template("organisasjon/smskonto.html", konto=konto, skjema=skjema), skjema.status


def _stored(smskonto_id: UUID) -> Skjema:
    return stored_form(
        KONTOFELT, kontoer.facts_of(kontoer.konto_for_admin(smskonto_id, actor=current_actor()))
    )


def _save(smskonto_id: UUID) -> Skjema | None:
    """Save the form. Return None when saved, else the form with its faults or the conflict."""
    written = _written()
    return save_part(
        request.form,
        lambda vist: kontoer.change_smskonto(smskonto_id, **written, vist=vist, actor=current_actor()),
        lambda: _stored(smskonto_id),
        written,
    )


@blueprint.route("/sms-kontoer/<uuid:smskonto_id>/steng", methods=["GET", "POST"])
def steng_smskonto(smskonto_id: UUID) -> Answer:
    """Ask, stating the consequence; then close it."""
    konto = kontoer.konto_for_admin(smskonto_id, actor=current_actor())
    if request.method == "GET":
        return render_template("organisasjon/steng_smskonto.html", konto=konto)
    navn = konto.visningsnavn
    kontoer.set_active(smskonto_id, aktivert=False, actor=current_actor())
    flash(f"{navn} er stengt.", "success")
    return _to(smskonto_id)


@blueprint.post("/sms-kontoer/<uuid:smskonto_id>/apne")
def apne_smskonto(smskonto_id: UUID) -> AnyResponse:
    """Reopen it."""
    konto = kontoer.konto_for_admin(smskonto_id, actor=current_actor())
    navn = konto.visningsnavn
    kontoer.set_active(smskonto_id, aktivert=True, actor=current_actor())
    flash(f"{navn} er åpen igjen.", "success")
    return _to(smskonto_id)


def _to(smskonto_id: UUID) -> AnyResponse:
    return redirect(url_for("organisasjon.smskonto", smskonto_id=smskonto_id), 303)
