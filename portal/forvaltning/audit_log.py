"""The audit log for holders of AUDIT.LES: search, pages, and a file. Each view is audited."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt
from fiks.konfigurasjon.audit import queries, search
from fiks.konfigurasjon.queries import PAGE
from portal.access.actor import chosen_organisation, current_actor
from portal.extensions import EXPORT_LIMIT, limiter
from portal.forvaltning import audit_export, audit_row, audit_search
from portal.forvaltning.blueprint import blueprint
from portal.texts import error_text
from portal.texts.audit.audit_page import AKTORTYPER, KANALER, KOLONNER, OBJEKTTYPER, TJENESTER, UTFALL
from portal.ui.export_file import csv_file
from portal.ui.form_values import number_arg


def _choices() -> dict[str, list[tuple[str, str]]]:
    """Options of the drop-downs, by field."""
    return {
        name: [("", "Alle"), *sorted(texts.items(), key=lambda item: item[1])]
        for name, texts in audit_search.CHOICES.items()
    }


@blueprint.get("/revisjonslogg")
def revisjonslogg() -> tuple[str, int]:
    """Audit entries, newest first."""
    organisasjon_id, actor = chosen_organisation(), current_actor()
    sok, before = audit_search.read(request.args), number_arg("for")
    rader: list[queries.Auditrad] = []
    if sok.utvalg is not None:
        search.note_search(organisasjon_id, sok.utvalg, actor=actor)
        rader = queries.audit_log(organisasjon_id, sok.utvalg, actor=actor, before=before, limit=PAGE + 1)
    page = render_template(
        "revisjon/revisjonslogg.html",
        rader=rader[:PAGE],
        hvem=audit_row.hvem,
        i_ord=audit_row.i_ord,
        detaljer=audit_row.detaljer,
        flere=rader[PAGE - 1].id if len(rader) > PAGE else None,
        fra_start=before is None,
        sok=sok,
        valg=_choices(),
        typer=AKTORTYPER,
        objekttyper=OBJEKTTYPER,
        utfall=UTFALL,
        kanaler=KANALER,
        tjenester=TJENESTER,
    )
    return page, 422 if sok.feil else 200


@blueprint.get("/revisjonslogg/eksport.csv")
@limiter.limit(EXPORT_LIMIT)
def revisjonslogg_eksport() -> AnyResponse:
    """The audit log as a file; too many rows for one file give a message, with the search kept."""
    organisasjon_id, actor = chosen_organisation(), current_actor()
    sok = audit_search.read(request.args)
    back = redirect(url_for("forvaltning.revisjonslogg", **sok.i_bruk), 303)  # type: ignore[arg-type]
    if sok.utvalg is None:
        return back
    try:
        begun = search.begin_export(organisasjon_id, sok.utvalg, actor=actor)
    except Konflikt as error:
        flash(error_text(error), "warning")
        return back
    rows = queries.export_rows(organisasjon_id, sok.utvalg, begun.newest, actor=actor)
    return csv_file(KOLONNER, map(audit_export.cells, rows), "revisjonslogg.csv")
