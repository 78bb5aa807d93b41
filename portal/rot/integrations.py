"""Global integrasjoner: offered to every organisation, with access nowhere until an organisation grants it."""

from __future__ import annotations

from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.konfigurasjon.integrasjon import queries, service
from fiks.konfigurasjon.integrasjon.rules import code_fault, requested_fault
from fiks.konfigurasjon.rot import queries as rot_queries
from fiks.konfigurasjon.rules import Definisjon, for_machines
from portal.access.actor import current_actor
from portal.extensions import PASSWORD_LIMIT, limiter
from portal.integrasjoner import forms
from portal.integrasjoner.create_edit import form_id
from portal.integrasjoner.forms import Skjema
from portal.integrasjoner.password import Videre, confirm_page, password_page, renew_password
from portal.rot.blueprint import blueprint
from portal.texts import error_text, tekst
from portal.texts.formats import antall
from portal.texts.konfigurasjon.organisasjon import TJENESTER
from portal.texts.konfigurasjon.privilegier import PRIVILEGIER, RESSURSTYPER

Answer = AnyResponse | str | tuple[str, int]


@blueprint.get("/integrasjoner")
def integrasjoner() -> str:
    """All global integrasjoner, and how many organisations have granted each access."""
    return render_template(
        "rot/integrasjoner.html", rader=rot_queries.global_integrasjoner(actor=current_actor())
    )


def box(definition: Definisjon) -> str:
    """Name of the box for one privilege to request."""
    return f"ber-om-{definition.ressurs_type}-{definition.navn}"


@blueprint.route("/integrasjoner/ny", methods=["GET", "POST"])
@limiter.limit(PASSWORD_LIMIT, methods=["POST"])
def ny_integrasjon() -> Answer:
    """Enter its facts and the privileges it requests, and get the password; see
    `integrasjoner.create_edit.ny`.
    """
    if request.method == "GET":
        return _new(forms.empty_form(), uuid4(), {})
    own, skjema = form_id(), forms.read(request.form, eget_orgnr="")
    feil = dict(skjema.feil) | _more_faults()
    if feil or skjema.varsel:
        return _new(skjema, own, feil)
    try:
        passord = service.create_global_integrasjon(
            integrasjon_id=own,
            kode=_code(),
            fakta=skjema.fakta,
            forespurte=_asked(),
            actor=current_actor(),
        )
    except Konflikt as error:
        if error.felt:
            return _new(skjema, own, {error.felt: error_text(error)})
        flash(error_text(error), "warning")
        return redirect(url_for("rot.integrasjoner"), 303)
    here = url_for("rot.integrasjon", global_id=own)
    return password_page(own, skjema.fakta, passord, Videre(tekst("GLOBAL_INTEGRASJON_LAGET"), here))


def _code() -> str:
    return request.form.get("kode", "").strip()


def _asked() -> list[Definisjon]:
    return [definition for definition in for_machines() if box(definition) in request.form]


def _more_faults() -> dict[str, str]:
    """Faults that only a global integrasjon can have."""
    feil = {"kode": tekst("KODE_UGYLDIG")} if code_fault(_code()) else {}
    return feil | ({box(for_machines()[0]): tekst("FORESPURT_UGYLDIG")} if requested_fault(_asked()) else {})


def _new(skjema: Skjema, own: UUID, feil: dict[str, str]) -> Answer:
    choices = [(box(d), PRIVILEGIER[d.navn], RESSURSTYPER[d.ressurs_type]) for d in for_machines()]
    page = render_template(
        "rot/ny_integrasjon.html",
        skjema=Skjema(skjema.fakta, feil, "" if feil else skjema.varsel),
        integrasjon_id=own,
        kode=_code(),
        valg=choices,
        valgt={box(d) for d in _asked()},
    )
    return (page, 422) if feil else page


@blueprint.get("/integrasjoner/<uuid:global_id>")
def integrasjon(global_id: UUID) -> str:
    """One global integrasjon."""
    asks = queries.requested_privileges(global_id)
    return render_template(
        "rot/integrasjon.html",
        g=rot_queries.global_integrasjon(global_id, actor=current_actor()),
        ber_om=[(RESSURSTYPER[type_], PRIVILEGIER[navn]) for type_, navn in asks],
        tjenester=TJENESTER,
    )


@blueprint.route("/integrasjoner/<uuid:global_id>/passord", methods=["GET", "POST"])
@limiter.limit(PASSWORD_LIMIT, methods=["POST"])
def passord(global_id: UUID) -> Answer:
    """As `integrasjoner.passord`."""
    found = rot_queries.global_integrasjon(global_id, actor=current_actor()).integrasjon
    neste = url_for("rot.integrasjon", global_id=global_id)
    if request.method == "GET":
        return confirm_page(found, (url_for("rot.integrasjoner"), "Globale integrasjoner"), neste)
    return renew_password(found, neste)


@blueprint.route("/integrasjoner/<uuid:global_id>/slett", methods=["GET", "POST"])
def slett_integrasjon(global_id: UUID) -> Answer:
    """Ask, stating whom it stops for; then delete it everywhere."""
    try:
        return _delete(global_id)
    except IkkeFunnet:
        if request.method != "POST" or not rot_queries.is_deleted(global_id, actor=current_actor()):
            raise
    flash(tekst("INTEGRASJON_ALT_SLETTET"), "info")
    return redirect(url_for("rot.integrasjoner"), 303)


def _delete(global_id: UUID) -> Answer:
    found = rot_queries.global_integrasjon(global_id, actor=current_actor())
    if request.method == "GET":
        return render_template("rot/slett_integrasjon.html", g=found)
    ended = service.delete_integrasjon(global_id, actor=current_actor())
    flash(f"{found.integrasjon.navn} er slettet, med {antall(ended, 'tilgang', 'tilganger')}.", "success")
    return redirect(url_for("rot.integrasjoner"), 303)
