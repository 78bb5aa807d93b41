"""Step 1: title, text, and how the citizen can be reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for

from fiks.core.actor import Aktor
from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.core.values.address import Adresse
from fiks.edialog import queries, rules, service
from fiks.edialog.queries import Skjema
from fiks.edialog.rules import Avsender, Utkast
from fiks.edialog.service import EndretImens, UgyldigSkjema
from portal.minside.blueprint import blueprint
from portal.minside.edialog.context import (
    Side,
    checked_actor,
    citizen_fault,
    handle_unreadable,
    refuse_with_message,
)
from portal.minside.language import citizen_text

ADDRESS = ("navn", "adresselinje1", "adresselinje2", "adresselinje3", "postnr", "poststed", "land")


@dataclass(frozen=True, slots=True)
class Form:
    """The fields as they stand in the form, and the `versjon` of the saved draft they were filled from."""

    verdier: Mapping[str, str]
    sensitivt: bool
    versjon: str

    @classmethod
    def of(cls, skjema: Skjema) -> Form:
        """The form with the saved draft."""
        u, a = skjema.utkast, skjema.utkast.avsender
        fields = {name: getattr(a.adresse, name) for name in ADDRESS}
        fields |= {"tittel": u.tittel, "melding": u.melding, "epost": a.epost, "telefon": a.telefon}
        return cls(fields, skjema.sensitivt, skjema.versjon)

    @classmethod
    def sent(cls) -> Form:
        """The form as posted now."""
        names = (*ADDRESS, "tittel", "melding", "epost", "telefon")
        fields = {name: rules.tidy_text(request.form.get(name, "")) for name in names}
        return cls(fields, request.form.get("sensitivt") == "ja", request.form.get("versjon", ""))

    def utkast(self) -> Utkast:
        """The fields as the domain's Utkast."""
        v = self.verdier
        address = Adresse(**{name: v[name] for name in ADDRESS})
        return Utkast(v["tittel"], v["melding"], Avsender(address, v["epost"], v["telefon"]))


@blueprint.route("/edialog/skjema/<uuid:skjema_id>", methods=["GET", "POST"])
@handle_unreadable
def edialog_skjema(skjema_id: UUID) -> Side:
    """Edit the draft. A sent skjema redirects to its receipt."""
    actor = checked_actor()
    skjema = queries.skjema(skjema_id, actor=actor)
    if not skjema.kan_endres:
        return redirect(url_for("minside.edialog_kvittering", skjema_id=skjema_id), 303)
    if request.method == "GET":
        return _page(skjema, Form.of(skjema), {})
    form = Form.sent()
    try:
        service.save(skjema_id, form.utkast(), sensitivt=form.sensitivt, versjon=form.versjon, actor=actor)
    except UgyldigSkjema as error:
        return _page(skjema, form, {one.felt: citizen_fault(one.kode, one.params) for one in error.feil})
    except EndretImens:
        return _conflict_page(skjema_id, form, actor)
    except Konflikt as error:
        return refuse_with_message(error)
    return redirect(url_for("minside.edialog_vedlegg", skjema_id=skjema_id), 303)


def _conflict_page(skjema_id: UUID, form: Form, actor: Aktor) -> Side:
    """Conflict: keep what was typed, sensitive if either version is; saving once more replaces the stored
    draft.
    """
    now = queries.skjema(skjema_id, actor=actor)
    kept = replace(form, sensitivt=form.sensitivt or now.sensitivt, versjon=now.versjon)
    return render_template("edialog/skjema.html", skjema=now, form=kept, feil={}, endret_imens=True), 409


def _page(skjema: Skjema, form: Form, feil: dict[str, str]) -> Side:
    page = render_template("edialog/skjema.html", skjema=skjema, form=form, feil=feil, endret_imens=False)
    return (page, 422) if feil else page


@blueprint.route("/edialog/skjema/<uuid:skjema_id>/slett", methods=["GET", "POST"])
def edialog_slett(skjema_id: UUID) -> Side:
    """Ask, naming what is lost; then delete the draft."""
    actor = checked_actor()
    try:
        return _delete(skjema_id, actor)
    except IkkeFunnet:
        if request.method != "POST" or not service.is_discarded(skjema_id, actor=actor):
            raise
    flash(citizen_text("ED_ALT_SLETTET"), "info")
    return redirect(url_for("minside.henvendelser"), 303)


def _delete(skjema_id: UUID, actor: Aktor) -> Side:
    rad = queries.own_row(skjema_id, actor=actor)
    if not rad.kan_endres:
        return redirect(url_for("minside.edialog_kvittering", skjema_id=skjema_id), 303)
    if request.method == "GET":
        return render_template("edialog/slett.html", rad=rad)
    try:
        service.discard_draft(skjema_id, actor=actor)
    except Konflikt as error:
        return refuse_with_message(error)
    flash(citizen_text("ED_SLETTET"), "success")
    return redirect(url_for("minside.henvendelser"), 303)
