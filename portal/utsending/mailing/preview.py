"""Preview of letters: order any row's letter, a worker draws it, the page shows its pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, abort, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt
from fiks.pdf.page_images import MARGINS_MM, WINDOW_MM
from fiks.utsending.draft import wizard
from fiks.utsending.letters import preview, test_letter
from fiks.utsending.letters.preview import Forhandsvisning
from fiks.utsending.letters.test_letter import Provebrev
from fiks.utsending.overview import mailing_page
from fiks.utsending.rules import Delstatus
from portal.access.actor import current_actor
from portal.extensions import TEST_LETTER_LIMIT, limiter
from portal.texts import error_text, tekst
from portal.utsending.blueprint import blueprint
from portal.utsending.page_parts import flash_refusals, page_of
from portal.utsending.wizard import Svar, redirect_to, redirect_unless_htmx, reload_page, say, value_name

NOT_READY = (Delstatus.KLAR, Delstatus.TATT)


@dataclass(frozen=True, slots=True)
class Brevvalg:
    """Data of the preview form: whether the list's header is row 1, and the visitor's last test letter unless
    it was sent (`provebrev_feil`: why not).
    """

    overskrift_er_rad_1: bool
    provebrev: Provebrev | None
    provebrev_feil: str


def letter_choice(utsending_id: UUID) -> Brevvalg:
    """Data of the preview form for this mailing and visitor."""
    actor = current_actor()
    liste = mailing_page.detail(utsending_id, actor=actor).liste
    last = test_letter.last_test_letter(utsending_id, actor=actor)
    if last is not None and last.status is Delstatus.FERDIG:
        last = None
    return Brevvalg(
        liste is not None and liste.form.get("overskrift_rad") == 1, last, failure(last) if last else ""
    )


@blueprint.context_processor
def _letter_choice() -> dict[str, Any]:
    return {"brevvalg": letter_choice}


def wanted_row() -> int:
    """The row number in the form; 0 when invalid."""
    text = request.form.get("rad", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


@blueprint.post("/<uuid:utsending_id>/forhandsvisning")
def bestill_visning(utsending_id: UUID) -> AnyResponse:
    """Order a row's letter as pictures."""
    page_of(utsending_id)
    try:
        del_id = preview.order_preview(utsending_id, wanted_row(), actor=current_actor())
    except IkkeFunnet:
        say(tekst("RAD_FINNES_IKKE"), "warning")
    except (Konflikt, IkkeTilgang) as error:
        say(error_text(error), "warning")
    else:
        return redirect_to("forhandsvisning", utsending_id, del_id=del_id)
    return redirect_to("brev", utsending_id)


@blueprint.get("/<uuid:utsending_id>/forhandsvisning/<int:del_id>")
def forhandsvisning(utsending_id: UUID, del_id: int) -> Svar:
    """A row's letter: still being drawn, or page by page with envelope window and margins drawn over."""
    actor = current_actor()
    visning = preview.preview(utsending_id, del_id, actor=actor)
    return render_template(
        "utsending/forhandsvisning.html",
        side=page_of(utsending_id),
        visning=visning,
        naboer=wizard.neighbours(utsending_id, visning.radnr, actor=actor),
        venter=visning.status in NOT_READY,
        feiltekst=failure(visning),
        med_ramme=request.args.get("ramme") != "nei",
        vindu=WINDOW_MM,
        marg=MARGINS_MM,
    )


def failure(visning: Forhandsvisning | Provebrev) -> str:
    """Why the letter could not be drawn."""
    if visning.status is not Delstatus.FEILET:
        return ""
    return tekst(visning.feilkode or "BARN_FEIL", felt=value_name(visning.feilfelt))


@blueprint.get("/<uuid:utsending_id>/forhandsvisning/<int:del_id>/venter")
def visning_venter(utsending_id: UUID, del_id: int) -> AnyResponse | str:
    """Whether the letter is drawn, polled."""
    visning = preview.preview(utsending_id, del_id, actor=current_actor())
    if redirect_unless_htmx(utsending_id, "brev"):
        return redirect_to("forhandsvisning", utsending_id, del_id=del_id)
    if visning.status not in NOT_READY:
        return reload_page()
    return render_template("utsending/visning_venter.html", side=page_of(utsending_id), visning=visning)


@blueprint.get("/<uuid:utsending_id>/forhandsvisning/<int:del_id>/side/<int:nr>.png")
def visning_side(utsending_id: UUID, del_id: int, nr: int) -> Response:
    """Page `nr` of the letter as a picture."""
    png = preview.preview_file(utsending_id, del_id, max(nr, 1), actor=current_actor())
    return Response(png, mimetype="image/png")


@blueprint.get("/<uuid:utsending_id>/forhandsvisning/<int:del_id>/brev.pdf")
def visning_pdf(utsending_id: UUID, del_id: int) -> Response:
    """The letter's own bytes as sent; its cover sheet where documents follow."""
    pdf = preview.preview_file(utsending_id, del_id, 0, actor=current_actor())
    return Response(pdf, mimetype="application/pdf")


@blueprint.get("/<uuid:utsending_id>/forhandsvisning/<int:del_id>/dokument/<int:nr>.pdf")
def visning_dokument(utsending_id: UUID, del_id: int, nr: int) -> Response:
    """Document `nr` of those that follow the cover sheet."""
    actor = current_actor()
    visning = preview.preview(utsending_id, del_id, actor=actor)
    if not 1 <= nr <= visning.dokumenter:
        abort(404)
    pdf = preview.preview_file(utsending_id, del_id, visning.sider + nr, actor=actor)
    return Response(pdf, mimetype="application/pdf")


@blueprint.post("/<uuid:utsending_id>/provebrev")
@limiter.limit(TEST_LETTER_LIMIT)
def provebrev(utsending_id: UUID) -> AnyResponse:
    """Send a row's letter to oneself, marked as a test."""
    page_of(utsending_id)
    with flash_refusals():
        try:
            test_letter.order_test_letter(utsending_id, wanted_row(), actor=current_actor())
            say("Prøvebrevet er på vei til deg. Det er merket PRØVEBREV og telles ikke med.")
        except IkkeFunnet:
            say(tekst("RAD_FINNES_IKKE"), "warning")
    return redirect_to("brev", utsending_id)
