"""Grant access to an integrasjon, on a grid of everything the visitor can grant."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import FiksError, IkkeTilgang, Konflikt, UgyldigInndata
from fiks.konfigurasjon.integrasjon import grants
from fiks.konfigurasjon.integrasjon import queries as integrasjon_queries
from fiks.konfigurasjon.integrasjon.queries import Integrasjonsdetalj, Mulighet
from fiks.konfigurasjon.tilgang import queries
from portal.access.actor import chosen_organisation, current_actor
from portal.integrasjoner import access_grid
from portal.integrasjoner.access_grid import Rad
from portal.integrasjoner.blueprint import blueprint, visible_integrasjon
from portal.texts import error_text
from portal.texts.formats import antall
from portal.texts.konfigurasjon.privilegier import PRIVILEGIER, RESSURSTYPER
from portal.ui.form_values import read_digest

Answer = AnyResponse | str | tuple[str, int]


@blueprint.route("/<uuid:integrasjon_id>/tilganger", methods=["GET", "POST"])
def gi(integrasjon_id: UUID) -> Answer:
    """Grant access: to an own integrasjon what is ticked, to a global one what it requests on the ticked
    ressurser.
    """
    integrasjon, places = visible_integrasjon(integrasjon_id), _places(integrasjon_id)
    if request.method == "GET":
        return _page(integrasjon_id, places, None)
    try:
        given = _give(integrasjon, places, request.form)
    except (Konflikt, UgyldigInndata) as error:
        return _page(integrasjon_id, places, error)
    done = f"{integrasjon.navn} har fått {antall(given, 'ny tilgang', 'nye tilganger')}."
    flash(done if given else "Integrasjonen hadde disse tilgangene fra før.", "success")
    return redirect(url_for("integrasjoner.detalj", integrasjon_id=integrasjon_id), 303)


def _places(integrasjon_id: UUID) -> list[Mulighet]:
    """What the visitor may grant to this integrasjon and where; IkkeTilgang for a visitor who may grant
    nothing.
    """
    organisasjon_id, actor = chosen_organisation(), current_actor()
    if not queries.administers_any_ressurs(organisasjon_id, actor=actor):
        raise IkkeTilgang("MANGLER_PRIVILEGIUM")
    places = integrasjon_queries.grant_options(organisasjon_id, actor=actor)
    asked = integrasjon_queries.requested_privileges(integrasjon_id)
    return access_grid.requested_places(places, asked) if asked else places


def _rows(integrasjon_id: UUID, places: list[Mulighet], form: Mapping[str, str]) -> list[Rad]:
    held = integrasjon_queries.tilganger_of(integrasjon_id, chosen_organisation(), actor=current_actor())
    return access_grid.grid_rows(places, held, form)


def _give(integrasjon: Integrasjonsdetalj, places: list[Mulighet], form: Mapping[str, str]) -> int:
    organisasjon_id, actor, shown = chosen_organisation(), current_actor(), read_digest(form.get("vist", ""))
    if integrasjon.organisasjon_id is None:
        ressurser = [m.ressurs_id for m in places if access_grid.box_name(m.ressurs_id, "alt") in form]
        return grants.approve_global_integrasjon(
            integrasjon.id, organisasjon_id, ressurser=ressurser, shown=shown, actor=actor
        )
    valg = access_grid.ticked_choices(access_grid.grid_rows(places, (), form))
    return grants.approve_integrasjon(integrasjon.id, organisasjon_id, valg=valg, shown=shown, actor=actor)


def _page(integrasjon_id: UUID, places: list[Mulighet], error: FiksError | None) -> Answer:
    """The grid as stored now, with ticks kept.

    The digest is computed before the grid is read: a change in between is then refused, and never goes
    unseen.
    """
    vist = integrasjon_queries.tilganger_digest(integrasjon_id, chosen_organisation())
    integrasjon = visible_integrasjon(integrasjon_id)
    rader = _rows(integrasjon.id, places, request.form)
    columns = list(dict.fromkeys(p for m in places for p in m.privilegier))
    page = render_template(
        "integrasjoner/gi.html",
        i=integrasjon,
        rader=rader,
        kolonner=columns,
        overskrifter=[PRIVILEGIER[p].navn for p in columns],
        vist=vist.hex(),
        privilegier=PRIVILEGIER,
        typer=RESSURSTYPER,
        valgt=request.form,
        felt_alt=access_grid.box_name,
        feil={_first_box(integrasjon, rader): error_text(error)} if error else {},
    )
    return (page, error.status) if error else page


def _first_box(integrasjon: Integrasjonsdetalj, rader: list[Rad]) -> str:
    """Id of the first box that can be ticked: the target of the error summary."""
    for rad in rader:
        if integrasjon.organisasjon_id is None and not rad.har_alt:
            return access_grid.box_name(rad.mulighet.ressurs_id, "alt")
        for rute in rad.ruter:
            if integrasjon.organisasjon_id is not None and not rute.har:
                return rute.felt
    return "innhold"
