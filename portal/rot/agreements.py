"""The agreements: the version in force and its signers, and writing, reviewing and publishing the next
version.
"""

from __future__ import annotations

from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt
from fiks.konfigurasjon.avtale import service
from fiks.konfigurasjon.avtale.service import NyAvtale
from fiks.konfigurasjon.rot import queries
from fiks.konfigurasjon.rot.queries import Avtaleutgave
from portal.access.actor import current_actor
from portal.rot.blueprint import blueprint
from portal.texts import error_text, tekst
from portal.texts.konfigurasjon.organisasjon import TJENESTER

Answer = AnyResponse | str | tuple[str, int]
MAIN = "hovedavtale"
"""Stands in an address for the agreement that belongs to no service."""


def name_of(tjeneste_kode: str | None) -> str:
    """Name of an agreement, published or not."""
    return "Hovedavtale" if tjeneste_kode is None else f"Tjenestevedlegg for {TJENESTER[tjeneste_kode].navn}"


@blueprint.get("/avtaler")
def avtaler() -> str:
    """Each agreement, its version in force, and how many have signed it."""
    rader = queries.agreements(actor=current_actor())
    return render_template(
        "rot/avtaler.html", rader=[(name_of(a.tjeneste_kode), a.tjeneste_kode or MAIN, a) for a in rader]
    )


@blueprint.route("/avtaler/<kode>/ny", methods=["GET", "POST"])
def ny_avtale(kode: str) -> Answer:
    """Write the next version; review it with its consequences; publish."""
    now = _in_force(kode)
    if request.method == "GET":
        title = now.tittel or name_of(now.tjeneste_kode)
        return _write(kode, now, NyAvtale(now.tjeneste_kode, title, now.tekst, now.versjon), {})
    ny = _read(now)
    if ny.erstatter != now.versjon:
        return _conflict_page(kode, now, ny)
    feil = {felt: tekst(fault) for felt, fault in ny.faults().items()}
    if feil or "rett" in request.form:
        return _write(kode, now, ny, feil)
    return _publish(kode, now, ny) if "publiser" in request.form else _look_over(kode, now, ny)


def _in_force(kode: str) -> Avtaleutgave:
    return queries.agreement(None if kode == MAIN else kode, actor=current_actor())


def _read(now: Avtaleutgave) -> NyAvtale:
    """The posted version. It carries the version its page showed, so that nobody's work is overwritten
    (optimistic lock).
    """
    seen = request.form.get("erstatter", "")
    title, body = NyAvtale(None, request.form.get("tittel", ""), request.form.get("tekst", "")).tidied()
    return NyAvtale(now.tjeneste_kode, title, body, int(seen) if seen.isdecimal() and len(seen) < 9 else -1)


def _write(kode: str, now: Avtaleutgave, ny: NyAvtale, feil: dict[str, str], status: int = 422) -> Answer:
    """The form. With 409 it shows the text in force beside it."""
    page = render_template(
        "rot/ny_avtale.html",
        kode=kode,
        navn=name_of(now.tjeneste_kode),
        na=now,
        ny=ny,
        feil=feil,
        vis_gjeldende=status == 409,
    )
    return (page, status) if feil else page


def _conflict_page(kode: str, now: Avtaleutgave, ny: NyAvtale) -> Answer:
    """Conflict: another version has come into force. Show it beside the typed text, which from now on
    replaces it.
    """
    return _write(kode, now, replace(ny, erstatter=now.versjon), {"tekst": tekst("AVTALE_NY_VERSJON")}, 409)


def _publish(kode: str, now: Avtaleutgave, ny: NyAvtale) -> Answer:
    try:
        versjon = service.publish_avtale(ny, actor=current_actor())
    except Konflikt as error:
        if error.kode == "AVTALE_NY_VERSJON":
            return _conflict_page(kode, _in_force(kode), ny)
        return _write(kode, now, ny, {"tekst": error_text(error)}, error.status)
    flash(f"«{ny.tittel}» er publisert som versjon {versjon}.", "success")
    return redirect(url_for("rot.avtaler"), 303)


def _look_over(kode: str, now: Avtaleutgave, ny: NyAvtale) -> str:
    return render_template(
        "rot/publiser_avtale.html", kode=kode, navn=name_of(now.tjeneste_kode), na=now, ny=ny
    )
