"""The list of integrasjoner, and the page of one."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request

from fiks.konfigurasjon.integrasjon import queries as integrasjon_queries
from fiks.konfigurasjon.integrasjon.queries import PAGE
from fiks.konfigurasjon.tilgang import queries
from portal.access.actor import chosen_organisation, current_actor, may_enter
from portal.access.table import TILGANG
from portal.integrasjoner.blueprint import blueprint, may_manage, visible_integrasjon
from portal.texts.konfigurasjon.organisasjon import TJENESTER
from portal.texts.konfigurasjon.privilegier import PRIVILEGIER, RESSURSTYPER


@blueprint.get("")
def oversikt() -> str:
    """The organisation's own integrasjoner, and the global ones on offer."""
    organisasjon_id, actor, after = (
        chosen_organisation(),
        current_actor(),
        request.args.get("etter", type=UUID),
    )
    rader = integrasjon_queries.integrasjoner(organisasjon_id, actor=actor, after=after, limit=PAGE + 1)
    globale = integrasjon_queries.global_integrasjoner(organisasjon_id, actor=actor)
    asked = integrasjon_queries.requested_privileges_of([rad.id for rad in globale])
    return render_template(
        "integrasjoner/oversikt.html",
        rader=rader[:PAGE],
        neste=rader[PAGE - 1].id if len(rader) > PAGE else None,
        fra_start=after is None,
        globale=[(rad, _in_words(asked[rad.id])) for rad in globale],
        tjenester=TJENESTER,
        kan_administrere=may_manage(),
    )


def _in_words(asked: list[tuple[str, str]]) -> list[str]:
    """What a global integrasjon requests, in words."""
    return [f"{PRIVILEGIER[navn].navn} ({RESSURSTYPER[type_].lower()})" for type_, navn in asked]


@blueprint.get("/<uuid:integrasjon_id>")
def detalj(integrasjon_id: UUID) -> str:
    """One integrasjon: facts, age of its password, and its tilganger here."""
    organisasjon_id, actor = chosen_organisation(), current_actor()
    integrasjon = visible_integrasjon(integrasjon_id)
    held = integrasjon_queries.tilganger_of(integrasjon_id, organisasjon_id, actor=actor)
    places = {m.ressurs_id for m in integrasjon_queries.grant_options(organisasjon_id, actor=actor)}
    return render_template(
        "integrasjoner/detalj.html",
        i=integrasjon,
        tilganger=held,
        kan_gi=queries.administers_any_ressurs(organisasjon_id, actor=actor),
        administrerer=places,
        kan_trekke_alle=bool(held) and all(t.ressurs_id in places for t in held),
        kan_administrere=may_manage() and integrasjon.organisasjon_id is not None,
        ser_logg=may_enter(TILGANG["forvaltning.revisjonslogg"]),
        ber_om=[
            (RESSURSTYPER[type_], PRIVILEGIER[navn])
            for type_, navn in integrasjon_queries.requested_privileges(integrasjon_id)
        ],
        privilegier=PRIVILEGIER,
        typer=RESSURSTYPER,
        tjenester=TJENESTER,
    )
