"""Whom the citizen acts for: themselves, or an organisation that Altinn says they may represent."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import IkkeTilgang, UgyldigInndata
from fiks.konfigurasjon.person import representation
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.konfigurasjon.rules import norwegian_order
from portal.access.actor import current_actor, current_session
from portal.access.login_request import return_path
from portal.altinn import party_lookup
from portal.innlogging.flow import SPRAAK
from portal.minside.blueprint import blueprint
from portal.minside.language import citizen_text
from portal.session.cookie_session import ACTOR_KEY, NAME_KEY
from portal.session.kept_form import SKJEMA, form_of_request
from portal.session.return_path import own_path

log = structlog.get_logger(__name__)

KEPT_DATA = (SPRAAK, "enhet", SKJEMA)
"""Entries of the session's data that are kept when the represented party changes."""
SEARCH_FROM = 10


@dataclass(frozen=True, slots=True)
class Enhet:
    """An organisation in the chooser. One that is not `velgbar` is shown as the heading of its subunits."""

    orgnr: str
    navn: str
    velgbar: bool
    underenheter: list[Enhet] = field(default_factory=list)


def unit_tree(found: Iterable[Altinnpart], chosen: Iterable[Altinnpart]) -> list[Enhet]:
    """The chooser's list: main units by name with their subunits; branches without a selectable unit are left
    out.
    """
    may = {part.orgnr for part in chosen}
    everyone = {part.orgnr: part for part in sorted(found, key=lambda part: norwegian_order(part.navn))}
    rows = {part.orgnr: Enhet(part.orgnr, part.navn, part.orgnr in may) for part in everyone.values()}
    for part in everyone.values():
        if part.hovedenhet in rows and part.orgnr in may:
            rows[part.hovedenhet].underenheter.append(rows[part.orgnr])
    tops = [rows[part.orgnr] for part in everyone.values() if part.hovedenhet not in rows]
    return [top for top in tops if top.velgbar or top.underenheter]


def filter_units(enheter: Iterable[Enhet], sok: str) -> list[Enhet]:
    """Units whose name or number contains `sok`, or with such a subunit; a hit on a main unit keeps all its
    subunits.
    """
    wanted = sok.casefold().replace(" ", "")

    def hit(enhet: Enhet) -> bool:
        return wanted in enhet.navn.casefold().replace(" ", "") or wanted in enhet.orgnr

    found = []
    for enhet in enheter:
        subs = [sub for sub in enhet.underenheter if hit(sub)]
        if hit(enhet):
            found.append(enhet)
        elif subs:
            found.append(Enhet(enhet.orgnr, enhet.navn, enhet.velgbar, subs))
    return found


def selectable_units() -> list[Enhet]:
    """The organisations the citizen may choose among. Raises RollerUtilgjengelig."""
    sesjon_id = current_actor().sesjon_id
    assert sesjon_id is not None
    found = representation.parties(sesjon_id, party_lookup())
    return unit_tree(
        found, representation.parties_to_act_for(found, representation.required_codes(representation.MINSIDE))
    )


def acting_for() -> Altinnpart | None:
    """The organisation the session represents, checked with Altinn now; None for the person themselves.

    Raises IkkeTilgang, RollerUtilgjengelig.
    """
    actor = current_actor()
    assert actor.sesjon_id is not None
    return representation.act_for(
        actor.sesjon_id, representation.MINSIDE, party_lookup(), orgno=actor.paa_vegne_av
    )


def represent(orgnr: str | None) -> Altinnpart | None:
    """Switch to another represented party: the session's page data is dropped, and older forms become
    invalid.
    """
    actor, present = current_actor(), current_session()
    assert actor.sesjon_id is not None
    chosen = representation.choose_representation(actor.sesjon_id, orgnr, party_lookup(), actor=actor)
    kept = {name: present[name] for name in KEPT_DATA if name in present}
    present.replace({**kept, ACTOR_KEY: secrets.token_hex(8)})
    if chosen is not None:
        present[NAME_KEY] = {"orgnr": chosen.orgnr, "navn": chosen.navn}
    return chosen


@blueprint.get("/minside/velg")
def velg_aktor() -> str:
    """Choose whom to act for; oneself is listed first."""
    everyone = selectable_units()
    sok = request.args.get("sok", "").strip()[:100]
    count = sum(enhet.velgbar + len(enhet.underenheter) for enhet in everyone)
    shown = filter_units(everyone, sok) if sok else everyone
    return render_template(
        "minside/velg.html",
        enheter=shown,
        sok=sok,
        med_sok=count > SEARCH_FROM,
        neste=own_path(request.args.get("neste")),
    )


@blueprint.post("/minside/velg")
def bytt_aktor() -> AnyResponse:
    """Act for the chosen organisation, or for oneself."""
    neste = own_path(request.form.get("neste"))
    back = None if neste == "/" else neste
    try:
        represent(request.form.get("orgnr", "") or None)
    except (IkkeTilgang, UgyldigInndata):
        flash(citizen_text("REPRESENTERER_IKKE"), "danger")
        return redirect(url_for("minside.velg_aktor", neste=back))
    return redirect(back or url_for("minside.forside"))


@blueprint.post("/minside/sprak")
def bytt_sprak() -> AnyResponse:
    """Change language and stay on the page."""
    current_session()[SPRAAK] = "nn" if request.form.get("sprak") == "nn" else "nb"
    neste = own_path(request.form.get("neste"))
    return redirect(neste if neste != "/" else url_for("minside.forside"))


@blueprint.errorhandler(representation.RollerUtilgjengelig)
def without_roles(error: representation.RollerUtilgjengelig) -> tuple[str, int, dict[str, str]]:
    """Altinn does not answer: nobody can be represented now, but the person's own pages work.

    A form posted now is shown again, to be sent when Altinn answers.
    """
    log.warning("altinn_svarer_ikke", arsak=error.params.get("arsak"))
    written = form_of_request(return_path()) if request.method == "POST" else None
    return render_template("minside/uten_roller.html", skjema=written), 503, {"Retry-After": "60"}


@blueprint.errorhandler(representation.RepresentererIkke)
def represents_no_longer(error: representation.RepresentererIkke) -> AnyResponse:
    """The right to represent was withdrawn: switch back to the person themselves, and say so."""
    represent(None)
    flash(citizen_text("REPRESENTERER_IKKE_LENGER"), "warning")
    return redirect(url_for("minside.forside"))
