"""Kontoer of SvarUt: create, rename, change settings, close and reopen."""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import FiksError, IkkeFunnet, Konflikt, UgyldigInndata
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.konto import password, service
from fiks.konfigurasjon.konto.rules import Kontodel, Kontoopplysninger
from fiks.konfigurasjon.organisasjon.queries import Node, ressurs_tree
from fiks.konfigurasjon.rules import P
from portal.access.actor import chosen_organisation, current_actor
from portal.organisasjon.blueprint import blueprint, own_organisation
from portal.organisasjon.konto import forms
from portal.texts import error_text, tekst
from portal.texts.konfigurasjon.konto import DELER, INGRESSER, KONTO_LAGET, NAVNEFELT
from portal.ui.edit_conflict import Skjema, save_part, stored_form

Answer = AnyResponse | str | tuple[str, int]


@blueprint.route("/kontoer/ny", methods=["GET", "POST"])
def ny_konto() -> Answer:
    """Create a konto under SvarUt."""
    organisasjon_id = own_organisation(P.ADMIN)
    given = {name: request.form.get(name, "").strip() for name in ("visningsnavn", "avsender")}
    if request.method == "GET":
        return _new(given, {})
    feil = {felt: tekst(kode) for felt, kode in Kontoopplysninger(**given).faults().items()}
    if feil:
        return _new(given, feil)
    try:
        service.create_konto(organisasjon_id, actor=current_actor(), **given)
    except (UgyldigInndata, Konflikt) as error:
        if error.felt is None:
            return _back(error)
        return _new(given, {error.felt: error_text(error)})
    flash(KONTO_LAGET, "success")
    return redirect(url_for("organisasjon.tjenester"), 303)


def _new(given: dict[str, str], feil: dict[str, str]) -> Answer:
    page = render_template("organisasjon/ny_konto.html", verdier=given, feil=feil)
    return (page, 422) if feil else page


def _back(error: FiksError) -> AnyResponse:
    flash(error_text(error), "warning")
    return redirect(url_for("organisasjon.tjenester"), 303)


@blueprint.route("/kontoer/<uuid:konto_id>", methods=["GET", "POST"])
def konto(konto_id: UUID) -> Answer:
    """One konto: its name to change, its settings, and whether it is open."""
    skjema = _name_form(konto_id)
    if request.method == "POST":
        refused = _rename(konto_id)
        if refused is None:
            flash("Navnet er lagret.", "success")
            return redirect(url_for("organisasjon.konto", konto_id=konto_id), 303)
        skjema = refused
    page = render_template(
        "organisasjon/konto.html",
        node=administered_konto(konto_id),
        skjema=skjema,
        passord_laget=password.password_created_at(konto_id, actor=current_actor()),
        deler=[(part, DELER[part], pairs) for part, pairs in forms.summary(konto_id).items()],
    )
    return page, skjema.status


def _name_form(konto_id: UUID) -> Skjema:
    return stored_form(NAVNEFELT, {"visningsnavn": administered_konto(konto_id).navn})


def _rename(konto_id: UUID) -> Skjema | None:
    navn = request.form.get("visningsnavn", "").strip()
    return save_part(
        request.form,
        lambda vist: service.rename_konto(konto_id, navn, vist=vist, actor=current_actor()),
        lambda: _name_form(konto_id),
        {"visningsnavn": navn},
    )


@blueprint.route("/kontoer/<uuid:konto_id>/oppsett/<kontodel>", methods=["GET", "POST"])
def kontodel(konto_id: UUID, kontodel: str) -> Answer:
    """Change one part of a konto's settings."""
    if kontodel not in set(Kontodel):
        abort(404)
    return _change_part(konto_id, Kontodel(kontodel))


@blueprint.route(f"/kontoer/<uuid:konto_id>/oppsett/{Kontodel.BANKKONTO}", methods=["GET", "POST"])
def bankkonto(konto_id: UUID) -> Answer:
    """Change the bank account for payments: the part that requires a fresh login."""
    return _change_part(konto_id, Kontodel.BANKKONTO)


def _change_part(konto_id: UUID, part: Kontodel) -> Answer:
    node = administered_konto(konto_id)
    skjema = forms.stored_settings_form(part, konto_id)
    if request.method == "POST":
        refused = forms.save(part, konto_id, request.form, current_actor())
        if refused is None:
            flash("Endringene er lagret.", "success")
            return redirect(url_for("organisasjon.konto", konto_id=konto_id), 303)
        skjema = refused
    page = render_template(
        "organisasjon/kontodel.html",
        node=node,
        skjema=skjema,
        overskrift=DELER[part],
        ingress=INGRESSER[part],
    )
    return page, skjema.status


@blueprint.route("/kontoer/<uuid:konto_id>/steng", methods=["GET", "POST"])
def steng_konto(konto_id: UUID) -> Answer:
    """Ask, stating the consequence; then close the konto."""
    node = administered_konto(konto_id)
    if request.method == "GET":
        return render_template("organisasjon/steng_konto.html", node=node)
    service.deactivate_konto(konto_id, actor=current_actor())
    flash(f"{node.navn} er stengt.", "success")
    return redirect(url_for("organisasjon.konto", konto_id=konto_id), 303)


@blueprint.post("/kontoer/<uuid:konto_id>/apne")
def apne_konto(konto_id: UUID) -> AnyResponse:
    """Reopen the konto."""
    node = administered_konto(konto_id)
    service.activate_konto(konto_id, actor=current_actor())
    flash(f"{node.navn} er åpen igjen.", "success")
    return redirect(url_for("organisasjon.konto", konto_id=konto_id), 303)


def administered_konto(konto_id: UUID) -> Node:
    """A konto of the chosen organisation that the visitor administers; IkkeFunnet for any other id."""
    queries.require(current_actor(), P.ADMIN, konto_id)
    for node in ressurs_tree(chosen_organisation()):
        if node.id == konto_id and node.avsender is not None:
            return node
    raise IkkeFunnet("FINNES_IKKE")
