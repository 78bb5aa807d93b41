"""Who and what there is: organisation, kontoer, grants, the audit log. To look at; changing comes later."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request

from fiks.konfigurasjon import queries
from fiks.konfigurasjon.queries import PAGE
from fiks.konfigurasjon.rules import P
from portal.forvaltning.blueprint import blueprint
from portal.texts.hendelser import HANDLINGER
from portal.texts.privilegier import PRIVILEGIER, RESSURSTYPER, TJENESTER
from portal.tilgang import current_actor
from portal.utsending.view import number_arg


def _organisation(privilege: P) -> UUID:
    """The chosen organisation, if the visitor holds `privilege` on it."""
    actor = current_actor()
    assert actor.organisasjon_id is not None
    queries.require(actor, privilege, actor.organisasjon_id)
    return actor.organisasjon_id


@blueprint.get("/konfigurasjon")
def konfigurasjon() -> str:
    """The organisation and its kontoer."""
    organisasjon_id = _organisation(P.ORG_LES)
    return render_template(
        "forvaltning/konfigurasjon.html",
        org=queries.organisasjon(organisasjon_id),
        kontoer=queries.kontoer_of(organisasjon_id),
    )


@blueprint.get("/privilegier")
def privilegier() -> str:
    """Who holds what, on what, since when and from whom."""
    organisasjon_id = _organisation(P.ORG_LES)
    after = number_arg("etter") or 0
    rader = queries.tilganger(organisasjon_id, after=after, limit=PAGE + 1)
    return render_template(
        "forvaltning/privilegier.html",
        rader=rader[:PAGE],
        flere=after + PAGE if len(rader) > PAGE else None,
        fra_start=after == 0,
        navn=PRIVILEGIER,
        tjenester=TJENESTER,
        typer=RESSURSTYPER,
    )


@blueprint.get("/revisjonslogg")
def revisjonslogg() -> str:
    """What has been done, by whom, newest first."""
    organisasjon_id = _organisation(P.AUDIT_LES)
    before, handling = number_arg("for"), request.args.get("handling", "")
    handling = handling if handling in HANDLINGER else ""
    rader = queries.audit_log(organisasjon_id, before=before, handling=handling or None, limit=PAGE + 1)
    return render_template(
        "forvaltning/revisjonslogg.html",
        rader=rader[:PAGE],
        flere=rader[PAGE - 1].id if len(rader) > PAGE else None,
        fra_start=before is None,
        handling=handling,
        valg=[("", "Alle"), *sorted(HANDLINGER.items(), key=lambda item: item[1])],
    )
