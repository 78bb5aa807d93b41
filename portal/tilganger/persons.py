"""Persons with grants in the organisation, direct or by group: the list, one person, and a leaver."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for

from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.core.values.identifiers import is_fnr
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.tilgang import colleagues, lock, person_page
from fiks.konfigurasjon.tilgang import queries as tilgang_queries
from portal.access.actor import chosen_organisation, current_actor
from portal.extensions import LOOKUP_LIMIT, limiter
from portal.texts import error_text, tekst
from portal.tilganger.blueprint import blueprint
from portal.tilganger.page_frame import Answer, search_text, show

PAGE = 50


@blueprint.route("/personer", methods=["GET", "POST"])
@limiter.limit(LOOKUP_LIMIT, methods=["POST"])
def personer() -> Answer:
    """List by name, or find one person by number, which is only sent in a form."""
    if request.method == "GET":
        return _list({})
    number = "".join(request.form.get("fnr", "").split())
    if not is_fnr(number):
        return _list({"fnr": tekst("FNR_UGYLDIG")})
    found = tilgang_queries.persons(chosen_organisation(), tekst=number, actor=current_actor(), limit=1)
    if not found:
        return _list({"fnr": tekst("PERSON_IKKE_HER")})
    return redirect(url_for("tilganger.person", person_id=found[0].id), 303)


def _list(feil: dict[str, str]) -> Answer:
    sok = search_text(request.args.get("sok", ""))
    if sok is None:
        feil = {"sok": tekst("SOK_NUMMER_I_NAVNESOK")}
    ubrukt = request.args.get("ubrukt", "") == "ja"
    after = request.args.get("etter", type=UUID)
    rader = tilgang_queries.persons(
        chosen_organisation(),
        tekst=sok or "",
        etter=after,
        minst_ubrukte=int(ubrukt),
        actor=current_actor(),
        limit=PAGE + 1,
    )
    page = show(
        "personer",
        rader=rader[:PAGE],
        neste=rader[PAGE - 1].id if len(rader) > PAGE else None,
        fra_start=after is None,
        sok=sok or "",
        ubrukt=ubrukt,
        feil=feil,
    )
    return (page, 422) if feil and request.method == "POST" else page


@blueprint.get("/personer/<uuid:person_id>")
def person(person_id: UUID) -> str:
    """Everything one person holds here, where it was granted, and what it implies below."""
    actor, organisasjon_id = current_actor(), chosen_organisation()
    return show(
        "person",
        p=person_page.person(person_id, organisasjon_id, actor=actor),
        kan_administrere=queries.may(actor, P.ADMIN, organisasjon_id),
        selv=person_id == actor.person_id,
    )


@blueprint.route("/personer/<uuid:person_id>/sluttet", methods=["GET", "POST"])
def sluttet(person_id: UUID) -> Answer:
    """Ask, naming everything the leaver loses; then revoke it all in one act."""
    actor, organisasjon_id = current_actor(), chosen_organisation()
    lock.require_administrator(actor, organisasjon_id)
    try:
        return _leave(person_id)
    except IkkeFunnet:
        if request.method != "POST" or not colleagues.was_leaver_removed(
            organisasjon_id, person_id, actor=actor
        ):
            raise
    flash(tekst("PERSON_ALT_SLUTTET"), "info")
    return redirect(url_for("tilganger.personer"), 303)


def _leave(person_id: UUID) -> Answer:
    actor, organisasjon_id = current_actor(), chosen_organisation()
    p = person_page.person(person_id, organisasjon_id, actor=actor)
    selv = person_id == actor.person_id
    if request.method == "GET":
        return show("sluttet", p=p, selv=selv, alvorlig="")
    try:
        lost = colleagues.remove_leaver(organisasjon_id, person_id, actor=actor)
    except Konflikt as error:
        return show("sluttet", p=p, selv=selv, alvorlig=error_text(error)), 409
    flash(
        tekst(
            "PERSON_SLUTTET",
            navn=p.navn,
            tilganger=lost.tilganger,
            grupper=lost.grupper,
            sesjoner=lost.sesjoner,
        ),
        "success",
    )
    return redirect(url_for("sider.forside" if selv else "tilganger.personer"), 303)
