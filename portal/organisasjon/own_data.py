"""The organisation's own data, to read and change, and its tree of ressurser."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.konfigurasjon import queries
from fiks.konfigurasjon.konto.settings import angrefrist_in_minutes
from fiks.konfigurasjon.organisasjon.queries import agreement_administrator, ressurs_tree
from fiks.konfigurasjon.organisasjon.rules import Oppsettstrinn
from fiks.konfigurasjon.rules import P, Ressurstype
from fiks.sms.kontoer import closed_by_konto
from portal.access.actor import current_actor
from portal.extensions import LOOKUP_LIMIT, limiter
from portal.organisasjon import forms
from portal.organisasjon.blueprint import blueprint, may_here, own_organisation
from portal.organisasjon.summary import angrefrist_text, parts
from portal.texts.konfigurasjon.organisasjon import TRINN, TYPER
from portal.texts.konfigurasjon.privilegier import RESSURSTYPER


@blueprint.get("/konfigurasjon")
def oversikt() -> str:
    """The organisation's data, part by part, and its kontoer."""
    organisasjon_id = own_organisation(P.ORG_LES)
    return render_template(
        "organisasjon/oversikt.html",
        org=queries.organisasjon(organisasjon_id),
        typer=TYPER,
        deler=[
            (part, TRINN[part], pairs, _may_change(part)) for part, pairs in parts(organisasjon_id).items()
        ],
        kontoer=[
            (k, angrefrist_text(angrefrist_in_minutes(k.angrefrist_sekunder)))
            for k in queries.kontoer_of(organisasjon_id)
        ],
        kan_administrere=may_here(P.ADMIN),
        kan_redigere=may_here(P.ORG_REDIGER),
    )


def _may_change(part: Oppsettstrinn) -> bool:
    return may_here(forms.DELER[part].privilegium)


@blueprint.route("/konfigurasjon/<trinn>", methods=["GET", "POST"])
@limiter.limit(LOOKUP_LIMIT, methods=["POST"])
def rediger(trinn: str) -> AnyResponse | str | tuple[str, int]:
    """Change one part."""
    part = next((one for one in forms.DELER if one == trinn), None)
    if part is None:
        abort(404)
    organisasjon_id = own_organisation(forms.DELER[part].privilegium)
    skjema = forms.stored_facts_form(part, organisasjon_id)
    if request.method == "POST":
        refused = forms.save(part, organisasjon_id, request.form, current_actor())
        if refused is None:
            flash("Endringene er lagret.", "success")
            return redirect(url_for("organisasjon.oversikt"), 303)
        skjema = refused
    named = agreement_administrator(organisasjon_id) if part is Oppsettstrinn.AVTALEADMINISTRATOR else None
    page = render_template(
        "organisasjon/rediger.html", skjema=skjema, overskrift=TRINN[part], trinn=part, navngitt=named
    )
    return page, skjema.status


@blueprint.get("/ressurser")
def ressurser() -> str:
    """The tree of ressurser, with the direct and inherited grants of each."""
    organisasjon_id = own_organisation(P.ORG_LES, P.ADMIN)
    noder = ressurs_tree(organisasjon_id)
    return render_template(
        "organisasjon/ressurser.html",
        noder=noder,
        stengt_sms=closed_by_konto(organisasjon_id),
        varsling=any(node.type == Ressurstype.VARSLING for node in noder),
        typer=RESSURSTYPER,
        kan_administrere=may_here(P.ADMIN),
    )
