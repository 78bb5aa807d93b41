"""The eDialog forms of a konto's mottaker: create, change, remove, and restore the standard form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.edialog.mottaker import forms
from fiks.edialog.mottaker.forms import Skjemavalg, UgyldigSkjematype
from fiks.edialog.rules import Skjemaoppsett, Skjematype, tidy_text
from portal.access.actor import current_actor
from portal.organisasjon.blueprint import blueprint
from portal.organisasjon.konto.pages import Answer, administered_konto
from portal.texts import error_text, tekst
from portal.texts.konfigurasjon.konto import EDIALOGSKJEMAFELT
from portal.ui.edit_conflict import Skjema, save_part, stored_form, to_form_values


@blueprint.route("/kontoer/<uuid:konto_id>/edialog/skjemaer/nytt", methods=["GET", "POST"])
def edialog_nytt_skjema(konto_id: UUID) -> Answer:
    """Create a tilpasset skjema."""
    administered_konto(konto_id)
    _require_mottaker(konto_id)
    if request.method == "GET":
        return _page(konto_id, None, _new(Skjemaoppsett("", ""), {}))
    said = _said()
    try:
        forms.add_form(konto_id, said, actor=current_actor())
    except UgyldigSkjematype as error:
        return _page(konto_id, None, _new(said, _told(error)))
    except Konflikt as error:
        return _back(konto_id, error_text(error), "warning")
    return _back(konto_id, "Skjemaet er laget.")


@blueprint.route("/kontoer/<uuid:konto_id>/edialog/skjemaer/<int:skjemanr>", methods=["GET", "POST"])
def edialog_skjema(konto_id: UUID, skjemanr: int) -> Answer:
    """Change a tilpasset skjema."""
    administered_konto(konto_id)
    form = _form(konto_id, skjemanr)
    if form.type is Skjematype.STANDARD:
        return _back(konto_id, tekst("EDIALOG_SKJEMA_FAST"), "warning")
    if request.method == "GET":
        return _page(konto_id, form, _stored(form))
    said = _said()
    refused = save_part(
        request.form,
        lambda vist: forms.change_form(konto_id, skjemanr, said, vist=vist, actor=current_actor()),
        lambda: _stored(_form(konto_id, skjemanr)),
        to_form_values(asdict(said)),
    )
    return _back(konto_id, "Endringene er lagret.") if refused is None else _page(konto_id, form, refused)


@blueprint.route("/kontoer/<uuid:konto_id>/edialog/skjemaer/<int:skjemanr>/fjern", methods=["GET", "POST"])
def edialog_fjern_skjema(konto_id: UUID, skjemanr: int) -> Answer:
    """Ask, stating the consequence; then remove the form from the offer."""
    administered_konto(konto_id)
    if request.method == "GET":
        return _ask(konto_id, skjemanr)
    actor, vist = current_actor(), request.form.get("vist", "")
    try:
        forms.remove_form(konto_id, skjemanr, vist=vist, actor=actor)
    except IkkeFunnet:
        if not forms.is_removed(konto_id, skjemanr, actor=actor):
            raise
        return _back(konto_id, tekst("EDIALOG_SKJEMA_ALT_FJERNET"), "info")
    except Konflikt as error:
        flash(tekst("EDIALOG_SKJEMAER_ENDRET"), "warning")
        return _ask(konto_id, skjemanr), error.status
    return _back(konto_id, "Skjemaet er fjernet.")


def _ask(konto_id: UUID, nr: int) -> str:
    offered = forms.forms_of_konto(konto_id, actor=current_actor())
    form = _among(offered, nr)
    return render_template(
        "organisasjon/fjern_edialogskjema.html",
        node=administered_konto(konto_id),
        skjema=form,
        siste=len(offered) == 1,
        vist=forms.mark_of_removal(form, offered),
    )


@blueprint.post("/kontoer/<uuid:konto_id>/edialog/skjemaer/standard")
def edialog_standard(konto_id: UUID) -> AnyResponse:
    """Offer the standard form again."""
    administered_konto(konto_id)
    forms.restore_standard(konto_id, actor=current_actor())
    return _back(konto_id, "Standardskjemaet er i bruk igjen.")


def _require_mottaker(konto_id: UUID) -> None:
    if not forms.has_mottaker(konto_id, actor=current_actor()):
        raise IkkeFunnet("FINNES_IKKE")


def _form(konto_id: UUID, nr: int) -> Skjemavalg:
    return _among(forms.forms_of_konto(konto_id, actor=current_actor()), nr)


def _among(offered: Sequence[Skjemavalg], nr: int) -> Skjemavalg:
    for form in offered:
        if form.nr == nr:
            return form
    raise IkkeFunnet("FINNES_IKKE")


def _said() -> Skjemaoppsett:
    return Skjemaoppsett(*(tidy_text(request.form.get(name, "")) for name in ("navn", "tittel")))


def _stored(form: Skjemavalg) -> Skjema:
    return stored_form(EDIALOGSKJEMAFELT, asdict(Skjemaoppsett(form.navn, form.tittel)))


def _new(said: Skjemaoppsett, feil: dict[str, str]) -> Skjema:
    return Skjema(EDIALOGSKJEMAFELT, to_form_values(asdict(said)), feil, "")


def _told(error: UgyldigSkjematype) -> dict[str, str]:
    return {one.felt or "navn": tekst(one.kode, **one.params) for one in error.feil}


def _back(konto_id: UUID, told: str, kind: str = "success") -> AnyResponse:
    flash(told, kind)
    return redirect(url_for("organisasjon.edialog", konto_id=konto_id), 303)


def _page(konto_id: UUID, form: Skjemavalg | None, skjema: Skjema) -> Answer:
    node, exists = administered_konto(konto_id), form is not None
    page = render_template("organisasjon/edialogskjema.html", node=node, finnes=exists, skjema=skjema)
    return page, skjema.status
