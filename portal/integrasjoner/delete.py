"""Withdraw one tilgang or all, or delete the integrasjon. Each asks first, stating what stops."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.integrasjon import grants, service
from fiks.konfigurasjon.integrasjon import queries as integrasjon_queries
from fiks.konfigurasjon.integrasjon.queries import Maskintilgang
from fiks.konfigurasjon.rules import P
from portal.access.actor import chosen_organisation, current_actor
from portal.integrasjoner.blueprint import blueprint, managed_integrasjon, visible_integrasjon
from portal.texts import error_text, tekst
from portal.texts.formats import antall
from portal.texts.konfigurasjon.privilegier import PRIVILEGIER
from portal.ui.form_values import read_digest

Answer = AnyResponse | str | tuple[str, int]


@blueprint.route(
    "/<uuid:integrasjon_id>/tilganger/<uuid:maskintilgang_id>/trekk-tilbake", methods=["GET", "POST"]
)
def trekk_tilbake(integrasjon_id: UUID, maskintilgang_id: UUID) -> Answer:
    """Withdraw one tilgang."""
    try:
        return _withdraw(integrasjon_id, maskintilgang_id)
    except IkkeFunnet as error:
        return _gone(error, integrasjon_id, maskintilgang_id)


def _withdraw(integrasjon_id: UUID, maskintilgang_id: UUID) -> Answer:
    integrasjon, tilgang = visible_integrasjon(integrasjon_id), _held(integrasjon_id, maskintilgang_id)
    if request.method == "GET":
        return render_template(
            "integrasjoner/trekk_tilbake.html", i=integrasjon, t=tilgang, privilegier=PRIVILEGIER
        )
    grants.withdraw_tilgang(maskintilgang_id, actor=current_actor())
    flash("Tilgangen er trukket tilbake.", "success")
    return redirect(url_for("integrasjoner.detalj", integrasjon_id=integrasjon_id), 303)


def _gone(error: IkkeFunnet, integrasjon_id: UUID, maskintilgang_id: UUID | None = None) -> Answer:
    """Answer a double submit for a tilgang or integrasjon that has ended: say so; it has no page any more."""
    if request.method != "POST":
        raise error
    organisasjon_id, actor = chosen_organisation(), current_actor()
    if integrasjon_queries.is_deleted(integrasjon_id, organisasjon_id, actor=actor):
        flash(tekst("INTEGRASJON_ALT_SLETTET"), "info")
        return redirect(url_for("integrasjoner.oversikt"), 303)
    if maskintilgang_id is None or not grants.is_withdrawn(
        maskintilgang_id, integrasjon_id, organisasjon_id, actor=actor
    ):
        raise error
    flash(tekst("TILGANG_ALT_TRUKKET"), "info")
    return redirect(url_for("integrasjoner.detalj", integrasjon_id=integrasjon_id), 303)


def _held(integrasjon_id: UUID, tilgang_id: UUID) -> Maskintilgang:
    """A tilgang of the integrasjon that the visitor may withdraw; else the error of `queries.require`."""
    actor = current_actor()
    for one in integrasjon_queries.tilganger_of(integrasjon_id, chosen_organisation(), actor=actor):
        if one.id == tilgang_id:
            queries.require(actor, P.ADMIN, one.ressurs_id)
            return one
    raise IkkeFunnet("FINNES_IKKE")


@blueprint.route("/<uuid:integrasjon_id>/trekk-tilbake", methods=["GET", "POST"])
def trekk_alle(integrasjon_id: UUID) -> Answer:
    """Withdraw every tilgang in this organisation; the integrasjon itself stays."""
    try:
        return _ask_of_all(integrasjon_id) if request.method == "GET" else _withdraw_all(integrasjon_id)
    except IkkeFunnet as error:
        return _gone(error, integrasjon_id)


def _ask_of_all(integrasjon_id: UUID) -> str:
    """The question. The digest is computed before the grants are read: a change in between is then refused."""
    organisasjon_id, actor = chosen_organisation(), current_actor()
    vist = integrasjon_queries.tilganger_digest(integrasjon_id, organisasjon_id)
    integrasjon = visible_integrasjon(integrasjon_id)
    held = integrasjon_queries.tilganger_of(integrasjon_id, organisasjon_id, actor=actor)
    queries.require_each(actor, P.ADMIN, {one.ressurs_id for one in held} or {organisasjon_id})
    return render_template(
        "integrasjoner/trekk_alle.html", i=integrasjon, antall_tilganger=len(held), vist=vist.hex()
    )


def _withdraw_all(integrasjon_id: UUID) -> Answer:
    organisasjon_id, shown = chosen_organisation(), read_digest(request.form.get("vist", ""))
    visible_integrasjon(integrasjon_id)
    try:
        ended = grants.withdraw_integrasjon(
            integrasjon_id, organisasjon_id, shown=shown, actor=current_actor()
        )
    except Konflikt as error:
        flash(error_text(error), "warning")
        return _ask_of_all(integrasjon_id), error.status
    if ended:
        flash(f"{antall(ended, 'tilgang', 'tilganger')} er trukket tilbake.", "success")
    else:
        flash(tekst("INGEN_TILGANGER_IGJEN"), "info")
    return redirect(url_for("integrasjoner.detalj", integrasjon_id=integrasjon_id), 303)


@blueprint.route("/<uuid:integrasjon_id>/slett", methods=["GET", "POST"])
def slett(integrasjon_id: UUID) -> Answer:
    """Delete the integrasjon with all its tilganger."""
    try:
        return _delete(integrasjon_id)
    except IkkeFunnet as error:
        return _gone(error, integrasjon_id)


def _delete(integrasjon_id: UUID) -> Answer:
    integrasjon = managed_integrasjon(integrasjon_id)
    held = integrasjon_queries.tilganger_of(integrasjon_id, chosen_organisation(), actor=current_actor())
    if request.method == "GET":
        return render_template("integrasjoner/slett.html", i=integrasjon, antall_tilganger=len(held))
    ended = service.delete_integrasjon(integrasjon_id, actor=current_actor())
    flash(f"{integrasjon.navn} er slettet, med {antall(ended, 'tilgang', 'tilganger')}.", "success")
    return redirect(url_for("integrasjoner.oversikt"), 303)
