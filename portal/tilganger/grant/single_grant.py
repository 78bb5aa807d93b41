"""One grant: revoke it, or change its last day."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.rules import POWERFUL, Innehavertype, P
from fiks.konfigurasjon.tilgang import holders, lock, service
from fiks.konfigurasjon.tilgang.holders import Enkelttilgang
from fiks.konfigurasjon.tilgang.rows import is_granted_to_self
from portal.access.actor import chosen_organisation, current_actor
from portal.texts import error_text, tekst
from portal.texts.konfigurasjon.tilganger import SLUTTFELT
from portal.tilganger.blueprint import blueprint
from portal.tilganger.grant import grant_form
from portal.tilganger.page_frame import Answer, show
from portal.ui.edit_conflict import Skjema, save_part, stored_form
from portal.ui.form_values import read_date

OF_THE_DAY = ("EGEN_SLUTTDATO", "SISTE_ADMINISTRATOR")
"""Refusals of the typed day, shown at its field."""


def _grant(tilgang_id: UUID) -> Enkelttilgang:
    """The grant, if it is on a ressurs of the chosen organisation."""
    found = holders.single_grant(tilgang_id, actor=current_actor())
    if found.organisasjon_id != chosen_organisation():
        raise IkkeFunnet("FINNES_IKKE")
    return found


def _place_of(t: Enkelttilgang) -> str:
    """Where the visitor returns to: the person's page, or the ressurs' for a group."""
    if t.innehaver.type is Innehavertype.PERSON:
        return url_for("tilganger.person", person_id=t.innehaver.id)
    return url_for("tilganger.ressurs", ressurs_id=t.ressurs_id)


def _back(t: Enkelttilgang) -> AnyResponse:
    """To the ressurs, which exists also when the person holds nothing more; to the front page without the
    right.
    """
    if not queries.may(current_actor(), P.ORG_LES, t.ressurs_id):
        return redirect(url_for("sider.forside"), 303)
    return redirect(url_for("tilganger.ressurs", ressurs_id=t.ressurs_id), 303)


@blueprint.route("/<uuid:tilgang_id>/fjern", methods=["GET", "POST"])
def fjern(tilgang_id: UUID) -> Answer:
    """Ask, stating what is lost; then revoke it."""
    t = _grant(tilgang_id)
    if request.method == "GET":
        return _ask(t)
    try:
        service.revoke(tilgang_id, actor=current_actor())
    except Konflikt as error:
        return _ask(t, error_text(error)), 409
    flash(tekst("TILGANG_TATT", navn=t.navn), "success")
    return _back(t)


def _ask(t: Enkelttilgang, alvorlig: str = "") -> str:
    selv = is_granted_to_self(t.innehaver, actor=current_actor())
    return show("fjern", t=t, selv=selv, tilbake=_place_of(t), alvorlig=alvorlig)


@blueprint.route("/<uuid:tilgang_id>/slutt", methods=["GET", "POST"])
def slutt(tilgang_id: UUID) -> Answer:
    """Change the last day; an empty field means no end. Nobody can extend their own grant."""
    t = _grant(tilgang_id)
    written = request.values.get("til")
    if request.method == "GET":
        stored = _end_of(t)
        return _form(t, stored if written is None else replace(stored, verdier={"til": written.strip()}))
    try:
        refused = _save_end(tilgang_id, (written or "").strip())
    except (IkkeTilgang, Konflikt) as error:
        if error.kode in OF_THE_DAY:
            typed = {"til": (written or "").strip()}
            return _page(t, replace(_end_of(t), verdier=typed, feil={"til": error_text(error)})), error.status
        if error.kode != "NY_INNLOGGING":
            raise
        # What was written goes along to the login and back.
        here = url_for("tilganger.slutt", tilgang_id=tilgang_id, til=written)
        return redirect(url_for("innlogging.bekreft", neste=here), 303)
    if refused is not None:
        return _form(_grant(tilgang_id), refused)
    flash(tekst("SLUTTDATO_LAGRET"), "success")
    return _back(t)


def _save_end(tilgang_id: UUID, written: str) -> Skjema | None:
    """Save the end; return the form when it is refused."""

    def save(vist: str) -> None:
        end = grant_form.end_after(read_date(written))
        service.change_end(tilgang_id, gyldig_til=end, vist=vist, actor=current_actor())

    faults = grant_form.date_faults("", written)
    return save_part(request.form, save, lambda: _end_of(_grant(tilgang_id)), {"til": written}, faults)


def _end_of(t: Enkelttilgang) -> Skjema:
    """The form with the stored end."""
    return stored_form(SLUTTFELT, service.end_as_form_value(t.gyldig_til))


def _form(t: Enkelttilgang, skjema: Skjema) -> Answer:
    """The form. Extending an administrator equals granting it, so a fresh login is required before the form
    is shown.
    """
    if request.method == "GET" and t.privilegium in POWERFUL and t.gyldig_til is not None:
        lock.require_fresh_login(current_actor())
    return _page(t, skjema), skjema.status


def _page(t: Enkelttilgang, skjema: Skjema) -> str:
    selv = is_granted_to_self(t.innehaver, actor=current_actor())
    return show("slutt", t=t, selv=selv, skjema=skjema, tilbake=_place_of(t))
