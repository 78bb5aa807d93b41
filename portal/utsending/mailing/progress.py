"""After release: stop and its exact result, unsent rows as a new draft, keep off paper, the report."""

from __future__ import annotations

import tempfile
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, send_file, stream_with_context, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt
from fiks.konfigurasjon.rules import P
from fiks.utsending.approval import service
from fiks.utsending.rules import RELEASED, Utsendingstatus
from fiks.utsending.sending import progress as sending_progress
from fiks.utsending.sending import reports, retry
from fiks.utsending.sending.copy_unsent import new_from_unsent
from fiks.utsending.sending.stop_report import PAGE, Gruppe, count_groups, group_rows
from portal.access.actor import current_actor
from portal.extensions import EXPORT_LIMIT, limiter
from portal.texts import error_text, status_of
from portal.texts.formats import antall
from portal.texts.utsending.short_findings import SHORT
from portal.ui.export_file import CSV, XLSX, file_response
from portal.ui.form_values import number_arg
from portal.utsending.blueprint import blueprint
from portal.utsending.page_parts import flash_refusals, page_of
from portal.utsending.stop_groups import GRUPPER

SPOOL = 8 * 1024 * 1024


def _back(utsending_id: UUID) -> AnyResponse:
    return redirect(url_for("utsending.detalj", utsending_id=utsending_id), 303)


@blueprint.route("/<uuid:utsending_id>/stopp", methods=["GET", "POST"])
def stopp(utsending_id: UUID) -> AnyResponse | str:
    """Ask, naming the consequence; then stop the mailing."""
    side = page_of(utsending_id)
    if request.method == "GET":
        if not side.kan_stoppe:
            return _back(utsending_id)
        progress = sending_progress.progress(utsending_id, actor=current_actor())
        return render_template("utsending/stopp.html", side=side, u=side.u, fremdrift=progress)
    with flash_refusals():
        service.stop(utsending_id, actor=current_actor())
        flash(
            "Utsendingen er stoppet. Under ser du hvem som har fått brevet, og hvem som ikke har.", "success"
        )
    return _back(utsending_id)


@blueprint.get("/<uuid:utsending_id>/stoppsvar/<gruppe>")
def stoppsvar(utsending_id: UUID, gruppe: str) -> str:
    """The rows of one group of the stop's result."""
    if gruppe.upper() not in set(Gruppe):
        raise NotFound
    chosen, after = Gruppe(gruppe.upper()), number_arg("etter") or 0
    side = page_of(utsending_id)
    rows = group_rows(utsending_id, chosen, actor=current_actor(), after=after, limit=PAGE + 1)
    return render_template(
        "utsending/stoppsvar.html",
        side=side,
        u=side.u,
        gruppe=GRUPPER[chosen],
        kode=gruppe,
        antall=count_groups(utsending_id, actor=current_actor()).grupper.get(chosen, 0),
        rader=rows[:PAGE],
        flere=rows[PAGE - 1].radnr if len(rows) > PAGE else None,
        fra_start=not after,
        utenfor=chosen is Gruppe.PARKERT,
        korte=SHORT,
    )


@blueprint.post("/<uuid:utsending_id>/nytt-utkast")
def nytt_utkast(utsending_id: UUID) -> AnyResponse:
    """Copy the unsent rows to a new draft."""
    try:
        new = new_from_unsent(utsending_id, actor=current_actor())
    except Konflikt as error:
        flash(error_text(error), "warning")
        return _back(utsending_id)
    by_hand = page_of(new).u.historikk[0].detaljer["handtert_for_hand"]
    flash(
        "Et nytt utkast er laget av brevene som ikke ble sendt. Se over datoene før du går videre."
        + (f" {_left_out(by_hand)}" if by_hand else ""),
        "success",
    )
    return _back(new)


def _left_out(by_hand: int) -> str:
    """How many rows are not copied because a person has closed them."""
    they = "det" if by_hand == 1 else "de"
    return f"{antall(by_hand, 'brev')} er ikke med, fordi {they} er satt som håndtert for hånd."


@blueprint.route("/<uuid:utsending_id>/ikke-skriv-ut", methods=["GET", "POST"])
def ikke_skriv_ut(utsending_id: UUID) -> AnyResponse | str:
    """Ask, then keep unread Altinn letters from being printed."""
    side = page_of(utsending_id)
    if request.method == "GET":
        if side.u.status not in RELEASED or P.STOPPE not in side.rett:
            return _back(utsending_id)
        found = retry.count_unread(utsending_id, actor=current_actor())
        if not (found.i_altinn or found.ingen_har):
            return _nothing_to_keep(utsending_id)
        return render_template("utsending/ikke_skriv_ut.html", side=side, u=side.u, uleste=found)
    with flash_refusals():
        done = retry.do_not_print(utsending_id, actor=current_actor())
        if not done:
            return _nothing_to_keep(utsending_id)
        flash(f"{antall(done, 'brev')} blir ikke skrevet ut. Det som ligger i Altinn, blir der.", "success")
    return _back(utsending_id)


def _nothing_to_keep(utsending_id: UUID) -> AnyResponse:
    flash("Ingen brev er holdt tilbake: de er lest, eller på vei til trykkeriet.", "warning")
    return _back(utsending_id)


@blueprint.route("/<uuid:utsending_id>/stopp-papir", methods=["GET", "POST"])
def stopp_papir(utsending_id: UUID) -> AnyResponse | str:
    """Ask, then cancel the paper letters of a stopped mailing that no print house has yet."""
    side = page_of(utsending_id)
    if request.method == "GET":
        if side.u.status is not Utsendingstatus.STOPPET or P.STOPPE not in side.rett:
            return _back(utsending_id)
        waiting = count_groups(utsending_id, actor=current_actor()).papir_som_kan_stoppes
        if not waiting:
            return _back(utsending_id)
        return render_template("utsending/stopp_papir.html", side=side, u=side.u, venter=waiting)
    with flash_refusals():
        done = retry.stop_paper(utsending_id, actor=current_actor())
        if done:
            flash(f"{antall(done, 'brev')} blir ikke skrevet ut.", "success")
        else:
            flash("Ingen brev ble stoppet: trykkeriet har fått alle.", "warning")
    return _back(utsending_id)


@blueprint.get("/<uuid:utsending_id>/rapport.<filformat>")
@limiter.limit(EXPORT_LIMIT)
def rapport(utsending_id: UUID, filformat: str) -> Response:
    """Every row of the mailing as a file; the download and its number of rows are audited."""
    if filformat not in reports.FORMATS:
        raise NotFound
    side, actor = page_of(utsending_id), current_actor()
    reports.begin_report(utsending_id, filformat, actor=actor)
    rows = reports.report_rows(utsending_id, actor=actor)
    name = f"rapport-{side.referanse}.{filformat}"
    if filformat == "csv":
        lines = stream_with_context(reports.csv_lines(rows, name_of))
        return file_response(lines, CSV, name)
    workbook = tempfile.SpooledTemporaryFile(max_size=SPOOL)  # noqa: SIM115 - closed with the response
    reports.write_xlsx(workbook, rows, name_of)
    workbook.seek(0)
    return send_file(workbook, mimetype=XLSX, as_attachment=True, download_name=name)


def name_of(kode: str) -> str:
    """Name of a status or channel."""
    return status_of(kode).tekst
