"""Step 2, Mottakere: upload the list, which a worker reads, and map its columns to fields."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from flask import Response, abort, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.utsending.editing.stale_form import Vist, VistEndret
from fiks.utsending.filer.matching import FIELD
from fiks.utsending.liste.columns import ALLE, KOLONNER, TILLEGGSKOLONNER, value_names
from fiks.utsending.liste.export import write_example_csv, write_example_xlsx
from fiks.utsending.liste.findings import MAPPABLE
from fiks.utsending.liste.source.column_mapping import unresolved_fields
from fiks.utsending.receivers import uploads
from fiks.utsending.rules import Art
from fiks.utsending.upload_view import Fil
from portal.access.actor import current_actor
from portal.texts import error_text, feltnavn, tekst
from portal.ui.export_file import CSV, XLSX, file_response
from portal.utsending.blueprint import blueprint
from portal.utsending.page_parts import flash_refusals
from portal.utsending.wizard import (
    IkkeUtkast,
    Svar,
    Utkast,
    chunks,
    describe_changes,
    draft,
    keep_shown_mark,
    page,
    redirect_to,
    redirect_unless_htmx,
    refusal,
    reload_page,
    require_unchanged,
    say,
    shown_mark,
)

REGISTER_AWAY = "REGISTER_SVARER_IKKE"
"""A register did not answer: the upload is kept and can be read again."""
TEGNSETT = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 med BOM",
    "cp1252": "Windows-1252",
    "cp850": "DOS (CP850)",
    "mac_roman": "Mac Roman",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
}
RECEIVERS = (Vist.LISTE, Vist.RADER)
COLUMNS = (Vist.LISTE, Vist.KOBLING)
"""What the forms of the upload page (RECEIVERS) and the column page (COLUMNS) are about."""
SKILLETEGN = {";": "semikolon", ",": "komma", "\t": "tabulator"}
UNUSED, UNSAID = "ingen", ""
"""Values of a column's drop-down: not to be used, and not yet answered."""
FIELD_CHOICES = [
    (UNUSED, "Ikke bruk"),
    *((k.felt, feltnavn(k.felt)) for k in (*KOLONNER, *TILLEGGSKOLONNER)),
]


@blueprint.get("/<uuid:utsending_id>/mottakere")
def mottakere(utsending_id: UUID) -> Svar:
    """Upload a list, type receivers, or see what was read. For one big PDF: redirect to its own page."""
    utkast = draft(utsending_id, *RECEIVERS)
    return redirect_to("samlet", utsending_id) if utkast.u.art == Art.EN_STOR_PDF else _page(utkast)


def _page(utkast: Utkast, feil: dict[str, str] | None = None, endret: str = "") -> Svar:
    if utkast.u.art == Art.EN_STOR_PDF:
        raise IkkeUtkast(utkast.u.id)
    liste = utkast.u.liste
    koblbar = liste is not None and liste.feilkode in MAPPABLE and "overskrift" in liste.form
    return page(
        "mottakere",
        utkast,
        "mottakere",
        feil,
        endret,
        liste=liste,
        koblbar=koblbar,
        venter=liste is not None and liste.feilkode == REGISTER_AWAY,
        oppdaget=file_facts(liste.form) if liste is not None and liste.form else [],
        andre_navn=other_names(liste) if liste is not None else [],
        filfeil=file_error(liste) if liste is not None and liste.feilkode else "",
        skrevet=liste is None and utkast.jobb.antall > 0,
    )


