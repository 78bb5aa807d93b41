"""Step 1: what one writes, and how one can be answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for

from fiks.core.actor import Aktor
from fiks.core.address import Adresse
from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.edialog import queries, rules, service
from fiks.edialog.queries import Skjema
from fiks.edialog.rules import Avsender, Utkast
from fiks.edialog.service import EndretImens, UgyldigSkjema
from portal.edialog.writer import Side, fault_word, readable, turned_away, writer
from portal.minside.blueprint import blueprint
from portal.minside.language import ord

ADDRESS = ("navn", "adresselinje1", "adresselinje2", "adresselinje3", "postnr", "poststed", "land")


@dataclass(frozen=True, slots=True)
class Form:
    """The form's fields as they stand in it, and the `versjon` of what was saved that it was filled from."""

    verdier: Mapping[str, str]
    sensitivt: bool
    versjon: str

    @classmethod
    def of(cls, skjema: Skjema) -> Form:
        """What has been written before."""
        u, a = skjema.utkast, skjema.utkast.avsender
        fields = {name: getattr(a.adresse, name) for name in ADDRESS}
        fields |= {"tittel": u.tittel, "melding": u.melding, "epost": a.epost, "telefon": a.telefon}
        return cls(fields, skjema.sensitivt, skjema.versjon)

    @classmethod
    def sent(cls) -> Form:
        """What was sent now."""
        names = (*ADDRESS, "tittel", "melding", "epost", "telefon")
        fields = {name: rules.tidied(request.form.get(name, "")) for name in names}
        return cls(fields, request.form.get("sensitivt") == "ja", request.form.get("versjon", ""))

    def utkast(self) -> Utkast:
        """The fields as the house knows them."""
        v = self.verdier
        address = Adresse(**{name: v[name] for name in ADDRESS})
        return Utkast(v["tittel"], v["melding"], Avsender(address, v["epost"], v["telefon"]))


@blueprint.route("/edialog/skjema/<uuid:skjema_id>", methods=["GET", "POST"])
@readable
def edialog_skjema(skjema_id: UUID) -> Side:
    """Write. What has been sent is shown as a receipt."""
    actor = writer()
    skjema = queries.skjema(skjema_id, actor=actor)
    if not skjema.kan_endres:
        return redirect(url_for("minside.edialog_kvittering", skjema_id=skjema_id), 303)
    if request.method == "GET":
        return _page(skjema, Form.of(skjema), {})
    form = Form.sent()
    try:
        service.save(skjema_id, form.utkast(), sensitivt=form.sensitivt, versjon=form.versjon, actor=actor)
    except UgyldigSkjema as error:
        return _page(skjema, form, {one.felt: fault_word(one.kode, one.params) for one in error.feil})
    except EndretImens:
        return _asked_again(skjema_id, form, actor)
    except Konflikt as error:
        return turned_away(error)
    return redirect(url_for("minside.edialog_vedlegg", skjema_id=skjema_id), 303)


def _asked_again(skjema_id: UUID, form: Form, actor: Aktor) -> Side:
    """What was written stays in the form, sensitive if it is now; saved once more, it replaces what is there."""
    now = queries.skjema(skjema_id, actor=actor)
    kept = replace(form, sensitivt=form.sensitivt or now.sensitivt, versjon=now.versjon)
    return render_template("edialog/skjema.html", skjema=now, form=kept, feil={}, endret_imens=True), 409


def _page(skjema: Skjema, form: Form, feil: dict[str, str]) -> Side:
    page = render_template("edialog/skjema.html", skjema=skjema, form=form, feil=feil, endret_imens=False)
    return (page, 422) if feil else page


@blueprint.route("/edialog/skjema/<uuid:skjema_id>/slett", methods=["GET", "POST"])
def edialog_slett(skjema_id: UUID) -> Side:
    """Ask, saying what is lost; then delete the draft."""
    actor = writer()
    try:
        return _delete(skjema_id, actor)
    except IkkeFunnet:
        if request.method != "POST" or not service.is_discarded(skjema_id, actor=actor):
            raise
    flash(ord("ED_ALT_SLETTET"), "info")
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
        return turned_away(error)
    flash(ord("ED_SLETTET"), "success")
    return redirect(url_for("minside.henvendelser"), 303)
