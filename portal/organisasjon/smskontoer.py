"""SMS-kontoer: make one, change its name and what telephones show, close it and open it again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.konfigurasjon.rules import P
from fiks.sms import kontoer
from fiks.sms.models import Smskonto
from portal.organisasjon.blueprint import blueprint, own_organisation
from portal.texts import error_text
from portal.tilgang import current_actor

Answer = AnyResponse | str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Skrevet:
    """The form as it stands."""

    visningsnavn: str
    avsender: str


def _written() -> _Skrevet:
    return _Skrevet(*(request.form.get(name, "").strip() for name in ("visningsnavn", "avsender")))


@blueprint.route("/sms-kontoer/ny", methods=["GET", "POST"])
def ny_smskonto() -> Answer:
    """Make a konto under Varsling."""
    organisasjon_id, written = own_organisation(P.ADMIN), _written()
    feil: dict[str, str] = {}
    if request.method == "POST":
        try:
            kontoer.create_smskonto(
                organisasjon_id,
                visningsnavn=written.visningsnavn,
                avsender=written.avsender,
                actor=current_actor(),
            )
        except UgyldigInndata as error:
            feil = {error.felt or "visningsnavn": error_text(error)}
        except Konflikt as error:
            flash(error_text(error), "warning")
            return redirect(url_for("organisasjon.tjenester"), 303)
        else:
            flash("SMS-kontoen er laget. Gi noen tilgang til den før den brukes.", "success")
            return redirect(url_for("organisasjon.ressurser"), 303)
    page = render_template("organisasjon/ny_smskonto.html", verdier=written, feil=feil)
    return (page, 422) if feil else page


@blueprint.route("/sms-kontoer/<uuid:smskonto_id>", methods=["GET", "POST"])
def smskonto(smskonto_id: UUID) -> Answer:
    """One konto: its name and sender to change, and whether it is open."""
    konto = kontoer.administered(smskonto_id, actor=current_actor())
    verdier, feil = _Skrevet(konto.visningsnavn, konto.avsender), dict[str, str]()
    if request.method == "POST":
        verdier = _written()
        try:
            _change(konto, verdier, aktivert=konto.aktivert)
        except UgyldigInndata as error:
            feil = {error.felt or "visningsnavn": error_text(error)}
        else:
            flash("Endringene er lagret.", "success")
            return _to(smskonto_id)
    page = render_template("organisasjon/smskonto.html", konto=konto, verdier=verdier, feil=feil)
    return (page, 422) if feil else page


@blueprint.route("/sms-kontoer/<uuid:smskonto_id>/steng", methods=["GET", "POST"])
def steng_smskonto(smskonto_id: UUID) -> Answer:
    """Ask, saying what happens; then close it."""
    konto = kontoer.administered(smskonto_id, actor=current_actor())
    if request.method == "GET":
        return render_template("organisasjon/steng_smskonto.html", konto=konto)
    navn = konto.visningsnavn
    _change(konto, _Skrevet(navn, konto.avsender), aktivert=False)
    flash(f"{navn} er stengt.", "success")
    return _to(smskonto_id)


@blueprint.post("/sms-kontoer/<uuid:smskonto_id>/apne")
def apne_smskonto(smskonto_id: UUID) -> AnyResponse:
    """Open it again."""
    konto = kontoer.administered(smskonto_id, actor=current_actor())
    navn = konto.visningsnavn
    _change(konto, _Skrevet(navn, konto.avsender), aktivert=True)
    flash(f"{navn} er åpen igjen.", "success")
    return _to(smskonto_id)


def _change(konto: Smskonto, written: _Skrevet, *, aktivert: bool) -> None:
    kontoer.change_smskonto(
        konto.id,
        visningsnavn=written.visningsnavn,
        avsender=written.avsender,
        aktivert=aktivert,
        actor=current_actor(),
    )


def _to(smskonto_id: UUID) -> AnyResponse:
    return redirect(url_for("organisasjon.smskonto", smskonto_id=smskonto_id), 303)