def file_error(liste: Fil) -> str:
    """Why the file cannot be used or has not been read, and what to do."""
    if liste.feilkode == REGISTER_AWAY:
        return tekst("REGISTER_VENTER", knapp="Les listen på nytt")
    params = {
        name: ", ".join(feltnavn(str(item)) for item in value) if isinstance(value, list) else value
        for name, value in liste.feilparams.items()
    }
    return tekst(liste.feilkode or "FIL_UGYLDIG", **{"maks_mb": uploads.MAX_LIST_BYTES // 1024**2, **params})


def other_names(liste: Fil) -> list[tuple[str, str]]:
    """The sender's own columns that have another name in letters: (header, name in letters)."""
    called = zip(liste.kolonner, value_names(liste.kolonner, liste.kobling), strict=True)
    return [(header, name) for header, name in called if name != header and not liste.kobling.get(header)]


def file_facts(form: dict[str, object]) -> list[tuple[str, str]]:
    """Detected properties of the file: (name, value) pairs for the page."""
    facts = [("Filtype", "Excel" if form["format"] == "xlsx" else "CSV")]
    if form.get("ark"):
        facts.append(("Ark", str(form["ark"])))
    if others := form.get("andre_ark"):
        assert isinstance(others, list)
        facts.append(("Ark som ikke er lest", ", ".join(map(str, others))))
    if form.get("koding"):
        facts.append(("Tegnsett", TEGNSETT.get(str(form["koding"]).lower(), str(form["koding"]))))
    if form.get("skilletegn"):
        facts.append(("Skilletegn", SKILLETEGN.get(str(form["skilletegn"]), str(form["skilletegn"]))))
    facts.append(("Overskrifter", f"rad {form['overskrift_rad']}"))
    return facts


@blueprint.post("/<uuid:utsending_id>/mottakere")
def last_opp_liste(utsending_id: UUID) -> Svar:
    """Upload a list; a worker reads it."""
    utkast = draft(utsending_id, *RECEIVERS)
    file = request.files.get("fil")
    if file is None or not file.filename:
        return _page(utkast, {"fil": tekst("FIL_MANGLER")})
    try:
        uploads.upload(
            utsending_id, "LISTE", file.filename, chunks(file), actor=current_actor(), vist=shown_mark()
        )
    except VistEndret as error:
        return _page(draft(utsending_id, *RECEIVERS), endret=describe_changes(error))
    except (UgyldigInndata, Konflikt) as error:
        return _page(draft(utsending_id, *RECEIVERS), refusal(error, ("fil",), "fil"))
    return redirect_to("mottakere", utsending_id)


@blueprint.get("/<uuid:utsending_id>/mottakere/lesing")
def lesing(utsending_id: UUID) -> AnyResponse | str:
    """Progress of the reading, polled; reloads the page when it is done."""
    if elsewhere := redirect_unless_htmx(utsending_id, "mottakere"):
        return elsewhere
    utkast = draft(utsending_id)
    if not utkast.jobb.leses:
        return reload_page()
    return render_template("utsending/lesing.html", u=utkast.u, liste=utkast.u.liste)


@blueprint.route("/<uuid:utsending_id>/mottakere/kolonner", methods=["GET", "POST"])
def kolonner(utsending_id: UUID) -> Svar:
    """Map columns to fields. Columns are identified by their position in the list the page showed."""
    utkast = draft(utsending_id, *COLUMNS)
    liste = utkast.u.liste
    if liste is None or "overskrift" not in liste.form:
        if request.method == "POST":
            return _columns_anew(utsending_id, describe_changes(VistEndret((Vist.LISTE,))))
        return redirect_to("mottakere", utsending_id)
    if request.method == "GET":
        return _columns(utkast, dict(liste.kobling))
    chosen = _answers(liste)
    try:
        require_unchanged(utkast, Vist.LISTE)
        feil = _mapping_errors(chosen, liste, utkast.u.art)
        if not feil:
            whole = {header: chosen.get(header) for header in liste.kolonner}
            uploads.map_columns(utsending_id, whole, actor=current_actor(), vist=shown_mark())
    except VistEndret as error:
        return _columns_anew(utsending_id, describe_changes(error))
    except (UgyldigInndata, Konflikt) as error:
        feil = {"kolonne-1": error_text(error)}
    return _columns(keep_shown_mark(utkast), chosen, feil) if feil else redirect_to("mottakere", utsending_id)


def _answers(liste: Fil) -> dict[str, str | None]:
    """The form's answer for each column: a field, or None for unused; unanswered columns are missing."""
    said = {header: request.form.get(f"kolonne-{n}", UNSAID) for n, header in enumerate(liste.kolonner, 1)}
    return {h: None if felt == UNUSED else felt for h, felt in said.items() if felt == UNUSED or felt in ALLE}


def _ambiguous_columns(liste: Fil) -> set[str]:
    """Columns that may hold the address or an amount, where a person must confirm or deny it."""
    return {header for headers in liste.form.get("uklare", {}).values() for header in headers}


def _columns_anew(utsending_id: UUID, endret: str) -> Svar:
    """The column page for the present list; the step's page when no columns are known."""
    utkast = draft(utsending_id, *COLUMNS, *RECEIVERS)
    liste = utkast.u.liste
    if liste is None or "overskrift" not in liste.form:
        return _page(utkast, endret=endret)
    return _columns(utkast, dict(liste.kobling), endret=endret)


def _columns(
    utkast: Utkast, valgt: dict[str, str | None], feil: dict[str, str] | None = None, endret: str = ""
) -> Svar:
    """`valgt`: the answer for each column; nothing is preselected where an answer is required."""
    assert utkast.u.liste is not None
    unsaid = _ambiguous_columns(utkast.u.liste)
    chosen = {
        h: valgt.get(h) or (UNSAID if h in unsaid - valgt.keys() else UNUSED) for h in utkast.u.liste.kolonner
    }
    shown = {"valgt": chosen, "velges": unsaid, "felter": FIELD_CHOICES, "ubrukt": UNUSED}
    return page("kolonner", utkast, "mottakere", feil, endret, **shown)


def _mapping_errors(chosen: dict[str, str | None], liste: Fil, art: str) -> dict[str, str]:
    """Errors by drop-down: two columns for one field, no name column, an ambiguous column unanswered, or no
    file name column where each row has its own document.
    """
    taken: set[str] = set()
    feil: dict[str, str] = {}
    for n, header in enumerate(liste.kolonner, 1):
        field = chosen.get(header)
        if field and field in taken:
            feil[f"kolonne-{n}"] = f"{feltnavn(field)}: {tekst('KOLONNE_DOBBEL')}"
        taken |= {field} if field else set()
    if "navn" not in taken and not {"fornavn", "etternavn"} <= taken:
        feil.setdefault("kolonne-1", tekst("NAVNEKOLONNE_MANGLER"))
    for field, headers in unresolved_fields(liste.form.get("uklare", {}), chosen).items():
        first = next(header for header in headers if header not in chosen)
        at = f"kolonne-{liste.kolonner.index(first) + 1}"
        feil.setdefault(at, _unsaid_text(field, headers))
    if art == Art.ETT_DOKUMENT_PER_RAD and FIELD not in taken:
        feil.setdefault("kolonne-1", tekst("FILNAVNKOLONNE_MANGLER"))
    return feil


def _unsaid_text(field: str, headers: Sequence[str]) -> str:
    """Ask which of the columns is the field, or whether the only one is."""
    if len(headers) == 1:
        return tekst("KOLONNE_UVALGT_EN", felt=feltnavn(field))
    return tekst("KOLONNE_UVALGT", felt=feltnavn(field), kolonner=", ".join(headers))


@blueprint.post("/<uuid:utsending_id>/mottakere/les-igjen")
def les_igjen(utsending_id: UUID) -> AnyResponse:
    """Read the uploaded file again."""
    with flash_refusals():
        uploads.read_again(utsending_id, actor=current_actor())
    return redirect_to("mottakere", utsending_id)


@blueprint.post("/<uuid:utsending_id>/mottakere/fjern")
def fjern_liste(utsending_id: UUID) -> Svar:
    """Remove the list and start over."""
    try:
        with flash_refusals():
            uploads.remove_list(utsending_id, actor=current_actor(), vist=shown_mark())
            say("Mottakerne er fjernet.")
    except VistEndret as error:
        return _page(draft(utsending_id, *RECEIVERS), endret=describe_changes(error))
    return redirect_to("mottakere", utsending_id)


@blueprint.get("/eksempel.<filformat>")
def eksempel(filformat: str) -> Response:
    """An example list to begin from."""
    if filformat == "csv":
        stream = io.StringIO(newline="")
        write_example_csv(stream)
        return file_response(stream.getvalue().encode(), CSV, "eksempel.csv")
    if filformat != "xlsx":
        abort(404)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "eksempel.xlsx"
        write_example_xlsx(path)
        return file_response(path.read_bytes(), XLSX, "eksempel.xlsx")
