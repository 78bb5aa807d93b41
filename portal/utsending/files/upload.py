"""Step 4, Brev, with own files for each row: upload many at a time; workers check them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import jsonify, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import FiksError, Konflikt, UgyldigInndata
from fiks.utsending.draft import wizard
from fiks.utsending.editing.stale_form import Vist, VistEndret, form_version
from fiks.utsending.filer import giro, queries, requirements, upload
from fiks.utsending.filer.errors import MAX_FILE_BYTES, MAX_FILES, MAX_ZIP_BYTES, MIB, FilFeil
from fiks.utsending.filer.rules import Giroside, Girovalg
from fiks.utsending.filer.upload import Avvist, Lokalfil, Mottatt, Opplastet
from portal.access.actor import current_actor
from portal.texts import error_text, tekst
from portal.texts.formats import antall
from portal.texts.utsending.filer import giro_text, group_text
from portal.utsending.blueprint import blueprint
from portal.utsending.page_parts import flash_refusals
from portal.utsending.wizard import (
    Svar,
    Utkast,
    chunks,
    describe_changes,
    draft,
    page,
    redirect_to,
    redirect_unless_htmx,
    refusal,
    reload_page,
    say,
    say_count,
    shown_mark,
)

FILES = (Vist.FILER, Vist.UBRUKTE)
"""What the forms of the step's pages are about."""
MANIFEST_FILES = 2_000
"""Most files in one manifest from the browser."""

LIMITS = {
    "filer": MAX_FILES,
    "maks_mb": MAX_FILE_BYTES // MIB,
    "zip_mb": MAX_ZIP_BYTES // MIB,
}


def files_page(
    utkast: Utkast,
    feil: dict[str, str] | None = None,
    avvist: tuple[Avvist, ...] = (),
    endret: str = "",
    **form: str,
) -> Svar:
    """The step's page. `avvist`: refused files of the last upload; `form`: posted values."""
    actor, u = current_actor(), utkast.u
    utkast = replace(utkast, vist=form_version(u.id, *FILES))  # before the files are read
    oversikt = queries.overview(u.id, actor=actor)
    valg = oversikt.giro
    return page(
        "filer",
        utkast,
        "brev",
        feil,
        endret,
        filer=oversikt,
        funn=queries.finding_groups(u.id, actor=actor),
        funntekst=group_text,
        avvist=[(a.navn, error_text(a.feil)) for a in avvist],
        grenser=LIMITS,
        giro=giro_text(valg),
        giroside=form.get("side", str(valg.side)),
        gironummer=form.get("nummer", str(valg.nummer or "")),
        zipfeil=error_text(FilFeil(oversikt.zip.feilkode, **_params(oversikt.zip.feilparams)))
        if oversikt.zip is not None and oversikt.zip.feilkode
        else "",
        forste=wizard.neighbours(u.id, 0, actor=actor).neste,
    )


def _params(kept: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in kept.items() if name != "felt"}


@blueprint.post("/<uuid:utsending_id>/brev/filer")
def last_opp_filer(utsending_id: UUID) -> Svar | tuple[AnyResponse, int]:
    """Upload PDFs: many from a form, or a portion from the upload script."""
    by_script = request.accept_mimetypes.best == "application/json"
    utkast = draft(utsending_id)
    sent = _uploaded_files()
    if not sent and "ferdig" not in request.form:
        return files_page(utkast, {"filer": tekst("FILER_MANGLER")})
    more = "flere" in request.form
    try:
        taken = upload.add_files(utsending_id, sent, flere=more, actor=current_actor())
    except (FilFeil, Konflikt, UgyldigInndata) as error:
        if by_script:
            return jsonify(grunn=error_text(error)), error.status
        return files_page(draft(utsending_id), {"filer": error_text(error)})
    if by_script:
        return jsonify(_as_json(taken)), 200
    if taken.avvist:
        return files_page(draft(utsending_id), {"filer": _refused(taken)}, taken.avvist)
    say(f"{antall(taken.nye + taken.uendret, 'fil', 'filer')} er tatt imot.")
    return redirect_to("brev", utsending_id)


def _uploaded_files() -> list[Opplastet]:
    found = [file for file in request.files.getlist("filer") if file.filename]
    return [(file.filename or "", chunks(file)) for file in found]


def _as_json(taken: Mottatt) -> dict[str, Any]:
    refused = [{"navn": a.navn, "grunn": error_text(a.feil)} for a in taken.avvist]
    return {"nye": taken.nye, "uendret": taken.uendret, "avvist": refused}


def _refused(taken: Mottatt) -> str:
    refused, good = len(taken.avvist), taken.nye + taken.uendret
    return (
        f"{antall(refused, 'fil', 'filer')} er ikke tatt imot. Se hvorfor under. "
        f"{antall(good, 'annen fil', 'andre filer')} er tatt imot."
    )


