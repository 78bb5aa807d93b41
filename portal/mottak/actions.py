"""Acts on a waiting letter: receive, reject, forward, assign, note. Acts that end the waiting lead to the
worklist.

Not to the next letter itself: an impatient second click would hit its buttons.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import FiksError, IkkeFunnet, IkkeTilgang, Konflikt, UgyldigInndata
from fiks.svarut.svarinn import manual_access, manual_actions, repeated_form
from fiks.svarut.svarinn.stale_form import VenterAnnetSted
from fiks.svarut.svarinn.worklist import next_letter
from portal.access.actor import current_actor
from portal.altinn import party_lookup
from portal.mottak import letter
from portal.mottak.blueprint import blueprint, require_entry
from portal.mottak.note_forms import noted_mark
from portal.texts import error_text, tekst
from portal.ui.edit_conflict import NO_FAULTS
from portal.ui.form_values import uuid_of

Answer = AnyResponse | str | tuple[str, int]
NORMAL = "vanlig"


@blueprint.post("/<uuid:forsendelse_id>/mottatt")
def motta(forsendelse_id: UUID) -> Answer:
    """Register the letter as received; repeating it is harmless."""
    try:
        require_entry(forsendelse_id)
        manual_actions.receive(
            forsendelse_id, vist=letter.shown_mark(), spor=party_lookup(), actor=current_actor()
        )
    except IkkeFunnet:
        manual_actions.require_received(forsendelse_id, actor=current_actor())
    except VenterAnnetSted:
        return letter.show_moved(forsendelse_id)
    return _onward("Brevet er registrert som mottatt.")


@blueprint.route("/<uuid:forsendelse_id>/avvis", methods=["GET", "POST"])
def avvis(forsendelse_id: UUID) -> Answer:
    """Reject the letter with a reason, temporarily or permanently; repeating it is harmless."""
    if request.method != "POST":
        return _ask_why(forsendelse_id)
    written, permanent = request.form.get("feilmelding", ""), request.form.get("varighet") == "permanent"
    try:
        require_entry(forsendelse_id)
        if feil := _lacking():
            return _ask_why(forsendelse_id, feil), 422
        manual_actions.reject(
            forsendelse_id,
            feilmelding=written,
            permanent=permanent,
            vist=letter.shown_mark(),
            spor=party_lookup(),
            actor=current_actor(),
        )
    except IkkeFunnet:
        if not (permanent and repeated_form.has_rejected(forsendelse_id, written, actor=current_actor())):
            raise
    except VenterAnnetSted as error:
        return _ask_why(forsendelse_id), error.status
    if permanent:
        return _onward("Brevet er avvist og går videre til neste kanal.")
    return _saved(forsendelse_id, "Avsenderen får beskjeden. Brevet venter fortsatt her.")


def _lacking() -> dict[str, str]:
    """Missing fields of a rejection."""
    feil = {}
    if request.form.get("varighet", "") not in ("midlertidig", "permanent"):
        feil["varighet"] = tekst("VALG_MANGLER")
    if not request.form.get("feilmelding", "").strip():
        feil["feilmelding"] = tekst("FELT_MANGLER")
    return feil


def _ask_why(forsendelse_id: UUID, feil: Mapping[str, str] = NO_FAULTS) -> str:
    """The form of a rejection, for where the letter waits now."""
    inngang = require_entry(forsendelse_id)
    return render_template(
        "mottak/avvis.html",
        forsendelse_id=forsendelse_id,
        inngang=inngang,
        verdier=request.form,
        feil=feil,
        flyttet=letter.moved_text(inngang.vist),
    )


@blueprint.route("/<uuid:forsendelse_id>/flytt", methods=["GET", "POST"])
def flytt(forsendelse_id: UUID) -> Answer:
    """Forward the letter to another of the organisation's systems, or send it on its ordinary way; a double
    submit is harmless.
    """
    if request.method != "POST":
        return _ask_where(forsendelse_id)
    til = request.form.get("til", "")
    try:
        require_entry(forsendelse_id)
        said = _send_on(forsendelse_id, til)
    except (IkkeFunnet, IkkeTilgang, UgyldigInndata, VenterAnnetSted) as error:
        said = _sent_before(forsendelse_id, til)
        if not said:
            return _not_sent(forsendelse_id, error)
    return _onward(said)


def _send_on(forsendelse_id: UUID, til: str) -> str:
    """Forward the letter and return the message. UgyldigInndata for an invalid choice; other errors are those
    of `manual`.
    """
    actor = current_actor()
    if til == NORMAL:
        manual_actions.send_back(forsendelse_id, vist=letter.shown_mark(), spor=party_lookup(), actor=actor)
        return tekst("MOTTAK_VANLIG_VEI")
    chosen = uuid_of(til)
    if chosen is None:
        raise UgyldigInndata("VALG_MANGLER", felt="til")
    navn = manual_actions.forward(
        forsendelse_id, chosen, vist=letter.shown_mark(), spor=party_lookup(), actor=actor
    )
    return tekst("MOTTAK_LAGT_KLART", system=navn)


def _sent_before(forsendelse_id: UUID, til: str) -> str:
    """The message of the first submit, for a double one; empty when the visitor has not done this."""
    if til == NORMAL:
        sent = repeated_form.has_sent_back(forsendelse_id, actor=current_actor())
        return tekst("MOTTAK_VANLIG_VEI") if sent else ""
    chosen = uuid_of(til)
    navn = chosen and repeated_form.has_forwarded(forsendelse_id, chosen, actor=current_actor())
    return tekst("MOTTAK_LAGT_KLART", system=navn) if navn else ""


def _not_sent(forsendelse_id: UUID, error: FiksError) -> Answer:
    """The form again for faults that can be corrected in it; raises any other `error`."""
    if isinstance(error, VenterAnnetSted):
        return _ask_where(forsendelse_id), error.status
    if isinstance(error, UgyldigInndata):
        return _ask_where(forsendelse_id, {"til": error_text(error)}), error.status
    raise error


def _ask_where(forsendelse_id: UUID, feil: Mapping[str, str] = NO_FAULTS) -> str:
    """The form for forwarding, from where the letter waits now."""
    inngang = require_entry(forsendelse_id)
    return render_template(
        "mottak/flytt.html",
        forsendelse_id=forsendelse_id,
        inngang=inngang,
        systemer=manual_access.other_systems(forsendelse_id, spor=party_lookup(), actor=current_actor()),
        valgt=request.form.get("til", ""),
        feil=feil,
        flyttet=letter.moved_text(inngang.vist),
    )


@blueprint.post("/<uuid:forsendelse_id>/tildel")
def tildel(forsendelse_id: UUID) -> Answer:
    """Assign the letter to a person or a unit."""
    require_entry(forsendelse_id)
    person, enhet = request.form.get("person", ""), request.form.get("enhet", "")
    try:
        manual_actions.assign(
            forsendelse_id,
            til_person=uuid_of(person),
            til_enhet=enhet,
            vist=letter.shown_mark(),
            notert=noted_mark(),
            spor=party_lookup(),
            actor=current_actor(),
        )
    except UgyldigInndata as error:
        return letter.show(
            forsendelse_id, {error.felt or "person": error_text(error)}, person=person, enhet=enhet
        )
    except VenterAnnetSted:
        return letter.show_moved(forsendelse_id, person=person, enhet=enhet)
    except Konflikt as error:
        return letter.show_changed(forsendelse_id, error, person=person, enhet=enhet)
    return _saved(forsendelse_id, "Tildelingen er lagret.")


@blueprint.post("/<uuid:forsendelse_id>/notat")
def notat(forsendelse_id: UUID) -> Answer:
    """Write a note about the letter."""
    require_entry(forsendelse_id)
    text = request.form.get("notat", "").replace("\r\n", "\n")
    try:
        manual_actions.write_note(
            forsendelse_id,
            text,
            vist=letter.shown_mark(),
            notert=noted_mark(),
            spor=party_lookup(),
            actor=current_actor(),
        )
    except UgyldigInndata as error:
        return letter.show(forsendelse_id, {"notat": error_text(error)}, notat=text)
    except VenterAnnetSted:
        return letter.show_moved(forsendelse_id, notat=text)
    except Konflikt as error:
        return letter.show_changed(forsendelse_id, error, notat=text)
    return _saved(forsendelse_id, "Notatet er lagret.")


def _saved(forsendelse_id: UUID, said: str) -> AnyResponse:
    flash(said, "success")
    return redirect(url_for("mottak.brev", forsendelse_id=forsendelse_id), 303)


def _onward(said: str) -> AnyResponse:
    """To the worklist, with a link to the longest waiting letter that the visitor may receive."""
    flash(said, "success")
    following = next_letter(spor=party_lookup(), actor=current_actor())
    return redirect(url_for("mottak.liste", neste=following), 303)
