"""A new organisation in two steps: its facts, with the register's answer; and its first administrator.

Nothing is stored between the steps: the second form carries the first one's values, which are checked again.
The personal number is asked for last, so that it is sent once and never back.
"""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.konfigurasjon.organisasjon import service
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.person.service import name_of
from fiks.konfigurasjon.rot.queries import organisations as find_organisations
from fiks.konfigurasjon.rules import Organisasjonstype
from fiks.konfigurasjon.service import person_by_pid
from portal.access.actor import current_actor
from portal.extensions import LOOKUP_LIMIT, limiter
from portal.org_lookup import Registersvar, look_up
from portal.rot.blueprint import blueprint
from portal.rot.forms import (
    Organisasjonsskjema,
    fault_text,
    read_administrator,
    read_organisation,
    without_number,
)
from portal.texts import error_text, tekst
from portal.texts.konfigurasjon.organisasjon import TYPER

Answer = AnyResponse | str | tuple[str, int]


@blueprint.route("/organisasjoner/ny", methods=["GET", "POST"])
@limiter.limit(LOOKUP_LIMIT, methods=["POST"])
def ny_organisasjon() -> Answer:
    """Step by step; `trinn` in the form says which step was sent."""
    skjema = read_organisation(request.form)
    if request.method == "GET" or "rett" in request.form:
        return _first(skjema, {})
    feil, last = skjema.faults(), request.form.get("trinn") == "2"
    if not feil and not last and find_organisations(sok=skjema.orgnr, actor=current_actor()):
        feil = {"orgnr": tekst("ORGANISASJON_FINNES")}
    if feil:
        return _first(skjema, feil)
    return _create(skjema) if last else _second(skjema, {})


def _create(skjema: Organisasjonsskjema) -> Answer:
    person = read_administrator(request.form)
    feil = {felt: fault_text(felt, kode) for felt, kode in person.faults().items()}
    if feil:
        return _second(skjema, feil)
    try:
        made = _make(skjema, person)
    except UgyldigInndata as error:
        return _second(skjema, {error.felt or "fnr": error_text(error)})
    except Konflikt as error:
        return _first(skjema, {error.felt or "orgnr": error_text(error)})
    first = person_by_pid(person.fnr)
    navn = person.navn if first is None else name_of(first)
    flash(f"{skjema.navn} er opprettet, med {navn} som første administrator.", "success")
    return redirect(url_for("rot.organisasjon", organisasjon_id=made), 303)


def _make(skjema: Organisasjonsskjema, person: Personopplysninger) -> UUID:
    return service.create_organisasjon(
        navn=skjema.navn,
        orgnr=skjema.orgnr,
        type=Organisasjonstype(skjema.type),
        administrator=person,
        actor=current_actor(),
        kommunenr=skjema.kommunenr or None,
        intern=skjema.intern,
    )


def _first(skjema: Organisasjonsskjema, feil: dict[str, str]) -> Answer:
    types = [(kode, navn) for kode, navn in TYPER.items() if kode != Organisasjonstype.UKJENT]
    page = render_template("rot/ny_organisasjon.html", skjema=skjema, feil=feil, typer=types)
    return (page, 422) if feil else page


def _second(skjema: Organisasjonsskjema, feil: dict[str, str]) -> Answer:
    unit = look_up(skjema.orgnr)
    page = render_template(
        "rot/forste_administrator.html",
        skjema=skjema,
        verdier=without_number(request.form),
        feil=feil,
        type=TYPER[skjema.type],
        merknad=tekst(f"ROT_ENHET_{unit.svar}", orgnr=unit.orgnr, navn=unit.navn),
        sikker=unit.svar is Registersvar.FUNNET,
    )
    return (page, 422) if feil else page
