"""Groups: the list, one group with members and grants, and every change to it."""

from __future__ import annotations

from uuid import UUID, uuid4

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import IkkeFunnet, Konflikt, UgyldigInndata
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.grupper import queries as grupper_queries
from fiks.konfigurasjon.grupper import service
from fiks.konfigurasjon.grupper.queries import PAGE, Gruppeside
from fiks.konfigurasjon.person.service import NyPerson
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.tilgang import lock
from portal.access.actor import chosen_organisation, current_actor
from portal.extensions import LOOKUP_LIMIT, limiter
from portal.texts import error_text
from portal.texts.konfigurasjon.grupper import MELDINGER, NAVNEFELT
from portal.tilganger.blueprint import blueprint
from portal.tilganger.page_frame import Answer, show
from portal.ui.edit_conflict import Skjema, save_part, stored_form
from portal.ui.form_values import uuid_of


@blueprint.get("/grupper")
def grupper() -> str:
    """The organisation's groups."""
    organisasjon_id, actor = chosen_organisation(), current_actor()
    after = request.args.get("etter", type=UUID)
    rader = grupper_queries.grupper(organisasjon_id, actor=actor, after=after, limit=PAGE + 1)
    return show(
        "grupper",
        rader=rader[:PAGE],
        flere=rader[PAGE - 1].id if len(rader) > PAGE else None,
        fra_start=after is None,
        ser_alle=queries.may(actor, P.ORG_LES, organisasjon_id),
        kan_endre=queries.may(actor, P.ADMIN, organisasjon_id),
    )


@blueprint.route("/grupper/ny", methods=["GET", "POST"])
def ny_gruppe() -> Answer:
    """Create a group."""
    organisasjon_id, actor = chosen_organisation(), current_actor()
    queries.require(actor, P.ADMIN, organisasjon_id)
    navn, feil = request.form.get("navn", "").strip(), dict[str, str]()
    own = uuid_of(request.form.get("skjema", "")) or uuid4()
    if request.method == "POST":
        try:
            made = service.create_gruppe(organisasjon_id, navn=navn, gruppe_id=own, actor=actor)
        except (UgyldigInndata, Konflikt) as error:
            feil = {"navn": error_text(error)}
        else:
            return _to(made, "laget")
    page = show("ny_gruppe", navn=navn, feil=feil, eget=own)
    return (page, 422) if feil else page


@blueprint.get("/grupper/<uuid:gruppe_id>")
def gruppe(gruppe_id: UUID) -> str:
    """One group: members and grants."""
    return show(
        "gruppe",
        g=_group(gruppe_id),
    )


@blueprint.route("/grupper/<uuid:gruppe_id>/navn", methods=["GET", "POST"])
def gruppenavn(gruppe_id: UUID) -> Answer:
    """Rename the group."""
    skjema = _name_form(gruppe_id)
    if request.method == "POST":
        refused = _rename(gruppe_id)
        if refused is None:
            return _to(gruppe_id, "navn")
        skjema = refused
    return show("gruppenavn", g=_changeable(gruppe_id), skjema=skjema), skjema.status


def _name_form(gruppe_id: UUID) -> Skjema:
    return stored_form(NAVNEFELT, {"navn": _changeable(gruppe_id).navn})


def _rename(gruppe_id: UUID) -> Skjema | None:
    navn = request.form.get("navn", "").strip()
    return save_part(
        request.form,
        lambda vist: service.rename_gruppe(gruppe_id, navn=navn, vist=vist, actor=current_actor()),
        lambda: _name_form(gruppe_id),
        {"navn": navn},
    )


@blueprint.route("/grupper/<uuid:gruppe_id>/nytt-medlem", methods=["GET", "POST"])
@limiter.limit(LOOKUP_LIMIT, methods=["POST"])
def nytt_medlem(gruppe_id: UUID) -> Answer:
    """Add a member by personal number and name. The number is never sent back to the page."""
    g = _changeable(gruppe_id)
    if request.method == "GET":
        if g.mektig:
            lock.require_fresh_login(current_actor())
        return _new_member(g, "", {})
    navn = request.form.get("navn", "").strip()
    hvem, vist = NyPerson("".join(request.form.get("fnr", "").split()), navn), request.form.get("vist", "")
    try:
        added = service.add_members(gruppe_id, personer=[hvem], vist=vist, actor=current_actor())
    except UgyldigInndata as error:
        return _new_member(g, navn, {error.felt or "fnr": error_text(error)}), 422
    except Konflikt as error:
        _tell_changed(error)
        return _new_member(_changeable(gruppe_id), navn, {}), 409
    return _to(gruppe_id, "medlem_inn" if added else "medlem_fantes")


