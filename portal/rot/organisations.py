"""The organisations: find one, see its set-up, and give it an administrator."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import IkkeFunnet, Konflikt, UgyldigInndata
from fiks.konfigurasjon.field_rules import reason_fault
from fiks.konfigurasjon.organisasjon import service
from fiks.konfigurasjon.person.service import name_of
from fiks.konfigurasjon.rot import queries
from fiks.konfigurasjon.rot.queries import PAGE
from portal.access.actor import current_actor
from portal.extensions import LOOKUP_LIMIT, limiter
from portal.rot.blueprint import blueprint
from portal.rot.forms import fault_text, read_administrator, without_number
from portal.texts import error_text
from portal.texts.konfigurasjon.organisasjon import TJENESTER, TYPER

Answer = AnyResponse | str | tuple[str, int]


@blueprint.route("/organisasjoner", methods=["GET", "POST"])
def organisasjoner() -> str:
    """All by name, or those a search finds. The search is posted in the body: it may be a personal number."""
    sok, after = request.form.get("sok", "").strip()[:200], _after()
    rader = queries.organisations(sok=sok, after=after, limit=PAGE + 1, actor=current_actor())
    more = len(rader) > PAGE
    return render_template(
        "rot/organisasjoner.html",
        rader=rader[:PAGE],
        sok=sok,
        for_mange=more and bool(sok),
        neste=rader[PAGE - 1].id if more and not sok else None,
        fra_start=after is None,
        typer=TYPER,
    )


def _after() -> tuple[str, UUID] | None:
    """The organisation the previous page ended with; None for the first page."""
    shown = request.args.get("etter", type=UUID)
    if shown is None:
        return None
    try:
        last = queries.organisation(shown, actor=current_actor())
    except IkkeFunnet:
        return None
    return last.rad.navn, last.rad.id


@blueprint.get("/organisasjoner/<uuid:organisasjon_id>")
def organisasjon(organisasjon_id: UUID) -> str:
    """What the platform knows about one organisation, never what it does."""
    return render_template(
        "rot/organisasjon.html",
        o=queries.organisation(organisasjon_id, actor=current_actor()),
        typer=TYPER,
        tjenester=TJENESTER,
    )


@blueprint.route("/organisasjoner/<uuid:organisasjon_id>/administrator", methods=["GET", "POST"])
@limiter.limit(LOOKUP_LIMIT, methods=["POST"])
def ny_administrator(organisasjon_id: UUID) -> Answer:
    """Make a person its administrator, with a reason that the organisation sees."""
    found = queries.organisation(organisasjon_id, actor=current_actor())
    if request.method == "GET":
        return _administrator_page(found, {})
    person, reason = read_administrator(request.form), request.form.get("begrunnelse", "").strip()
    feil = {felt: fault_text(felt, kode) for felt, kode in person.faults().items()}
    if fault := reason_fault(reason):
        feil["begrunnelse"] = fault_text("begrunnelse", fault)
    if feil:
        return _administrator_page(found, feil)
    try:
        made = service.add_administrator(organisasjon_id, person, begrunnelse=reason, actor=current_actor())
    except UgyldigInndata as error:
        return _administrator_page(found, {error.felt or "fnr": error_text(error)})
    except Konflikt as error:
        flash(error_text(error), "warning")
    else:
        flash(
            f"{name_of(made)} er administrator i {found.rad.navn}. Organisasjonen ser det i loggen sin.",
            "success",
        )
    return redirect(url_for("rot.organisasjon", organisasjon_id=organisasjon_id), 303)


def _administrator_page(found: queries.Organisasjonsdetalj, feil: dict[str, str]) -> Answer:
    page = render_template(
        "rot/ny_administrator.html", o=found, verdier=without_number(request.form), feil=feil
    )
    return (page, 422) if feil else page
