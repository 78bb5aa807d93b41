"""Step 2: attachments. Each file is opened in a child process before it is stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.core.isolate import BarnFeil
from fiks.edialog import attachments, queries
from fiks.edialog.queries import Skjema
from fiks.edialog.rules import MAX_FILE_BYTES, MAX_FILES, file_name
from fiks.pdf import Pdfleser
from portal.extensions import PICTURE_LIMIT, limiter
from portal.minside.blueprint import blueprint
from portal.minside.edialog.context import (
    Side,
    checked_actor,
    citizen_error,
    handle_unreadable,
    refuse_with_message,
)
from portal.minside.language import citizen_text

CHUNK = 256 * 1024


def chunks(file: FileStorage) -> Iterator[bytes]:
    """Yield the uploaded file in chunks; a large upload lies on disk."""
    while piece := file.stream.read(CHUNK):
        yield piece


@blueprint.route("/edialog/skjema/<uuid:skjema_id>/vedlegg", methods=["GET", "POST"])
@limiter.limit(PICTURE_LIMIT, methods=["POST"])
@handle_unreadable
def edialog_vedlegg(skjema_id: UUID) -> Side:
    """List the attachments and add some, with or without going on to the next step. Each refused file is
    reported.
    """
    actor = checked_actor()
    skjema = queries.skjema(skjema_id, actor=actor)
    if not skjema.kan_endres:
        return redirect(url_for("minside.edialog_kvittering", skjema_id=skjema_id), 303)
    if request.method == "GET":
        return _page(skjema, [])
    files = [file for file in request.files.getlist("fil") if file.filename]
    onward = "videre" in request.form
    if not files and not onward:
        return _page(skjema, [citizen_text("EDIALOG_FIL_MANGLER")])
    try:
        refused = _keep_files(skjema_id, files, actor)
    except Konflikt as error:
        return refuse_with_message(error)
    if len(refused) < len(files):
        flash(citizen_text("ED_LASTET_OPP"), "success")
    if refused:
        return _page(queries.skjema(skjema_id, actor=actor), refused)
    following = "minside.edialog_oppsummering" if onward else "minside.edialog_vedlegg"
    return redirect(url_for(following, skjema_id=skjema_id), 303)


def _keep_files(skjema_id: UUID, files: Sequence[FileStorage], actor: Aktor) -> list[str]:
    """Store the usable files; return a reason for each refused one. No more are opened than there is room
    for.

    BarnUtilgjengelig says nothing about a file: it is raised, and the files before it are kept.
    """
    refused = []
    session().rollback()  # no transaction is open while a child process reads
    with closing(Pdfleser()) as leser:
        for file in files[:MAX_FILES]:
            try:
                attachments.add_file(skjema_id, file.filename or "", chunks(file), leser, actor=actor)
            except (UgyldigInndata, BarnFeil) as error:
                refused.append(f"{_name(file)}: {citizen_error(error)}")
    too_many = citizen_text("EDIALOG_FOR_MANGE_FILER", grense=MAX_FILES)
    return [*refused, *(f"{_name(file)}: {too_many}" for file in files[MAX_FILES:])]


def _name(file: FileStorage) -> str:
    """The file's name, cleaned for display."""
    return file_name(file.filename or "", ())


def _page(skjema: Skjema, refused: Sequence[str]) -> Side:
    """`refused`: a sentence for each fault; the first is shown at the field, the others below it."""
    feil = {"fil" if nr == 1 else f"fil-{nr}": sentence for nr, sentence in enumerate(refused, 1)}
    page = render_template(
        "edialog/vedlegg.html", skjema=skjema, feil=feil, antall=MAX_FILES, mb=MAX_FILE_BYTES >> 20
    )
    return (page, 422) if feil else page


@blueprint.post("/edialog/skjema/<uuid:skjema_id>/vedlegg/<uuid:fil_id>/fjern")
def edialog_fjern_fil(skjema_id: UUID, fil_id: UUID) -> Side:
    """Remove an attachment."""
    try:
        attachments.remove_file(skjema_id, fil_id, actor=checked_actor())
    except Konflikt as error:
        return refuse_with_message(error)
    flash(citizen_text("ED_FJERNET"), "success")
    return redirect(url_for("minside.edialog_vedlegg", skjema_id=skjema_id), 303)