def _new_member(g: Gruppeside, navn: str, feil: dict[str, str]) -> str:
    return show("nytt_medlem", g=g, navn=navn, feil=feil, vist=service.mark_of_grants(g))


def _tell_changed(error: Konflikt) -> None:
    """Flash that the group differs from what the page showed; raises `error` when it is about something else."""
    if error.kode != "TILGANGER_ENDRET":
        raise error
    flash(error_text(error), "warning")


@blueprint.route("/grupper/<uuid:gruppe_id>/medlemmer/<uuid:person_id>/fjern", methods=["GET", "POST"])
def fjern_medlem(gruppe_id: UUID, person_id: UUID) -> Answer:
    """Ask, stating what the person loses; then remove them from the group."""
    g, feil = _changeable(gruppe_id), dict[str, str]()
    if request.method == "POST":
        try:
            removed = service.remove_members(gruppe_id, personer=[person_id], actor=current_actor())
        except Konflikt as error:
            feil = {"fjern": error_text(error)}
        else:
            return _to(gruppe_id, "medlem_ut" if removed else "medlem_var_ute")
    medlem = grupper_queries.medlem(gruppe_id, person_id, actor=current_actor())
    page = show("fjern_medlem", g=g, medlem=medlem, feil=feil)
    return (page, 409) if feil else page


@blueprint.route("/grupper/<uuid:gruppe_id>/slett", methods=["GET", "POST"])
def slett_gruppe(gruppe_id: UUID) -> Answer:
    """Ask, stating who loses what; then delete the group, with its grants if that is ticked."""
    if request.method == "POST" and service.is_deleted(
        gruppe_id, chosen_organisation(), actor=current_actor()
    ):
        return _to_list("var_slettet", "info")
    g = _changeable(gruppe_id)
    if request.method == "GET":
        return _delete_page(g, {})
    also, vist = "fjern_tilganger" in request.form, request.form.get("vist", "")
    try:
        service.delete_gruppe(gruppe_id, fjern_tilganger=also, vist=vist, actor=current_actor())
    except Konflikt as error:
        if error.kode in ("GRUPPE_HAR_TILGANGER", "SISTE_ADMINISTRATOR"):
            return _delete_page(g, {"fjern_tilganger": error_text(error)}), 422
        _tell_changed(error)
        return _delete_page(_changeable(gruppe_id), {}), 409
    return _to_list("slettet", "success")


def _to_list(melding: str, farge: str) -> AnyResponse:
    flash(MELDINGER[melding], farge)
    return redirect(url_for("tilganger.grupper"), 303)


def _delete_page(g: Gruppeside, feil: dict[str, str]) -> str:
    return show("slett_gruppe", g=g, feil=feil, vist=service.mark_of_group(g))


def _group(gruppe_id: UUID) -> Gruppeside:
    """A group of the chosen organisation; IkkeFunnet for any other id."""
    found = grupper_queries.gruppe(gruppe_id, actor=current_actor())
    if found.organisasjon_id != chosen_organisation():
        raise IkkeFunnet("FINNES_IKKE")
    return found


def _changeable(gruppe_id: UUID) -> Gruppeside:
    """As `_group`, for an administrator; a group maintained by another system is refused with the reason."""
    found = _group(gruppe_id)
    queries.require(current_actor(), P.ADMIN, found.organisasjon_id)
    if found.ekstern:
        raise Konflikt("GRUPPE_EKSTERN")
    return found


def _to(gruppe_id: UUID, melding: str) -> AnyResponse:
    flash(MELDINGER[melding], "success")
    return redirect(url_for("tilganger.gruppe", gruppe_id=gruppe_id), 303)
