"""Many grants from a file: upload, review row by row, then grant all at once."""

from __future__ import annotations

from dataclasses import asdict

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.db import session
from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.konfigurasjon.rules import POWERFUL, P, privileges_of
from fiks.konfigurasjon.tilgang import bulk, lock
from fiks.konfigurasjon.tilgang.bulk import Plan, Planrad, Utfall
from fiks.konfigurasjon.tilgang.bulk_rules import MAX_ROWS, Filrad, Radfeil
from portal.access.actor import chosen_organisation, current_actor
from portal.extensions import LOOKUP_LIMIT, limiter
from portal.texts import error_text, tekst
from portal.texts.formats import format_end
from portal.texts.konfigurasjon.grant_file import KOLONNER
from portal.texts.konfigurasjon.privilegier import PRIVILEGIER, RESSURSTYPER
from portal.tilganger import pending_changes
from portal.tilganger.blueprint import blueprint
from portal.tilganger.file.import_content import MAX_BYTES, read_file
from portal.tilganger.page_frame import Answer, show
from portal.ui.export_file import csv_file, workbook_file

ART = "fil"
OF_ANOTHER_ROW = (Radfeil.DOBBEL, Radfeil.NAVN_ULIKT)
EXAMPLE_PERSON = ("11928512179", "Rettferdig Tyttebær")
"""A synthetic person (month + 80)."""


@blueprint.route("/fra-fil", methods=["GET", "POST"])
@limiter.limit(LOOKUP_LIMIT, methods=["POST"])
def fra_fil() -> Answer:
    """Upload a file, which is reviewed before anything is granted."""
    organisasjon_id, actor = chosen_organisation(), current_actor()
    ressurser = bulk.grantable_ressurser(organisasjon_id, actor=actor)
    if request.method == "POST":
        file = request.files.get("fil")
        if file is None or not file.filename:
            return _upload_page(ressurser, {"fil": tekst("FIL_MANGLER")})
        session().rollback()  # no transaction is open while a child process reads
        try:
            rader = read_file(file)
        except UgyldigInndata as error:
            return _upload_page(ressurser, {"fil": error_text(error)})
        navn = pending_changes.keep_changes(ART, organisasjon_id, {"rader": [asdict(rad) for rad in rader]})
        return redirect(url_for("tilganger.filkontroll", navn=navn), 303)
    return _upload_page(ressurser, {})


def _upload_page(ressurser: list[bulk.Ressursvalgrad], feil: dict[str, str]) -> Answer:
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
    """An example file with one valid row for a ressurs the visitor administers."""
    navn, given = _example_of(bulk.grantable_ressurser(chosen_organisation(), actor=current_actor()))
    headers = [kolonne for kolonne, _ in KOLONNER.values()]
    row = [*EXAMPLE_PERSON, navn, PRIVILEGIER[given].navn, "", "31.12.2099", "Ny i stillingen"]
    if filformat == "csv":
        return csv_file(headers, [row], "tilganger-eksempel.csv")
    if filformat != "xlsx":
        abort(404)
    return workbook_file(headers, [row], "tilganger-eksempel.xlsx")


def _example_of(ressurser: list[bulk.Ressursvalgrad]) -> tuple[str, P]:
    """A ressurs as low in the tree as possible and a harmless privilege on it; ADMIN where nothing else is
    offered.
    """
    for ressurs in reversed(ressurser):
        for offered in privileges_of(ressurs.type):
            if offered.navn not in POWERFUL:
                return ressurs.navn, offered.navn
    return ressurser[-1].navn, P.ADMIN


@blueprint.get("/fra-fil/<navn>")
def filkontroll(navn: str) -> Answer:
    """The effect of every row. A file that grants ADMIN requires a fresh login."""
    rader = _waiting_rows(navn)
    if rader is None:
        return _redirect_after_wait(navn)
    plan = bulk.plan(chosen_organisation(), rader, actor=current_actor())
    if plan.gir_administrator:
        lock.require_fresh_login(current_actor())
    return _plan_page(navn, plan)


@blueprint.post("/fra-fil/<navn>/gi")
def gi_fra_fil(navn: str) -> Answer:
    """Grant exactly what was shown; if it has changed, grant nothing and show it again."""
    rader = _waiting_rows(navn)
    if rader is None:
        return _redirect_after_wait(navn)
    try:
        done = bulk.grant_from_file(
            chosen_organisation(), rader, vist=request.form.get("vist", ""), actor=current_actor()
        )
    except (Konflikt, UgyldigInndata) as error:
        if pending_changes.outcome_message(
            navn, ART, chosen_organisation()
        ):  # the first of two presses at once was done meanwhile
            return _redirect_after_wait(navn)
        changed = error.kode == "TILGANGER_ENDRET"
        flash(tekst("TILGANGSFIL_ENDRET") if changed else error_text(error), "warning")
        now = bulk.plan(chosen_organisation(), rader, actor=current_actor())
        return _plan_page(navn, now, error.status)
    told = tekst("TILGANGER_ER_GITT", gitt=done.gitt, personer=done.personer, fantes=done.fantes)
    pending_changes.finish(navn, ART, chosen_organisation(), told)
    flash(told, "success")
    return redirect(url_for("tilganger.fra_fil"), 303)


@blueprint.post("/fra-fil/<navn>/forkast")
def forkast_fil(navn: str) -> AnyResponse:
    """Discard the uploaded rows."""
    if _waiting_rows(navn) is not None:
        pending_changes.forget(navn)
    return redirect(url_for("tilganger.fra_fil"), 303)


def _plan_page(navn: str, plan: Plan, status: int = 200) -> tuple[str, int]:
    page = show(
        "filkontroll",
        navn=navn,
        plan=plan,
        antall={utfall.value: plan.count(utfall) for utfall in Utfall},
        forklar=_explained,
        slutt=format_end,
    )
    return page, status


def _explained(rad: Planrad) -> list[str]:
    """Every fault of a row, and its remedy."""
    return [tekst(feil, rad=rad.lik_rad) if feil in OF_ANOTHER_ROW else tekst(feil) for feil in rad.feil]


def _waiting_rows(navn: str) -> list[Filrad] | None:
    """The uploaded rows, if they have not expired and are this visitor's, for this organisation."""
    data = pending_changes.load_changes(navn, ART, chosen_organisation())
    return None if data is None else [Filrad(**rad) for rad in data["rader"]]


def _redirect_after_wait(navn: str) -> AnyResponse:
    """Redirect with the outcome of a file that is no longer waiting: its message when granted, else that it
    has expired.
    """
    said = pending_changes.outcome_message(navn, ART, chosen_organisation())
    flash(*((said, "success") if said else (tekst("TILGANGSFIL_BORTE"), "warning")))
    return redirect(url_for("tilganger.fra_fil"), 303)
