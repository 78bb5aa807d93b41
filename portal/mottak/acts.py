"""What is done with a letter by hand. What ends its waiting leads to the list, which offers the next letter.

Not to the next letter itself: an impatient second click would land on its buttons.
"""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import IkkeFunnet, UgyldigInndata
from fiks.svarut.svarinn import by_hand, manual
from fiks.svarut.svarinn.worklist import next_letter
from portal.access import current_actor
from portal.altinn import spor
from portal.mottak import letter
from portal.mottak.blueprint import blueprint, entered
from portal.svarut.forms import uuid_of
from portal.texts import error_text, tekst

Answer = AnyResponse | str | tuple[str, int]
NORMAL = "vanlig"


@blueprint.post("/<uuid:forsendelse_id>/mottatt")
def motta(forsendelse_id: UUID) -> AnyResponse:
    """Say that the letter is received; to say it again is fine."""
    try:
        entered(forsendelse_id)
        manual.receive(forsendelse_id, spor=spor(), actor=current_actor())
    except IkkeFunnet:
        manual.require_received(forsendelse_id, actor=current_actor())
    return _onward("Brevet er registrert som mottatt.")


@blueprint.route("/<uuid:forsendelse_id>/avvis", methods=["GET", "POST"])
def avvis(forsendelse_id: UUID) -> Answer:
    """Say why the letter cannot be received, for now or for good."""
    entered(forsendelse_id)
    form, feil = request.form, dict[str, str]()
    if request.method == "POST":
        how = form.get("varighet", "")
        if how not in ("midlertidig", "permanent"):
            feil["varighet"] = tekst("VALG_MANGLER")
        if not form.get("feilmelding", "").strip():
            feil["feilmelding"] = tekst("FELT_MANGLER")
        if not feil:
            permanent = how == "permanent"
            manual.reject(
                forsendelse_id,
                feilmelding=form["feilmelding"],
                permanent=permanent,
                spor=spor(),
                actor=current_actor(),
            )
            if permanent:
                return _onward("Brevet er avvist og går videre til neste kanal.")
            flash("Avsenderen får beskjeden. Brevet venter fortsatt her.", "success")
            return redirect(url_for("mottak.brev", forsendelse_id=forsendelse_id), 303)
    page = render_template("mottak/avvis.html", forsendelse_id=forsendelse_id, verdier=form, feil=feil)
    return (page, 422) if feil else page


@blueprint.route("/<uuid:forsendelse_id>/flytt", methods=["GET", "POST"])
def flytt(forsendelse_id: UUID) -> Answer:
    """Let another of the organisation's systems have it, or let it go its ordinary way."""
    entered(forsendelse_id)
    actor, til = current_actor(), request.form.get("til", "")
    systemer, feil = by_hand.other_systems(forsendelse_id, spor=spor(), actor=actor), dict[str, str]()
    if request.method == "POST" and til == NORMAL:
        manual.send_back(forsendelse_id, spor=spor(), actor=actor)
        return _onward("Brevet går videre til neste kanal.")
    if request.method == "POST":
        navn = next((one.navn for one in systemer if str(one.id) == til), "")
        if chosen := uuid_of(til) if navn else None:
            manual.forward(forsendelse_id, chosen, spor=spor(), actor=actor)
            return _onward(f"Brevet er lagt klart for {navn}.")
        feil = {"til": tekst("VALG_MANGLER")}
    page = render_template(
        "mottak/flytt.html", forsendelse_id=forsendelse_id, systemer=systemer, valgt=til, feil=feil
    )
    return (page, 422) if feil else page


@blueprint.post("/<uuid:forsendelse_id>/tildel")
def tildel(forsendelse_id: UUID) -> Answer:
    """Give it to a person or a unit."""
    entered(forsendelse_id)
    person, enhet = request.form.get("person", ""), request.form.get("enhet", "")
    try:
        manual.assign(
            forsendelse_id, til_person=uuid_of(person), til_enhet=enhet, spor=spor(), actor=current_actor()
        )
    except UgyldigInndata as error:
        return letter.show(
            forsendelse_id, {error.felt or "person": error_text(error)}, person=person, enhet=enhet
        )
    return _saved(forsendelse_id, "Tildelingen er lagret.")


@blueprint.post("/<uuid:forsendelse_id>/notat")
def notat(forsendelse_id: UUID) -> Answer:
    """Write something down about it."""
    entered(forsendelse_id)
    text = request.form.get("notat", "").replace("\r\n", "\n")
    try:
        manual.write_note(forsendelse_id, text, spor=spor(), actor=current_actor())
    except UgyldigInndata as error:
        return letter.show(forsendelse_id, {"notat": error_text(error)}, notat=text)
    return _saved(forsendelse_id, "Notatet er lagret.")


def _saved(forsendelse_id: UUID, said: str) -> AnyResponse:
    flash(said, "success")
    return redirect(url_for("mottak.brev", forsendelse_id=forsendelse_id), 303)


def _onward(said: str) -> AnyResponse:
    """To the list, with a link to the letter that has waited longest of those that are the visitor's to receive."""
    flash(said, "success")
    following = next_letter(spor=spor(), actor=current_actor())
    return redirect(url_for("mottak.liste", neste=following), 303)
