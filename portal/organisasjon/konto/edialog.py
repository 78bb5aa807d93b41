"""eDialog of a konto: whether citizens may write, how the organisation is presented to them, and who prints."""

from __future__ import annotations

from dataclasses import asdict, replace
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for

from config.settings import Settings
from fiks.core.values.identifiers import is_orgnr
from fiks.edialog.mottaker import forms, queries, service
from fiks.edialog.rules import MAX_RECEIVER_NAME, Mottakeroppsett, tidy_text
from fiks.konfigurasjon.person.representation import RollerUtilgjengelig
from fiks.registeroppslag.rules import Registeradresse
from portal.access.actor import current_actor
from portal.altinn import party_lookup
from portal.extensions import LOOKUP_LIMIT, limiter
from portal.org_lookup import Registersvar, look_up
from portal.organisasjon.blueprint import blueprint
from portal.organisasjon.konto.pages import Answer, administered_konto
from portal.texts import error_text, tekst
from portal.texts.konfigurasjon.konto import EDIALOGFELT
from portal.ui.edit_conflict import VIST, Skjema, save_part, stored_form, to_form_values

FIELDS = (
    "orgnr",
    "navn",
    "adresselinje1",
    "adresselinje2",
    "adresselinje3",
    "postnr",
    "poststed",
    "printleverandor",
)


@blueprint.route("/kontoer/<uuid:konto_id>/edialog", methods=["GET", "POST"])
@limiter.limit(LOOKUP_LIMIT, methods=["POST"])
def edialog(konto_id: UUID) -> Answer:
    """Show it, fill it in from Enhetsregisteret, or switch it on or off."""
    administered_konto(konto_id)
    if request.method == "GET":
        return _page(konto_id, _stored(konto_id))
    said = _said()
    if "hent" in request.form:
        return _page(konto_id, _typed(*_filled(said)))
    try:
        refused = save_part(
            request.form,
            lambda vist: service.set_mottaker(
                konto_id, said, spor=party_lookup(), vist=vist, actor=current_actor()
            ),
            lambda: _stored(konto_id),
            to_form_values(asdict(said)),
        )
    except RollerUtilgjengelig as error:
        return _page(konto_id, _typed(said, {"orgnr": error_text(error)}), error.status)
    if refused is not None:
        return _page(konto_id, refused)
    flash("eDialog er slått på." if said.aktiv else "Endringene er lagret. eDialog er slått av.", "success")
    return redirect(url_for("organisasjon.edialog", konto_id=konto_id), 303)


def _said() -> Mottakeroppsett:
    given = {name: tidy_text(request.form.get(name, "")) for name in FIELDS}
    given["orgnr"] = "".join(given["orgnr"].split())
    return Mottakeroppsett(**given, aktiv=request.form.get("aktiv") == "ja")


def _stored(konto_id: UUID) -> Skjema:
    _, oppsett = queries.mottaker_of(konto_id, actor=current_actor())
    return stored_form(EDIALOGFELT, asdict(oppsett))


def _typed(said: Mottakeroppsett, feil: dict[str, str]) -> Skjema:
    """The form with what was typed, keeping the mark of what its page showed."""
    return Skjema(EDIALOGFELT, to_form_values(asdict(said)), feil, request.form.get(VIST, ""))


def _filled(said: Mottakeroppsett) -> tuple[Mottakeroppsett, dict[str, str]]:
    """The form with name (if empty) and address from Enhetsregisteret; nothing is saved."""
    if not is_orgnr(said.orgnr):
        return said, {"orgnr": tekst("ORGNR_UGYLDIG")}
    found = look_up(said.orgnr)
    if found.svar is not Registersvar.FUNNET:
        away = found.svar is Registersvar.INGEN_SVAR
        return said, {"orgnr": tekst("EDIALOG_REGISTER_BORTE" if away else "EDIALOG_ORGNR_UKJENT")}
    known = found.adresse or Registeradresse()
    first, second, third = known.tre_linjer
    name = said.navn or found.navn[:MAX_RECEIVER_NAME]
    address = {"adresselinje1": first, "adresselinje2": second, "adresselinje3": third}
    return replace(said, navn=name, **address, postnr=known.postnr, poststed=known.poststed), {}


def _page(konto_id: UUID, skjema: Skjema, status: int | None = None) -> Answer:
    settings: Settings = current_app.config["FIKS_SETTINGS"]
    short_id, now = queries.mottaker_of(konto_id, actor=current_actor())
    idents = (short_id, now.orgnr) if short_id else ()
    page = render_template(
        "organisasjon/edialog.html",
        node=administered_konto(konto_id),
        skjema=skjema,
        skjemaer=forms.forms_of_konto(konto_id, actor=current_actor()),
        lenker=[f"{settings.minside_base_url}/s/{ident}" for ident in idents],
    )
    return page, status or skjema.status
