"""Change an organisation's name, type and number in two steps: write, then review with the consequences.

Nothing is stored between the steps: the second form carries the first one's values and the mark of what its
page showed.
"""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.konfigurasjon.field_rules import reason_fault
from fiks.konfigurasjon.rot import queries
from fiks.konfigurasjon.rot.corrections import Grunnopplysninger
from fiks.konfigurasjon.rules import Organisasjonstype
from fiks.konfigurasjon.stale_form import mark_of
from fiks.utsending.sending.sender_change import change_sender
from portal.access.actor import current_actor
from portal.extensions import LOOKUP_LIMIT, limiter
from portal.org_lookup import Registersvar, look_up
from portal.rot.blueprint import blueprint
from portal.rot.forms import fault_text, read_organisation
from portal.texts import error_text, tekst
from portal.texts.konfigurasjon.organisasjon import ORGANISASJONSFELT, TYPER

Answer = AnyResponse | str | tuple[str, int]


@blueprint.route("/organisasjoner/<uuid:organisasjon_id>/navn", methods=["GET", "POST"])
@limiter.limit(LOOKUP_LIMIT, methods=["POST"])
def endre_organisasjon(organisasjon_id: UUID) -> Answer:
    """Write; review; change. `endre` in the form says that it was reviewed."""
    now = _facts(queries.organisation(organisasjon_id, actor=current_actor()))
    if request.method == "GET":
        return _write(now, now, mark_of(asdict(now)), {})
    ny, vist = _read(), request.form.get("vist", "")
    feil = {
        felt: tekst("TYPE_MANGLER") if felt == "type" else fault_text(felt, k)
        for felt, k in ny.faults().items()
    }
    if fault := reason_fault(_reason()):
        feil["begrunnelse"] = fault_text("begrunnelse", fault)
    if not feil and ny == now:
        if "endre" in request.form:
            flash(f"{now.navn} står slik nå.", "success")
        else:
            flash("Ingenting er endret: alt står slik fra før.", "info")
        return redirect(url_for("rot.organisasjon", organisasjon_id=organisasjon_id), 303)
    if feil or "rett" in request.form:
        return _write(now, ny, vist, feil)
    return _change(organisasjon_id, now, ny, vist) if "endre" in request.form else _look_over(now, ny, vist)


def _facts(found: queries.Organisasjonsdetalj) -> Grunnopplysninger:
    return Grunnopplysninger(found.rad.navn, found.rad.orgnr, found.rad.type, found.kommunenr or "")


def _read() -> Grunnopplysninger:
    form = read_organisation(request.form)
    return Grunnopplysninger(form.navn, form.orgnr, form.type, form.kommunenr)


def _reason() -> str:
    return request.form.get("begrunnelse", "").strip()


def _change(organisasjon_id: UUID, now: Grunnopplysninger, ny: Grunnopplysninger, vist: str) -> Answer:
    try:
        change_sender(organisasjon_id, ny, begrunnelse=_reason(), vist=vist, actor=current_actor())
    except UgyldigInndata as error:
        return _write(now, ny, vist, {error.felt or "navn": error_text(error)})
    except Konflikt as error:
        if error.kode == "OPPLYSNINGER_ENDRET":
            return _write(now, ny, mark_of(asdict(now)), {"navn": error_text(error)}, 409)
        return _write(now, ny, vist, {error.felt or "navn": error_text(error)}, 409)
    flash(f"{ny.navn} er endret. Organisasjonen ser det i loggen sin.", "success")
    return redirect(url_for("rot.organisasjon", organisasjon_id=organisasjon_id), 303)


def _write(
    now: Grunnopplysninger, ny: Grunnopplysninger, vist: str, feil: dict[str, str], status: int = 422
) -> Answer:
    types = [
        (kode, navn) for kode, navn in TYPER.items() if kode in {*Organisasjonstype} - {"UKJENT"} | {now.type}
    ]
    page = render_template(
        "rot/endre_organisasjon.html",
        na=now,
        ny=ny,
        vist=vist,
        typer=types,
        begrunnelse=_reason(),
        feil=feil,
    )
    return (page, status) if feil else page


def _look_over(now: Grunnopplysninger, ny: Grunnopplysninger, vist: str) -> str:
    unit = look_up(ny.orgnr)
    shown = [(felt, _shown(now, felt), _shown(ny, felt)) for felt in ("navn", "type", "orgnr", "kommunenr")]
    return render_template(
        "rot/se_over_organisasjon.html",
        na=now,
        ny=ny,
        vist=vist,
        begrunnelse=_reason(),
        endringer=[(ORGANISASJONSFELT[felt], old, new) for felt, old, new in shown if old != new],
        merknad=tekst(f"ROT_ENHET_{unit.svar}", orgnr=unit.orgnr, navn=unit.navn),
        sikker=unit.svar is Registersvar.FUNNET,
    )


def _shown(facts: Grunnopplysninger, felt: str) -> str:
    value = str(getattr(facts, felt))
    return TYPER[value] if felt == "type" else value or "Ikke oppgitt"
