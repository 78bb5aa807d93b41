"""Many grants from a file: sent in, looked over row by row, and then given all at once."""

from __future__ import annotations

import tempfile
from pathlib import Path
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.konfigurasjon import bulk_grants
from fiks.konfigurasjon.bulk_grants import Plan, Planrad, Utfall
from fiks.konfigurasjon.bulk_rules import MAX_ROWS, Filrad, Radfeil
from fiks.konfigurasjon.rules import POWERFUL, privileges_of
from fiks.utsending.liste.export import BOM, write_sheet
from portal.extensions import LOOKUP_LIMIT, limiter
from portal.revisjon.fil import csv_line
from portal.texts import error_text, tekst
from portal.texts.privilegier import PRIVILEGIER, RESSURSTYPER
from portal.texts.tilgangsfil import KOLONNER
from portal.tilgang import FerskInnloggingKreves, current_actor, is_fresh
from portal.tilganger import filkladd
from portal.tilganger.blueprint import blueprint, own_organisation
from portal.tilganger.eksport import XLSX, as_file
from portal.tilganger.filinnhold import MAX_BYTES, read_file
from portal.tilganger.visning import Answer, end_of, show

EXAMPLE_PERSON = ("11928512179", "Rettferdig Tyttebær")
"""Somebody who does not exist (month + 80)."""


@blueprint.route("/fra-fil", methods=["GET", "POST"])
@limiter.limit(LOOKUP_LIMIT, methods=["POST"])
def fra_fil() -> Answer:
    """Send a file in; what it says is looked over before anything is given."""
    organisasjon_id, actor = own_organisation(), current_actor()
    ressurser = bulk_grants.grantable(organisasjon_id, actor=actor)
    if request.method == "POST":
        file = request.files.get("fil")
        if file is None or not file.filename:
            return _upload_page(ressurser, {"fil": tekst("FIL_MANGLER")})
        try:
            rader = read_file(file)
        except UgyldigInndata as error:
            return _upload_page(ressurser, {"fil": error_text(error)})
        navn = filkladd.keep(rader, _me(), organisasjon_id)
        return redirect(url_for("tilganger.filkontroll", navn=navn), 303)
    return _upload_page(ressurser, {})


def _upload_page(ressurser: list[bulk_grants.Ressursvalgrad], feil: dict[str, str]) -> Answer:
    page = show(
        "fra_fil",
        feil=feil,
        kolonner=KOLONNER.values(),
        maks_rader=MAX_ROWS,
        maks_mb=MAX_BYTES // 1024**2,
        ressurser=ressurser,
        tilganger={kind: [PRIVILEGIER[d.navn].navn for d in privileges_of(kind)] for kind in RESSURSTYPER},
    )
    return (page, 422) if feil else page


@blueprint.get("/fra-fil/eksempel.<filformat>")
def eksempelfil(filformat: str) -> AnyResponse:
    """A file of the right form, with one right row for a ressurs the visitor administers."""
    ressurs = bulk_grants.grantable(own_organisation(), actor=current_actor())[-1]
    modest = next(d.navn for d in privileges_of(ressurs.type) if d.navn not in POWERFUL)
    privilegium = PRIVILEGIER[modest].navn
    headers = [kolonne for kolonne, _ in KOLONNER.values()]
    row = [*EXAMPLE_PERSON, ressurs.navn, privilegium, "", "31.12.2099", "Ny i stillingen"]
    if filformat == "csv":
        text = BOM + csv_line(headers) + csv_line(row)
        return as_file(text.encode(), "text/csv; charset=utf-8", "tilganger-eksempel.csv")
    if filformat != "xlsx":
        abort(404)
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        write_sheet(Path(file.name), headers, [row])
        return as_file(Path(file.name).read_bytes(), XLSX, "tilganger-eksempel.xlsx")


@blueprint.get("/fra-fil/<navn>")
def filkontroll(navn: str) -> Answer:
    """What every row will do. A file that gives ADMIN is shown to somebody who has just logged in."""
    rader = _kept(navn)
    if rader is None:
        return _gone()
    plan = bulk_grants.plan(own_organisation(), rader, actor=current_actor())
    if plan.gir_administrator and not is_fresh(current_actor().auth_time):
        raise FerskInnloggingKreves
    return _plan_page(navn, plan)


@blueprint.post("/fra-fil/<navn>/gi")
def gi_fra_fil(navn: str) -> Answer:
    """Give what was shown. If it is not so any more nothing is given, and it is shown anew."""
    rader = _kept(navn)
    if rader is None:
        return _gone()
    try:
        done = bulk_grants.grant_from_file(
            own_organisation(), rader, vist=request.form.get("vist", ""), actor=current_actor()
        )
    except (Konflikt, UgyldigInndata) as error:
        changed = error.kode == "TILGANGER_ENDRET"
        flash(tekst("TILGANGSFIL_ENDRET") if changed else error_text(error), "warning")
        now = bulk_grants.plan(own_organisation(), rader, actor=current_actor())
        return _plan_page(navn, now, error.status)
    filkladd.forget(navn, _me(), own_organisation())
    flash(tekst("TILGANGER_ER_GITT", gitt=done.gitt, personer=done.personer, fantes=done.fantes), "success")
    return redirect(url_for("tilganger.fra_fil"), 303)


@blueprint.post("/fra-fil/<navn>/forkast")
def forkast_fil(navn: str) -> AnyResponse:
    """Forget what was sent in."""
    filkladd.forget(navn, _me(), own_organisation())
    return redirect(url_for("tilganger.fra_fil"), 303)


def _plan_page(navn: str, plan: Plan, status: int = 200) -> tuple[str, int]:
    page = show(
        "filkontroll",
        navn=navn,
        plan=plan,
        antall={utfall.value: plan.count(utfall) for utfall in Utfall},
        forklar=_explained,
        slutt=end_of,
    )
    return page, status


def _explained(rad: Planrad) -> list[str]:
    """Every fault of a row, and what to do about it."""
    return [tekst(feil, rad=rad.lik_rad) if feil is Radfeil.DOBBEL else tekst(feil) for feil in rad.feil]


def _me() -> UUID:
    person_id = current_actor().person_id
    assert person_id is not None  # the door asked for a login
    return person_id


def _kept(navn: str) -> list[Filrad] | None:
    return filkladd.kept(navn, _me(), own_organisation())


def _gone() -> AnyResponse:
    flash(tekst("TILGANGSFIL_BORTE"), "warning")
    return redirect(url_for("tilganger.fra_fil"), 303)
