"""Step 1 of the guided job, Ny utsending, and the way back into a draft."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import abort, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from fiks.core import clock
from fiks.core.calendar import OSLO
from fiks.core.errors import UgyldigInndata
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.queries import Kontovalg
from fiks.konfigurasjon.rules import P
from fiks.utsending.drafts import Fakta, create_utsending, update_utsending
from portal.formats import dato
from portal.texts import error_text
from portal.tilgang import current_actor
from portal.utsending.blueprint import blueprint
from portal.utsending.forms import Faktaskjema
from portal.utsending.job import IkkeUtkast, Svar, draft, own_page, page, say, to
from portal.utsending.view import STEPS

blueprint.register_error_handler(IkkeUtkast, own_page)


def today() -> date:
    """The day it is in Norway."""
    return clock.now().astimezone(OSLO).date()


def kontoer() -> list[Kontovalg]:
    """The kontoer one may send from."""
    actor = current_actor()
    assert actor.person_id is not None and actor.organisasjon_id is not None
    return konfigurasjon.kontoer_with(actor.person_id, actor.organisasjon_id, P.SENDE)


@blueprint.route("/ny", methods=["GET", "POST"])
def ny() -> Svar:
    """Begin a mailing."""
    valg = kontoer()
    if request.method == "GET":
        first = str(valg[0].id) if len(valg) == 1 else ""
        return _new_page(valg, Faktaskjema(konto=first, brevdato=dato(today())))
    skjema = Faktaskjema.of(request.form)
    konto = skjema.konto_id(frozenset(k.id for k in valg))
    fakta = skjema.facts(today())
    made = _create(konto, fakta, skjema) if konto and fakta else None
    if made is None:
        return _new_page(valg, skjema), 422
    say("Utsendingen er lagret som utkast.")
    return _onward(made)


def _create(konto: UUID, fakta: Fakta, skjema: Faktaskjema) -> UUID | None:
    try:
        return create_utsending(konto, fakta, actor=current_actor())
    except UgyldigInndata as error:
        skjema.feil[error.felt or "tittel"] = error_text(error)
        return None


def _new_page(valg: list[Kontovalg], skjema: Faktaskjema) -> str:
    trinn = [(text, "", "her" if name == "fakta" else "senere") for name, text in STEPS]
    shown = [(str(konto.id), konto.visningsnavn) for konto in valg]
    first = [("", "Velg konto")] if len(valg) > 1 else []
    return render_template(
        "utsending/ny.html",
        skjema=skjema,
        feil=skjema.feil,
        kontoer=valg,
        kontovalg=[*first, *shown],
        trinn=trinn,
    )


def _onward(utsending_id: UUID) -> AnyResponse:
    draft_only = request.form.get("lagre") == "utkast"
    return to("detalj" if draft_only else "mottakere", utsending_id)


@blueprint.route("/<uuid:utsending_id>/fakta", methods=["GET", "POST"])
def fakta(utsending_id: UUID) -> Svar:
    """Change what was said at the beginning."""
    utkast = draft(utsending_id)
    if request.method == "GET":
        return page("fakta", utkast, "fakta", skjema=Faktaskjema.from_draft(utkast.u))
    skjema = Faktaskjema.of(request.form)
    facts = skjema.facts(today())
    if facts is None or not _update(utsending_id, facts, skjema):
        return page("fakta", utkast, "fakta", skjema.feil, skjema=skjema)
    say("Endringene er lagret.")
    return _onward(utsending_id)


def _update(utsending_id: UUID, facts: Fakta, skjema: Faktaskjema) -> bool:
    try:
        update_utsending(utsending_id, facts, actor=current_actor())
    except UgyldigInndata as error:
        skjema.feil[error.felt or "tittel"] = error_text(error)
        return False
    return True


@blueprint.get("/<uuid:utsending_id>/steg/<steg>")
def steg(utsending_id: UUID, steg: str) -> AnyResponse:
    """Go to a step by its name."""
    if steg not in {name for name, _ in STEPS}:
        abort(404)
    return to(steg, utsending_id)
