"""The organisation's prices of paper letters, year by year, used in cost estimates of mailings."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import UgyldigInndata
from fiks.core.values.money import parse_ore
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.stale_form import mark_of
from fiks.utsending.cost import price_list
from portal.access.actor import current_actor
from portal.organisasjon.blueprint import blueprint, own_organisation
from portal.texts import tekst
from portal.texts.utsending.priser import PORTO, PRISFELT, SONER, UTSKRIFT
from portal.ui.edit_conflict import Skjema, save_part

Answer = AnyResponse | str | tuple[str, int]


@blueprint.get("/konfigurasjon/papir/priser")
def priser() -> str:
    """The years whose prices can be set."""
    years = price_list.price_years(own_organisation(P.ADMIN), actor=current_actor())
    return render_template("organisasjon/priser.html", aar=years)


@blueprint.route("/konfigurasjon/papir/priser/<int:aar>", methods=["GET", "POST"])
def prisliste(aar: int) -> Answer:
    """Set one year's prices. A year without prices starts from those of the year before."""
    organisasjon_id, actor = own_organisation(P.ADMIN), current_actor()
    skjema, lent = _stored(aar)
    if request.method == "POST":
        typed = {felt.navn: request.form.get(felt.navn, "").strip() for felt in PRISFELT}
        read, feil = _read(typed)
        refused = save_part(
            request.form,
            lambda vist: price_list.set_prices(organisasjon_id, aar, read, vist=vist, actor=actor),
            lambda: _stored(aar)[0],
            typed,
            feil,
        )
        if refused is None:
            flash(f"Prisene for {aar} er lagret.", "success")
            return redirect(url_for("organisasjon.priser"), 303)
        skjema, lent = refused, None
    page = render_template(
        "organisasjon/prisliste.html",
        skjema=skjema,
        aar=aar,
        lent=lent,
        utskrift=UTSKRIFT,
        porto=PORTO,
        soner=list(SONER.values()),
    )
    return page, skjema.status


def _stored(aar: int) -> tuple[Skjema, int | None]:
    """The form of a year's prices, and the earlier year they are taken from, if any."""
    year, found = price_list.prices_of(own_organisation(P.ADMIN), aar, actor=current_actor())
    stands = price_list.as_text(found if year == aar else {})
    return Skjema(PRISFELT, price_list.as_text(found), {}, mark_of(stands)), year if year != aar else None


def _read(typed: Mapping[str, str]) -> tuple[dict[str, int], dict[str, str]]:
    """(each price in øre, faults by field)."""
    read: dict[str, int] = {}
    feil: dict[str, str] = {}
    for navn, text in typed.items():
        try:
            read[navn] = parse_ore(text)
        except UgyldigInndata:
            feil[navn] = tekst("PRIS_UGYLDIG" if text else "PRIS_MANGLER")
    return read, feil
