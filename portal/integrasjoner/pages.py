"""The list of integrasjoner, and the page of one."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request

from fiks.konfigurasjon import integration_access, integration_queries
from fiks.konfigurasjon.integration_queries import PAGE, Integrasjonsrad
from fiks.konfigurasjon.rules import P
from portal.integrasjoner.blueprint import blueprint, found, may_manage, own_organisation
from portal.integrasjoner.grid import by_ressurs
from portal.texts.organisasjon import TJENESTER
from portal.texts.privilegier import PRIVILEGIER, RESSURSTYPER
from portal.tilgang import current_actor, privileges_now


@blueprint.get("")
def oversikt() -> str:
    """The organisation's own, and the global ones it may let in."""
    organisasjon_id, actor, after = own_organisation(), current_actor(), _after()
    rader = integration_queries.integrasjoner(organisasjon_id, actor=actor, after=after, limit=PAGE + 1)
    globale = integration_queries.global_integrasjoner(organisasjon_id, actor=actor)
    return render_template(
        "integrasjoner/oversikt.html",
        rader=rader[:PAGE],
        neste=rader[PAGE - 1].id if len(rader) > PAGE else None,
        fra_start=after is None,
        globale=[(rad, _asks_for(rad)) for rad in globale],
        tjenester=TJENESTER,
        kan_administrere=may_manage(),
    )


def _after() -> UUID | None:
    try:
        return UUID(request.args.get("etter", ""))
    except ValueError:
        return None


def _asks_for(rad: Integrasjonsrad) -> list[str]:
    """What a global integrasjon wants, in words."""
    asked = integration_queries.requested(rad.id)
    return [f"{PRIVILEGIER[navn].navn} ({RESSURSTYPER[type_].lower()})" for type_, navn in asked]


@blueprint.get("/<uuid:integrasjon_id>")
def detalj(integrasjon_id: UUID) -> str:
    """Its facts, its password's age, and what it may do here."""
    organisasjon_id, actor = own_organisation(), current_actor()
    integrasjon = found(integrasjon_id)
    held = integration_queries.tilganger_of(integrasjon_id, organisasjon_id, actor=actor)
    places = {m.ressurs_id for m in integration_queries.possibilities(organisasjon_id, actor=actor)}
    return render_template(
        "integrasjoner/detalj.html",
        i=integrasjon,
        grupper=by_ressurs(held),
        antall=len(held),
        kan_gi=integration_access.may_approve(organisasjon_id, actor=actor),
        administrerer=places,
        kan_trekke_alle=bool(held) and all(t.ressurs_id in places for t in held),
        kan_administrere=may_manage() and integrasjon.organisasjon_id is not None,
        ser_logg=str(P.AUDIT_LES) in privileges_now(),
        ber_om=[
            (RESSURSTYPER[type_], PRIVILEGIER[navn])
            for type_, navn in integration_queries.requested(integrasjon_id)
        ],
        privilegier=PRIVILEGIER,
        typer=RESSURSTYPER,
        tjenester=TJENESTER,
    )
