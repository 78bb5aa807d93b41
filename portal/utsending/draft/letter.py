"""Step 4, Brev: choose the template, or upload the one document that everybody gets."""

from __future__ import annotations

from uuid import UUID

from flask import Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.utsending.brev import MalFeil, parse_template
from fiks.utsending.draft import wizard
from fiks.utsending.draft.service import choose_template
from fiks.utsending.editing.stale_form import Vist, VistEndret
from fiks.utsending.letters import preview
from fiks.utsending.overview import mailings
from fiks.utsending.receivers import uploads
from fiks.utsending.rules import Art
from fiks.utsending.templates import service
from portal.access.actor import current_actor
from portal.texts import tekst
from portal.utsending.blueprint import blueprint
from portal.utsending.files.upload import files_page
from portal.utsending.findings_text import Merknad, finding_remarks
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
    shown_mark,
)

LETTER = (Vist.MAL, Vist.DOKUMENT)
"""What the forms of the step's pages are about."""
NEEDS_ANNOUNCEMENT = frozenset({"klagefrist", "kunngjort", "ettersyn_til"})


@blueprint.get("/<uuid:utsending_id>/brev")
def brev(utsending_id: UUID) -> Svar:
    """Choose the template or upload the document, and look at letters."""
    utkast = draft(utsending_id, *LETTER)
    return redirect_to("samlede_brev", utsending_id) if utkast.u.art == Art.EN_STOR_PDF else _page(utkast)


def _page(utkast: Utkast, feil: dict[str, str] | None = None, endret: str = "") -> Svar:
    actor, u = current_actor(), utkast.u
    if u.art == Art.ETT_DOKUMENT_PER_RAD:
        return files_page(utkast, feil, endret=endret)
    first = wizard.neighbours(u.id, 0, actor=actor).neste
    if u.art == Art.SAMME_DOKUMENT:
        document = {"fil": u.dokument, "merknader": remarks(utkast)}
        return page("dokument", utkast, "brev", feil, endret, forste=first, **document)
    return page(
        "brev",
        utkast,
        "brev",
        feil,
        endret,
        forste=first,
        maler=mailings.templates(u.organisasjon_id),
        valgt=service.chosen_template(u.id, actor=actor),
        mangler_kunngjoring=_lacks_announcement(utkast),
    )


def _lacks_announcement(utkast: Utkast) -> bool:
    """Whether the chosen template states a deadline that needs a kunngjøringsdato, and none is given."""
    chosen = service.chosen_template(utkast.u.id, actor=current_actor())
    if chosen is None or utkast.u.kunngjoringsdato is not None:
        return False
    fields = service.fields_of(utkast.u.id, actor=current_actor())
    try:
        return bool(parse_template(chosen.mal.kilde_nb, fields).felter & NEEDS_ANNOUNCEMENT)
    except MalFeil:
        return False


@blueprint.post("/<uuid:utsending_id>/brev/mal")
def velg_mal(utsending_id: UUID) -> Svar:
    """Use a template."""
    utkast, chosen = draft(utsending_id, *LETTER), request.form.get("mal", "")
    allowed = {str(row[0]): row[0] for row in mailings.templates(utkast.u.organisasjon_id)}
    if chosen not in allowed:
        return _page(utkast, {"mal": tekst("MAL_MANGLER")})
    try:
        choose_template(utsending_id, allowed[chosen], actor=current_actor(), vist=shown_mark())
    except VistEndret as error:
        return _page(draft(utsending_id, *LETTER), endret=describe_changes(error))
    except (UgyldigInndata, Konflikt) as error:
        return _page(utkast, refusal(error, ("mal",), "mal"))
    say("Malen er valgt.")
    return redirect_to("brev", utsending_id)


@blueprint.post("/<uuid:utsending_id>/brev/dokument")
def last_opp_dokument(utsending_id: UUID) -> Svar:
    """Upload the document; a worker checks it."""
    utkast = draft(utsending_id, *LETTER)
    file = request.files.get("fil")
    if file is None or not file.filename:
        return _page(utkast, {"fil": tekst("FIL_MANGLER")})
    try:
        uploads.upload(
            utsending_id, "DOKUMENT", file.filename, chunks(file), actor=current_actor(), vist=shown_mark()
        )
    except VistEndret as error:
        return _page(draft(utsending_id, *LETTER), endret=describe_changes(error))
    except (UgyldigInndata, Konflikt) as error:
        unknown = error.kode == "FILTYPE_UKJENT"
        feil = {"fil": tekst("PDF_FILTYPE")} if unknown else refusal(error, ("fil",), "fil")
        return _page(draft(utsending_id, *LETTER), feil)
    return redirect_to("brev", utsending_id)


@blueprint.get("/<uuid:utsending_id>/brev/kontroll")
def dokumentkontroll(utsending_id: UUID) -> AnyResponse | str:
    """Whether the document has been checked, polled."""
    if elsewhere := redirect_unless_htmx(utsending_id, "brev"):
        return elsewhere
    utkast = draft(utsending_id)
    if not utkast.jobb.leses:
        return reload_page()
    return render_template("utsending/dokumentkontroll.html", u=utkast.u)


@blueprint.get("/<uuid:utsending_id>/brev/dokument/<int:side>.png")
def dokumentside(utsending_id: UUID, side: int) -> Response:
    """A page of the document, with margins and findings drawn over."""
    png = preview.document_page(utsending_id, side, actor=current_actor())
    return Response(png, mimetype="image/png")


def remarks(utkast: Utkast) -> list[Merknad]:
    """Findings in the document that everybody gets."""
    fil = utkast.u.dokument
    return finding_remarks(fil.funn if fil is not None else ())
