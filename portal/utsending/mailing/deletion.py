"""Slett utkastet: ask, naming what is lost; then delete the draft."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt
from fiks.konfigurasjon.rules import P
from fiks.utsending import access
from fiks.utsending.deletion.discard import Innhold, contents, discard_draft
from fiks.utsending.editing.stale_form import DRAFT_CONTENT, VistEndret, form_version
from portal.access.actor import current_actor
from portal.texts import error_text, tekst
from portal.texts.formats import antall
from portal.utsending.blueprint import blueprint
from portal.utsending.page_parts import page_of
from portal.utsending.wizard import Svar, describe_changes, shown_mark


@blueprint.route("/<uuid:utsending_id>/slett", methods=["GET", "POST"])
def slett(utsending_id: UUID) -> Svar:
    """Ask on a page of its own; a mailing that has left preparation is never deleted."""
    if request.method == "GET":
        return _question(utsending_id)
    try:
        discard_draft(utsending_id, actor=current_actor(), vist=shown_mark())
    except VistEndret as error:
        return _question(utsending_id, describe_changes(error))
    except Konflikt as error:
        return _refused(utsending_id, error_text(error))
    flash("Utkastet er slettet.", "success")
    return redirect(url_for("utsending.liste"), 303)


def _question(utsending_id: UUID, endret: str = "") -> Svar:
    """The question; `endret` when more or other things would be deleted than the previous page said."""
    actor = current_actor()
    access.require(utsending_id, actor, P.SENDE)
    vist = form_version(utsending_id, *DRAFT_CONTENT)  # before what goes is looked at
    innhold, side = contents(utsending_id, actor=actor), page_of(utsending_id)
    if not side.kan_slette:
        return _refused(utsending_id, tekst("UTKAST_KAN_IKKE_SLETTES"))
    html = render_template(
        "utsending/slett.html", side=side, u=side.u, slettes=deleted_things(innhold), vist=vist, endret=endret
    )
    return (html, 409) if endret else html


def _refused(utsending_id: UUID, setning: str) -> AnyResponse:
    flash(setning, "warning")
    return redirect(url_for("utsending.detalj", utsending_id=utsending_id), 303)


def deleted_things(innhold: Innhold) -> list[str]:
    """What is deleted, a line for each kind."""
    lines = [(innhold.rader, f"{antall(innhold.rader, 'mottaker', 'mottakere')} med alle opplysninger")]
    lines += [(1, f"filen «{navn}»") for navn in innhold.filer]
    lines += [(innhold.brev, f"{antall(innhold.brev, 'brev')} som er laget, men ikke sendt")]
    lines += [(innhold.visninger, antall(innhold.visninger, "forhåndsvisning", "forhåndsvisninger"))]
    return ["opplysningene om utsendingen og valgene som er gjort", *(text for n, text in lines if n)]
