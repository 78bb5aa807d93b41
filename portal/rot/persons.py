"""Correct a person's name that was registered wrongly."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import IkkeTilgang, UgyldigInndata
from fiks.konfigurasjon.field_rules import reason_fault
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.rot.corrections import rename_person
from portal.access.actor import current_actor
from portal.extensions import LOOKUP_LIMIT, limiter
from portal.rot.blueprint import blueprint
from portal.rot.forms import fault_text, without_number
from portal.texts import error_text

Answer = AnyResponse | str | tuple[str, int]


@blueprint.route("/organisasjoner/rett-navn", methods=["GET", "POST"])
@limiter.limit(LOOKUP_LIMIT, methods=["POST"])
def rett_navn() -> Answer:
    """Both names are entered: the present one proves that the number is right."""
    if request.method == "GET":
        return _page({})
    fnr = "".join(request.form.get("fnr", "").split())
    fra, til = (" ".join(request.form.get(name, "").split()) for name in ("fra", "til"))
    reason = request.form.get("begrunnelse", "").strip()
    if feil := _faults(fnr, fra, til, reason):
        return _page(feil)
    try:
        rename_person(fnr, fra=fra, til=til, begrunnelse=reason, actor=current_actor())
    except UgyldigInndata as error:
        return _page({error.felt or "fnr": error_text(error)})
    except IkkeTilgang as error:
        if error.kode != "EGET_NAVN":
            raise
        return _page({"fnr": error_text(error)}, error.status)
    flash(f"{fra} heter nå {til}. Organisasjonene til personen ser det i loggen sin.", "success")
    return redirect(url_for("rot.organisasjoner"), 303)


def _faults(fnr: str, fra: str, til: str, reason: str) -> dict[str, str]:
    """Field to sentence, in the order of the page."""
    before, after = Personopplysninger(fnr, fra).faults(), Personopplysninger(fnr, til).faults()
    found = {
        "fnr": before.get("fnr"),
        "fra": before.get("personnavn"),
        "til": after.get("personnavn"),
        "begrunnelse": reason_fault(reason),
    }
    return {felt: fault_text(felt, kode) for felt, kode in found.items() if kode is not None}


def _page(feil: dict[str, str], status: int = 422) -> Answer:
    page = render_template("rot/rett_navn.html", verdier=without_number(request.form), feil=feil)
    return (page, status) if feil else page
