"""Read and sign an agreement: exactly the text that was shown, by a person with a fresh login."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.avtale import service
from fiks.konfigurasjon.avtale.queries import agreement, agreements_of
from fiks.konfigurasjon.rules import P
from portal.access.actor import current_actor
from portal.organisasjon.blueprint import blueprint, may_here, own_organisation
from portal.texts import error_text, tekst
from portal.ui.form_values import read_digest

Answer = AnyResponse | str | tuple[str, int]


@blueprint.get("/avtaler/<uuid:avtale_id>")
def avtale(avtale_id: UUID) -> Answer:
    """The text, with the form to sign where it is in force and unsigned."""
    return _page(avtale_id, "", {})


@blueprint.post("/avtaler/<uuid:avtale_id>/signer")
def signer(avtale_id: UUID) -> Answer:
    """Sign; the digest in the form identifies the text that was read."""
    organisasjon_id = own_organisation(P.AVTALE_SIGNER)
    name = request.form.get("navn", "").strip()
    if "bekreftet" not in request.form:
        return _page(avtale_id, name, {"bekreftet": tekst("SIGNERING_IKKE_BEKREFTET")})
    try:
        service.sign_avtale(
            organisasjon_id,
            avtale_id,
            navn=name,
            digest=read_digest(request.form.get("digest", "")),
            actor=current_actor(),
        )
    except UgyldigInndata as error:
        return _page(avtale_id, name, {error.felt or "navn": error_text(error)})
    except Konflikt as error:
        flash(error_text(error), "warning")
        return redirect(url_for("organisasjon.tjenester"), 303)
    flash("Avtalen er signert.", "success")
    return redirect(url_for("organisasjon.tjenester"), 303)


def _page(avtale_id: UUID, name: str, feil: dict[str, str]) -> Answer:
    organisasjon_id = own_organisation(P.ORG_LES, P.AVTALE_SIGNER)
    shown = agreement(avtale_id, organisasjon_id)
    in_force = avtale_id in {one.avtale_id for one in agreements_of(organisasjon_id)}
    page = render_template(
        "organisasjon/avtale.html",
        a=shown,
        org=queries.organisasjon(organisasjon_id),
        gjelder=in_force,
        kan_signere=in_force and shown.signert is None and may_here(P.AVTALE_SIGNER),
        mitt_navn=current_actor().navn,
        skrevet=name,
        feil=feil,
    )
    return (page, 422) if feil else page