@blueprint.post("/<uuid:utsending_id>/brev/filer/mangler")
def filer_mangler(utsending_id: UUID) -> AnyResponse | tuple[AnyResponse, int]:
    """Which of the visitor's files are missing here, so that the script uploads only those."""
    draft(utsending_id)
    try:
        files = list(_manifest(request.form.get("filer", "")))
        missing = upload.missing_files(utsending_id, files, actor=current_actor())
    except ValueError:
        return jsonify(grunn=tekst("VALG_UGYLDIG")), 422
    except Konflikt as error:
        return jsonify(grunn=error_text(error)), error.status
    return jsonify(mangler=missing)


def _manifest(text: str) -> Iterator[Lokalfil]:
    """[[name, bytes, SHA-256 as hex], …]; ValueError for anything else."""
    told = json.loads(text)
    if not isinstance(told, list) or len(told) > MANIFEST_FILES:
        raise ValueError("not a list of files")
    for one in told:
        match one:
            case [str(name), int(size), str(digest)]:
                yield Lokalfil(name, size, bytes.fromhex(digest))
            case _:
                raise ValueError("not a file")


@blueprint.post("/<uuid:utsending_id>/brev/zip")
def last_opp_zip(utsending_id: UUID) -> Svar:
    """Upload a zip; a worker unpacks it."""
    utkast = draft(utsending_id)
    file = request.files.get("zip")
    if file is None or not file.filename:
        return files_page(utkast, {"zip": tekst("ZIP_MANGLER")})
    try:
        upload.add_zip(utsending_id, file.filename, chunks(file), actor=current_actor())
    except (FilFeil, Konflikt, UgyldigInndata) as error:
        return files_page(draft(utsending_id), {"zip": error_text(error)})
    return redirect_to("brev", utsending_id)


@blueprint.get("/<uuid:utsending_id>/brev/filer/fremdrift")
def filer_fremdrift(utsending_id: UUID) -> AnyResponse | str:
    """Progress of the file check, polled; reloads the page when all are checked."""
    if elsewhere := redirect_unless_htmx(utsending_id, "brev"):
        return elsewhere
    utkast = draft(utsending_id)
    oversikt = queries.overview(utsending_id, actor=current_actor())
    if not oversikt.kontrolleres:
        return reload_page()
    return render_template("utsending/filfremdrift.html", u=utkast.u, filer=oversikt)


@blueprint.post("/<uuid:utsending_id>/brev/filer/fjern")
def fjern_filer(utsending_id: UUID) -> Svar:
    """Remove files: one, all unused, or all."""
    draft(utsending_id)
    hvilke = request.form.get("hvilke", "")
    try:
        with flash_refusals():
            n = upload.remove_files(utsending_id, hvilke, actor=current_actor(), vist=shown_mark())
            say_count(n, f"{antall(n, 'fil', 'filer')} er fjernet.")
    except VistEndret as error:
        return files_page(draft(utsending_id), endret=describe_changes(error))
    return redirect_to("brev", utsending_id)


@blueprint.post("/<uuid:utsending_id>/brev/filer/ubrukte")
def ubrukte_sett(utsending_id: UUID) -> Svar:
    """Confirm having seen the files that nobody gets."""
    draft(utsending_id)
    try:
        with flash_refusals():
            n = requirements.accept_unused(utsending_id, actor=current_actor(), vist=shown_mark())
            say(f"{antall(n, 'dokument', 'dokumenter')} blir ikke sendt.")
    except VistEndret as error:
        return files_page(draft(utsending_id), endret=describe_changes(error))
    return redirect_to("brev", utsending_id)


@blueprint.post("/<uuid:utsending_id>/brev/filer/prov-igjen")
def filer_igjen(utsending_id: UUID) -> AnyResponse:
    """Retry failed checks of the files."""
    draft(utsending_id)
    with flash_refusals():
        upload.try_again(utsending_id, actor=current_actor())
    return redirect_to("brev", utsending_id)


@blueprint.post("/<uuid:utsending_id>/brev/giro")
def velg_giro(utsending_id: UUID) -> Svar:
    """Choose which page of each document is printed on giro paper."""
    utkast = draft(utsending_id)
    side, nummer = request.form.get("side", ""), request.form.get("nummer", "").strip()
    try:
        giro.set_giro(utsending_id, _chosen(side, nummer), actor=current_actor())
    except FiksError as error:
        feil = refusal(error, ("side", "nummer"), "side")
        return files_page(utkast, feil, side=side, nummer=nummer)
    say("Valget av giroside er lagret, og huskes til neste gang.")
    return redirect_to("brev", utsending_id)


def _chosen(side: str, nummer: str) -> Girovalg:
    if side not in set(Giroside):
        raise UgyldigInndata("VALG_UGYLDIG", felt="side")
    if side != Giroside.NUMMER:
        return Girovalg(Giroside(side))
    number = int(nummer) if nummer.isascii() and nummer.isdigit() and len(nummer) < 5 else 0
    return Girovalg(Giroside.NUMMER, number)
