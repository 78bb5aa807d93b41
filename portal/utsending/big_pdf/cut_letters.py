"""The letters of a big PDF: the list with the read values, one letter, and step 4."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, request

from fiks.core.errors import FiksError
from fiks.utsending.draft import wizard
from fiks.utsending.filer import viewing
from fiks.utsending.filer.queries import finding_groups
from fiks.utsending.filer.rules import group_from_key
from fiks.utsending.samlet import letter_list, queries
from fiks.utsending.samlet.analysis.setup import from_wire
from portal.access.actor import current_actor
from portal.texts.utsending.filer import giro_text, group_text
from portal.texts.utsending.short_findings import SHORT
from portal.ui.form_values import number_arg
from portal.utsending.big_pdf.setup import big_draft, describe_cut, failure
from portal.utsending.blueprint import blueprint
from portal.utsending.findings_text import explain_letter_finding, finding_remarks
from portal.utsending.wizard import Svar, page

PAGE = letter_list.PAGE


@blueprint.get("/<uuid:utsending_id>/mottakere/brev")
def brevene(utsending_id: UUID) -> Svar:
    """All letters, those with findings, or those with one PDF finding; page by page."""
    utkast, actor = big_draft(utsending_id), current_actor()
    gruppe = group_from_key(request.args.get("funn", ""))
    only = request.args.get("vis") == "funn" and gruppe is None
    tilstand = queries.state(utsending_id, actor=actor)
    after = number_arg("etter") or 0
    found = letter_list.letters(
        utsending_id, actor=actor, bare_funn=only, gruppe=gruppe, after=after, limit=PAGE + 1
    )
    return page(
        "brevene",
        utkast,
        "mottakere",
        brev=found[:PAGE],
        flere=found[PAGE - 1].nr if len(found) > PAGE else None,
        fra_start=after == 0,
        bare_funn=only,
        gruppe=gruppe,
        gruppetekst=group_text(gruppe) if gruppe else "",
        tall=letter_list.letter_counts(utsending_id, actor=actor),
        leses=tilstand.leses,
        korte=SHORT,
        forklar=explain_letter_finding,
        merknader=finding_remarks,
    )


@blueprint.get("/<uuid:utsending_id>/mottakere/brev/<int:nr>")
def brevet(utsending_id: UUID, nr: int) -> Svar:
    """One letter: the values read, its findings, and its pages with margins drawn."""
    utkast, actor = big_draft(utsending_id), current_actor()
    found = letter_list.letters(utsending_id, actor=actor, nr=nr, limit=1)
    if not found:
        abort(404)
    letter = found[0]
    fil = None if letter.skjult else viewing.file_of(utsending_id, nr, actor=actor)
    return page(
        "brevet",
        utkast,
        "mottakere",
        brev=letter,
        fil=fil,
        sider=min(fil.sider or 0, viewing.MAX_PAGES) if fil is not None and fil.status == "LEST" else 0,
        merknader=finding_remarks(letter.funn),
        forklar=explain_letter_finding,
        antall=letter_list.letter_counts(utsending_id, actor=actor).alle,
    )


@blueprint.get("/<uuid:utsending_id>/mottakere/brev/<int:nr>.png")
def brevstripe(utsending_id: UUID, nr: int) -> Response:
    """The read area of a letter's page as a picture."""
    big_draft(utsending_id)
    try:
        png = letter_list.letter_strip(utsending_id, nr, actor=current_actor())
    except FiksError as error:
        if error.status == 422:  # the page cannot be drawn
            abort(404)
        raise
    return Response(png, mimetype="image/png")


@blueprint.get("/<uuid:utsending_id>/brev/samlet")
def samlede_brev(utsending_id: UUID) -> Svar:
    """Step 4: the letters, their findings, and a preview of any of them."""
    actor = current_actor()
    tilstand = queries.state(
        utsending_id, actor=actor
    )  # first: what is done then is done in all that follows
    utkast = big_draft(utsending_id)
    oppsett = from_wire(utkast.u.oppsett)
    return page(
        "samlede_brev",
        utkast,
        "brev",
        fil=utkast.u.samlet,
        tilstand=tilstand,
        arbeidsfeil=failure(tilstand),
        delt=describe_cut(oppsett) if oppsett else "",
        giro=giro_text(oppsett.giro) if oppsett else "",
        funn=finding_groups(utsending_id, actor=actor),
        funntekst=group_text,
        forste=wizard.neighbours(utsending_id, 0, actor=actor).neste,
    )
