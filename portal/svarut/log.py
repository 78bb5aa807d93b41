"""The sender's log: by konto, status, period and reference; by receiver, which is audited; and as a file."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.konfigurasjon.konto.queries import kontoer_held
from fiks.svarut.rules import Kanal, Status
from fiks.svarut.sender import log, log_search
from fiks.svarut.sender.log import PAGE, READ_RIGHTS, Loggrad
from portal.access.actor import current_actor
from portal.extensions import EXPORT_LIMIT, LOOKUP_LIMIT, limiter
from portal.svarut import export, search_form
from portal.svarut.blueprint import blueprint
from portal.texts import error_text, status_of
from portal.texts.svarut.forsendelser import KOLONNER
from portal.ui import form_values
from portal.ui.export_file import csv_file

Choices = list[tuple[str, str]]


def _choices() -> dict[str, Choices]:
    """Options of the drop-downs, by field."""
    kontoer = kontoer_held(*READ_RIGHTS, actor=current_actor())
    return {
        "konto": [("", "Alle"), *((str(konto.id), konto.visningsnavn) for konto in kontoer)],
        "status": [("", "Alle"), *((str(status), status_of(status).tekst) for status in Status)],
        "kanal": [("", "Alle"), *((str(kanal), status_of(kanal).tekst) for kanal in Kanal)],
    }


@blueprint.get("")
def forsendelser() -> tuple[str, int]:
    """The letters the visitor may see, newest first."""
    sok, before = search_form.read(request.args), form_values.read_page_key(request.args.get("for", ""))
    rader: list[Loggrad] = []
    if sok.utvalg is not None:
        rader = log.log_page(sok.utvalg, actor=current_actor(), before=before, limit=PAGE + 1)
    page = render_template(
        "svarut/forsendelser.html",
        rader=rader[:PAGE],
        flere=form_values.page_key(rader[PAGE - 1].nokkel) if len(rader) > PAGE else None,
        fra_start=before is None,
        sok=sok,
        valg=_choices(),
    )
    return page, 422 if sok.feil else 200


@blueprint.route("/mottaker", methods=["GET", "POST"])
@limiter.limit(LOOKUP_LIMIT, methods=["POST"])
def mottaker() -> tuple[str, int]:
    """The letters to one receiver. The number is posted in the form and not sent back."""
    sok = search_form.read(request.form)
    hjemmel, feil = request.form.get("hjemmel", "").strip()[: log_search.LONGEST_REASON], dict(sok.feil)
    rader: list[Loggrad] | None = None
    if request.method == "POST" and sok.utvalg is not None:
        try:
            rader = log_search.find_receiver(
                request.form.get("nummer", ""), hjemmel, sok.utvalg, actor=current_actor()
            )
        except UgyldigInndata as error:
            feil = {error.felt or "nummer": error_text(error)}
    page = render_template(
        "svarut/mottaker.html",
        rader=rader,
        flest=log_search.MOST_HITS,
        verdier={**sok.verdier, "hjemmel": hjemmel},
        feil=feil,
        valg=_choices(),
    )
    return page, 422 if feil else 200


@blueprint.get("/eksport.csv")
@limiter.limit(EXPORT_LIMIT)
def eksport() -> AnyResponse:
    """The log as a file; too many rows for one file give a message, with the search kept."""
    sok, actor = search_form.read(request.args), current_actor()
    back = redirect(url_for("svarut.forsendelser", **sok.i_bruk), 303)  # type: ignore[arg-type]
    if sok.utvalg is None:
        return back
    try:
        begun = log_search.begin_export(sok.utvalg, actor=actor)
    except Konflikt as error:
        flash(error_text(error), "warning")
        return back
    rows = log.export_rows(sok.utvalg, begun.newest, actor=actor)
    return csv_file(KOLONNER, map(export.cells, rows), "forsendelser.csv")
