"""The door of every route: enforces the access table before the route runs.

It is only the door: every use case in `fiks` checks the actor again, against the object it is about.
"""

from __future__ import annotations

import structlog
from flask import Flask, abort, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.db import db
from fiks.core.errors import Konflikt
from portal.access import basic_login, machine_login
from portal.access.actor import actor_of, as_citizen, as_operator, may_enter, privileges_now, runs_platform
from portal.access.kinds import Krav, Slag
from portal.access.login_request import ask_fresh, ask_level, ask_login, is_fresh, required_level, return_path
from portal.access.table import FOR_OPPSETT, TILGANG
from portal.http.security import SAFE_METHODS, limit_body
from portal.session.login_sessions import Sesjon, sesjoner
from portal.session.organisation_guard import is_small_form, require_same_organisation

log = structlog.get_logger(__name__)


def init_app(app: Flask) -> None:
    """Enforce the access table before each request of `app`."""
    app.before_request(enforce)
    app.before_request(end_door_transaction)


def enforce() -> AnyResponse | None:
    """Admit the request, ask for a login or a higher level, or refuse. Routing errors (404, 405) are left to
    Flask.
    """
    if request.endpoint is None:
        return None
    krav = TILGANG.get(request.endpoint)
    if krav is None:
        log.error("rute_uten_krav", endpoint=request.endpoint)
        abort(404)
    if krav.slag in (Slag.MASKIN, Slag.KONTO, Slag.MOTTAKERSYSTEM):
        if krav.slag is Slag.MASKIN:
            machine_login.admit(krav, required_level(krav))
        else:
            basic_login.admit(krav)
        db.session.rollback()  # no connection is held while what they send arrives
        return None
    limit_body(krav.maks_bytes)
    if krav.slag is Slag.OFFENTLIG:
        return None
    if not current_user.is_authenticated:
        return ask_login(krav)
    sesjon: Sesjon = current_user.sesjon
    g.actor = actor_of(sesjon)
    if krav.slag is Slag.INNBYGGER:
        g.actor = as_citizen(g.actor, sesjon)
    if krav.slag is Slag.ROT:
        g.actor = as_operator(g.actor)
    nivaa = required_level(krav)
    if sesjon.acr < nivaa:
        return ask_level(nivaa)
    return _enforce_privileges(krav, sesjon)


def end_door_transaction() -> None:
    """End the transaction the door read in, before a body that may take minutes to arrive."""
    if request.method not in SAFE_METHODS:
        db.session.rollback()


def _enforce_privileges(krav: Krav, sesjon: Sesjon) -> AnyResponse | None:
    if krav.slag is Slag.PRIVILEGIUM:
        inside = sesjon.organisasjon_id is not None and may_enter(krav)
        if inside or is_small_form():
            require_same_organisation(sesjon)
        if sesjon.organisasjon_id is None:
            return redirect(url_for("innlogging.velg_organisasjon", neste=return_path()))
        if not inside:
            log.warning("tilgang_nektet", endpoint=request.endpoint, aktor=str(sesjon.person_id))
            abort(403)
        if request.endpoint not in FOR_OPPSETT and not sesjoner().is_configured(sesjon.organisasjon_id):
            return _redirect_to_setup()
    if krav.slag is Slag.ROT and not runs_platform():
        log.warning("tilgang_nektet", endpoint=request.endpoint, aktor=str(sesjon.person_id))
        abort(403)
    if krav.fersk and not is_fresh(sesjon.auth_time):
        return ask_fresh()
    return None


def _redirect_to_setup() -> AnyResponse:
    """For an organisation before its first-time set-up: lead its administrator to the set-up, refuse
    everybody else.
    """
    if "ADMIN" in privileges_now():
        return redirect(url_for("organisasjon.forstegang"), 303)
    raise Konflikt("OPPSETT_PAAGAAR")
