"""eDialog of a konto: whether citizens may write, as what the organisation is shown to them, and who prints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for

from config.settings import Settings
from fiks.core.errors import FiksError, Konflikt, UgyldigInndata
from fiks.core.identifiers import is_orgnr
from fiks.edialog import mottaker_queries, mottakere, skjematyper
from fiks.edialog.mottakere import UgyldigMottaker
from fiks.edialog.rules import MAX_RECEIVER_NAME, Mottakeroppsett, tidied
from fiks.konfigurasjon.parties import RollerUtilgjengelig
from fiks.registeroppslag.rules import Registeradresse
from portal.altinn import spor
from portal.enheter import Registersvar, look_up
from portal.extensions import LOOKUP_LIMIT, limiter
from portal.organisasjon.blueprint import blueprint
from portal.organisasjon.kontopages import Answer, administered_konto
from portal.texts import error_text, tekst
from portal.texts.konto import LEVERANDORER
from portal.tilgang import current_actor

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
    """See it, fill it in from Enhetsregisteret, and switch it on or off."""
    administered_konto(konto_id)
    short_id, oppsett = mottaker_queries.mottaker_of(konto_id, actor=current_actor())
    idents = (short_id, oppsett.orgnr) if short_id else ()
    if request.method == "GET":
        return _page(konto_id, idents, oppsett, {})
    said = _said()
    if "hent" in request.form:
        return _page(konto_id, idents, *_filled(said))
    try:
        mottakere.set_mottaker(konto_id, said, spor=spor(), actor=current_actor())
    except (UgyldigInndata, Konflikt) as error:
        return _page(konto_id, idents, said, _told(error))
    except RollerUtilgjengelig as error:
        return _page(konto_id, idents, said, _told(error), error.status)
    flash("eDialog er slått på." if said.aktiv else "Endringene er lagret. eDialog er slått av.", "success")
    return redirect(url_for("organisasjon.edialog", konto_id=konto_id), 303)


def _said() -> Mottakeroppsett:
    given = {name: tidied(request.form.get(name, "")) for name in FIELDS}
    given["orgnr"] = "".join(given["orgnr"].split())
    return Mottakeroppsett(**given, aktiv=request.form.get("aktiv") == "ja")


def _filled(said: Mottakeroppsett) -> tuple[Mottakeroppsett, dict[str, str]]:
    """The form with the address that Enhetsregisteret has, and its name where there was none; nothing is saved."""
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


def _told(error: FiksError) -> dict[str, str]:
    if isinstance(error, UgyldigMottaker):
        return {one.felt or "orgnr": tekst(one.kode, **one.params) for one in error.feil}
    return {error.felt or "orgnr": error_text(error)}


def _page(
    konto_id: UUID,
    idents: Iterable[str],
    oppsett: Mottakeroppsett,
    feil: dict[str, str],
    status: int = 422,
) -> Answer:
    settings: Settings = current_app.config["FIKS_SETTINGS"]
    page = render_template(
        "organisasjon/edialog.html",
        node=administered_konto(konto_id),
        verdier=asdict(oppsett),
        feil=feil,
        skjemaer=skjematyper.of_konto(konto_id, actor=current_actor()),
        leverandorer=list(LEVERANDORER.items()),
        lenker=[f"{settings.minside_base_url}/s/{ident}" for ident in idents],
    )
    return (page, status) if feil else page
