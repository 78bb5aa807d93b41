"""Step 2 by hand: type one or a few receivers, with look-up in the registers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast
from uuid import UUID

from flask import current_app, make_response, request

from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.registeroppslag.errors import ForMangeOppslag
from fiks.registeroppslag.port import Registerport
from fiks.registeroppslag.rules import Registernavn
from fiks.utsending.editing.stale_form import VistEndret, row_versions
from fiks.utsending.receivers import typed
from fiks.utsending.rows import queries
from portal.access.actor import current_actor
from portal.extensions import LOOKUP_LIMIT, limiter
from portal.texts import error_text, tekst
from portal.ui.hjemmel_choice import hjemmelvalg
from portal.utsending.blueprint import blueprint
from portal.utsending.page_parts import flash_refusals
from portal.utsending.wizard import Svar, describe_changes, draft, page, redirect_to, refusal, say, shown_mark

FORM_FIELDS = (*typed.FIELDS, *typed.FILE_FIELDS, "nummer", "hjemmel")
LONGEST, LONGEST_FILES = 200, 1_000


def register() -> Registerport:
    """This app's client of the national registers."""
    return cast(Registerport, current_app.extensions["fiks_register"])


@blueprint.get("/<uuid:utsending_id>/mottakere/skriv")
def skriv(utsending_id: UUID) -> Svar:
    """Write receivers by hand."""
    return _page(utsending_id, {})


@blueprint.post("/<uuid:utsending_id>/mottakere/sla-opp")
@limiter.limit(LOOKUP_LIMIT)
def sla_opp(utsending_id: UUID) -> Svar:
    """Look up a number and fill in the form; the look-up is audited."""
    written, actor = _read_form(), current_actor()
    try:
        found = typed.look_up(utsending_id, written["nummer"], written["hjemmel"], register(), actor=actor)
    except (UgyldigInndata, Konflikt) as error:
        return _page(utsending_id, written, refusal(error, FORM_FIELDS, "nummer"))
    except ForMangeOppslag as error:
        answer = make_response(_page(utsending_id, written, {"nummer": error_text(error)}))
        answer.status_code = error.status
        return answer
    if not found.funnet:
        kode = "PERSON_IKKE_FUNNET" if "fnr" in found.verdier else "ORG_IKKE_FUNNET"
        return _page(utsending_id, _fill_in(written, found), {"nummer": tekst(kode)})
    return _page(utsending_id, _fill_in(written, found), oppslag=found)


@blueprint.post("/<uuid:utsending_id>/mottakere/skriv")
def legg_til(utsending_id: UUID) -> Svar:
    """Add one receiver. A double submit adds one, and gets the first answer again."""
    written = _read_form()
    try:
        radnr = typed.add_row(utsending_id, written, register(), actor=current_actor(), vist=shown_mark())
    except (UgyldigInndata, Konflikt) as error:
        return _page(utsending_id, written, refusal(error, FORM_FIELDS, "navn"))
    say(f"Mottaker nummer {radnr} er lagt til.")
    return redirect_to("skriv", utsending_id)


@blueprint.post("/<uuid:utsending_id>/mottakere/skriv/<int:radnr>/fjern")
def fjern_rad(utsending_id: UUID, radnr: int) -> Svar:
    """Remove the receiver that the page showed under this number."""
    draft(utsending_id)
    try:
        with flash_refusals():
            typed.remove_row(utsending_id, radnr, register(), actor=current_actor(), vist=shown_mark())
            say("Mottakeren er fjernet.")
    except VistEndret as error:
        return _page(utsending_id, {}, endret=describe_changes(error))
    return redirect_to("skriv", utsending_id)


def _read_form() -> dict[str, str]:
    """All fields of the form as text."""
    return {
        name: request.form.get(name, "").strip()[: LONGEST_FILES if name in typed.FILE_FIELDS else LONGEST]
        for name in FORM_FIELDS
    }


def _fill_in(written: dict[str, str], found: typed.Oppslag) -> dict[str, str]:
    """The form after a look-up: details of another receiver are cleared; typed details of the same receiver
    stay where the register says nothing.
    """
    numbers = {"".join(written[name].split()) for name in ("fnr", "orgnr")}
    another = not numbers <= {"", *found.verdier.values()}
    told = found.funnet and not found.uvist
    emptied = dict.fromkeys(typed.RECEIVER_FIELDS, "") if told or another else {}
    return written | emptied | found.verdier


def _page(
    utsending_id: UUID,
    verdier: Mapping[str, str],
    feil: dict[str, str] | None = None,
    oppslag: typed.Oppslag | None = None,
    endret: str = "",
) -> Svar:
    """The form. After a refusal it keeps the mark of the rows its first page showed."""
    utkast, vist = draft(utsending_id), row_versions(utsending_id, typed.MAX_TYPED + 1)
    if utkast.u.liste is not None:
        say(error_text(Konflikt("LISTE_FINNES")), "info")
        return redirect_to("mottakere", utsending_id)
    rader = queries.rows(utsending_id, actor=current_actor(), limit=typed.MAX_TYPED + 1)
    shown = {name: verdier.get(name, "") for name in FORM_FIELDS}
    return page(
        "skriv",
        utkast,
        "mottakere",
        feil,
        endret,
        vist=vist,
        alle_vist=shown_mark() if feil else " ".join(vist.values()),
        v=shown,
        rader=rader,
        oppslag=oppslag,
        maks=typed.MAX_TYPED,
        hjemler=hjemmelvalg(utkast.u.organisasjon_id, Registernavn.FOLKEREGISTER),
    )
