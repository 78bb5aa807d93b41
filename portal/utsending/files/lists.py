"""Rows without files and files without rows, files by finding, and one file's page."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import Response, abort, request

from fiks.core.errors import FiksError
from fiks.pdf.findings import PdfKode
from fiks.utsending.editing.stale_form import file_version
from fiks.utsending.filer import queries, viewing
from fiks.utsending.filer.queries import PAGE, Filvisning, Utvalg
from fiks.utsending.filer.rules import group_from_key
from portal.access.actor import current_actor
from portal.texts import tekst
from portal.texts.utsending.filer import GROUPS, group_text
from portal.texts.utsending.short_findings import SHORT
from portal.ui.form_values import number_arg
from portal.utsending.blueprint import blueprint
from portal.utsending.files.upload import FILES
from portal.utsending.findings_text import explain_finding, finding_remarks
from portal.utsending.wizard import Svar, draft, page

ROWS = "rader"
CHOICES = (
    (ROWS, "Rader uten dokument"),
    (Utvalg.UBRUKTE, "Dokumenter ingen skal ha"),
    (Utvalg.DELTE, "Samme dokument til ulike mottakere"),
    (Utvalg.BOKSTAVER, "Bare store og små bokstaver skiller"),
    (Utvalg.FEIL, "Dokumenter som ikke kan sendes"),
    (Utvalg.ALLE, "Alle dokumenter"),
)
CODES = {str(code) for code in queries.ROW_CODES}


@blueprint.get("/<uuid:utsending_id>/brev/filer")
def filer(utsending_id: UUID) -> Svar:
    """Rows lacking (some of) their files, or files of one kind, page by page."""
    utkast, actor = draft(utsending_id, *FILES), current_actor()
    oversikt = queries.overview(utsending_id, actor=actor)
    vis = request.args.get("vis", "")
    vis = vis if vis in {name for name, _ in CHOICES} else _first(oversikt)
    after = number_arg("etter") or 0
    rows, found = [], []
    if vis == ROWS:
        rows = queries.rows_without_files(utsending_id, actor=actor, after=after, limit=PAGE + 1)
    else:
        found = queries.files(utsending_id, actor=actor, utvalg=Utvalg(vis), after=after, limit=PAGE + 1)
    last = rows[PAGE - 1].radnr if len(rows) > PAGE else found[PAGE - 1].nr if len(found) > PAGE else None
    return page(
        "filliste",
        utkast,
        "brev",
        filer=oversikt,
        vis=vis,
        valg=[(name, text, _count(oversikt, name)) for name, text in CHOICES],
        rader=rows[:PAGE],
        radfeil=CODES,
        forklar=explain_finding,
        korte=SHORT,
        viste=found[:PAGE],
        filfeil=file_faults,
        flere=last,
        fra_start=after == 0,
    )


def _first(oversikt: queries.Oversikt) -> str:
    """The list shown first: one that needs action."""
    return next((name for name, _ in CHOICES if _count(oversikt, name)), Utvalg.ALLE)


def _count(oversikt: queries.Oversikt, name: str) -> int:
    return oversikt.rader_uten if name == ROWS else oversikt.utvalg[Utvalg(name)]


def file_faults(fil: Filvisning) -> list[tuple[str, str]]:
    """Short findings of a file: (severity, words)."""
    if fil.feilkode is not None and fil.feilkode not in set(PdfKode):
        return [("feil", tekst("FIL_TAPT"))]
    words = [(finding["alvorlighet"], GROUPS.get(finding["kode"], finding["kode"])) for finding in fil.funn]
    return [(grade, said[0].upper() + said[1:]) for grade, said in words]


@blueprint.get("/<uuid:utsending_id>/brev/funn/<funngruppe>")
def filfunn(utsending_id: UUID, funngruppe: str) -> Svar:
    """The files with one finding, with pictures of a few."""
    utkast, actor = draft(utsending_id), current_actor()
    gruppe = group_from_key(funngruppe)
    if gruppe is None:
        abort(404)
    after = number_arg("etter") or 0
    found = queries.files(utsending_id, actor=actor, gruppe=gruppe, after=after, limit=PAGE + 1)
    return page(
        "filfunn",
        utkast,
        "brev",
        gruppe=gruppe,
        tittel=group_text(gruppe),
        forklaring=tekst(gruppe.kode),
        viste=found[:PAGE],
        filfeil=file_faults,
        prover=viewing.sample_of(utsending_id, gruppe, actor=actor),
        side=gruppe.side or 1,
        flere=found[PAGE - 1].nr if len(found) > PAGE else None,
        fra_start=after == 0,
    )


@blueprint.get("/<uuid:utsending_id>/brev/fil/<int:nr>")
def fil(utsending_id: UUID, nr: int) -> Svar:
    """One file: its findings, and its pages with margins drawn."""
    utkast = draft(utsending_id)
    vist = file_version(utsending_id, nr)  # before the file is looked at
    found = viewing.file_of(utsending_id, nr, actor=current_actor())
    return page(
        "fil",
        replace(utkast, vist=vist),
        "brev",
        fil=found,
        merknader=finding_remarks(found.funn),
        tapt=found.feilkode is not None and found.feilkode not in set(PdfKode),
        sider=min(found.sider or 0, viewing.MAX_PAGES) if found.status == "LEST" else 0,
    )


@blueprint.get("/<uuid:utsending_id>/brev/fil/<int:nr>/side/<int:side>.png")
def filside(utsending_id: UUID, nr: int, side: int) -> Response:
    """A page of a file as a picture."""
    draft(utsending_id)
    try:
        png = viewing.file_page(utsending_id, nr, side, actor=current_actor())
    except FiksError as error:
        if error.status == 422:  # the page cannot be drawn
            abort(404)
        raise
    return Response(png, mimetype="image/png")


@blueprint.get("/<uuid:utsending_id>/brev/fil/<int:nr>.pdf")
def filpdf(utsending_id: UUID, nr: int) -> Response:
    """The file itself."""
    draft(utsending_id)
    pdf = viewing.file_pdf(utsending_id, nr, actor=current_actor())
    return Response(pdf, mimetype="application/pdf")
