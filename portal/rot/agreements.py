"""The agreements: what is in force and who has signed it, and the next version, looked at before it is published."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt
from fiks.konfigurasjon import agreements, root_queries
from fiks.konfigurasjon.agreements import NyAvtale
from fiks.konfigurasjon.root_queries import Avtaleutgave
from portal.rot.blueprint import blueprint
from portal.texts import error_text, tekst
from portal.texts.organisasjon import TJENESTER
from portal.tilgang import current_actor

Answer = AnyResponse | str | tuple[str, int]
MAIN = "hovedavtale"
"""Stands in an address for the agreement that belongs to no service."""


def name_of(tjeneste_kode: str | None) -> str:
    """What an agreement is called whether it is published or not."""
    return "Hovedavtale" if tjeneste_kode is None else f"Tjenestevedlegg for {TJENESTER[tjeneste_kode].navn}"


@blueprint.get("/avtaler")
def avtaler() -> str:
    """Each agreement, its version in force, and how many have signed it."""
    rader = root_queries.agreements(actor=current_actor())
    return render_template(
        "rot/avtaler.html", rader=[(name_of(a.tjeneste_kode), a.tjeneste_kode or MAIN, a) for a in rader]
    )


@blueprint.route("/avtaler/<kode>/ny", methods=["GET", "POST"])
def ny_avtale(kode: str) -> Answer:
    """Write the next version; look it over, with what follows from it; publish."""
    now = root_queries.agreement(None if kode == MAIN else kode, actor=current_actor())
    if request.method == "GET":
        return _write(
            kode, now, NyAvtale(now.tjeneste_kode, now.tittel or name_of(now.tjeneste_kode), now.tekst), {}
        )
    ny = _read(now)
    feil = {felt: tekst(fault) for felt, fault in ny.faults().items()}
    if feil or "rett" in request.form:
        return _write(kode, now, ny, feil)
    if "publiser" not in request.form:
        return _look_over(kode, now, ny)
    try:
        versjon = agreements.publish_avtale(ny, actor=current_actor())
    except Konflikt as error:
        return _write(kode, now, ny, {"tekst": error_text(error)})
    flash(f"«{ny.tittel}» er publisert som versjon {versjon}.", "success")
    return redirect(url_for("rot.avtaler"), 303)


def _read(now: Avtaleutgave) -> NyAvtale:
    """What was sent. The version that its page showed goes with it, so that nobody's work is written over."""
    seen = request.form.get("erstatter", "")
    title, body = NyAvtale(None, request.form.get("tittel", ""), request.form.get("tekst", "")).tidied()
    return NyAvtale(now.tjeneste_kode, title, body, int(seen) if seen.isdecimal() and len(seen) < 9 else -1)


def _write(kode: str, now: Avtaleutgave, ny: NyAvtale, feil: dict[str, str]) -> Answer:
    page = render_template(
        "rot/ny_avtale.html", kode=kode, navn=name_of(now.tjeneste_kode), na=now, ny=ny, feil=feil
    )
    return (page, 422) if feil else page


def _look_over(kode: str, now: Avtaleutgave, ny: NyAvtale) -> str:
    return render_template(
        "rot/publiser_avtale.html", kode=kode, navn=name_of(now.tjeneste_kode), na=now, ny=ny
    )
