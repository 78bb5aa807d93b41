"""The door of every route: what the table in `portal.requirements` demands is asked for before the route runs.

It is the door only: every use case in `fiks` checks the actor again, against the very thing it is about.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from flask import Flask, Response, abort, current_app, g, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as AnyResponse

from config.settings import Settings
from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import db
from fiks.core.errors import Konflikt
from fiks.konfigurasjon.rules import FRESH_LOGIN
from portal.api import admission, basic
from portal.chosen_organisation import is_small_form, require_same
from portal.innlogging import kept_form
from portal.innlogging.return_path import own_path
from portal.innlogging.sessions import Sesjon, sesjoner
from portal.request_log import request_id
from portal.requirement_kinds import Krav, Slag
from portal.requirements import AV_SEG_SELV, FOR_OPPSETT, SES_IGJEN, TILGANG
from portal.security import SAFE_METHODS, limit_body
from portal.sessions import PortalSession

log = structlog.get_logger(__name__)

FRESH = FRESH_LOGIN
STAFF_LEVEL = 4


class HoyereNivaaKreves(Exception):
    """Raised by a route: what is asked for needs a login at `nivaa`. Answered by being asked to log in again."""

    def __init__(self, nivaa: int) -> None:
        super().__init__(nivaa)
        self.nivaa = nivaa


def init_app(app: Flask) -> None:
    """Enforce the table before each request of `app`."""
    app.before_request(enforce)
    app.before_request(let_go)


def current_actor() -> Aktor:
    """Return who acts in this request; only for routes that demand a login."""
    actor: Aktor = g.actor
    return actor


def chosen_organisation() -> UUID:
    """The organisation that is chosen; only for routes whose door asks for one. What may be seen and done in it is
    decided by each use case.
    """
    organisasjon_id = current_actor().organisasjon_id
    assert organisasjon_id is not None
    return organisasjon_id


def current_session() -> PortalSession:
    """Return the request's session, typed."""
    present = session._get_current_object()  # type: ignore[attr-defined]
    assert isinstance(present, PortalSession)
    return present


def enforce() -> AnyResponse | None:
    """Let the request through, ask for (more) login, or refuse. Routing errors (404, 405) are left to Flask."""
    if request.endpoint is None:
        return None
    krav = TILGANG.get(request.endpoint)
    if krav is None:
        log.error("rute_uten_krav", endpoint=request.endpoint)
        abort(404)
    if krav.slag in (Slag.MASKIN, Slag.KONTO, Slag.MOTTAKERSYSTEM):
        if krav.slag is Slag.MASKIN:
            admission.admit(krav, required_level(krav))
        else:
            basic.admit(krav)
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


def let_go() -> None:
    """End the transaction in which the door looked things up, before a body that may take minutes to come."""
    if request.method not in SAFE_METHODS:
        db.session.rollback()


def _enforce_privileges(krav: Krav, sesjon: Sesjon) -> AnyResponse | None:
    if krav.slag is Slag.PRIVILEGIUM:
        inside = sesjon.organisasjon_id is not None and may_enter(krav)
        if inside or is_small_form():
            require_same(sesjon)
        if sesjon.organisasjon_id is None:
            return redirect(url_for("innlogging.velg_organisasjon", neste=return_path()))
        if not inside:
            log.warning("tilgang_nektet", endpoint=request.endpoint, aktor=str(sesjon.person_id))
            abort(403)
        if request.endpoint not in FOR_OPPSETT and not sesjoner().is_configured(sesjon.organisasjon_id):
            return _unfinished()
    if krav.slag is Slag.ROT and not runs_platform():
        log.warning("tilgang_nektet", endpoint=request.endpoint, aktor=str(sesjon.person_id))
        abort(403)
    if krav.fersk and not is_fresh(sesjon.auth_time):
        return ask_fresh()
    return None


def _unfinished() -> AnyResponse:
    """An organisation whose first-time set-up is not finished: its administrator is led there, others must wait."""
    if "ADMIN" in privileges_now():
        return redirect(url_for("organisasjon.forstegang"), 303)
    raise Konflikt("OPPSETT_PAAGAAR")


def required_level(krav: Krav) -> int:
    """The level a route demands; what belongs to forvaltning demands what FORVALTNING_NIVAA says."""
    if krav.slag is Slag.INNBYGGER or krav.nivaa < STAFF_LEVEL:
        return krav.nivaa
    settings: Settings = current_app.config["FIKS_SETTINGS"]
    return settings.forvaltning_nivaa


def actor_of(sesjon: Sesjon) -> Aktor:
    """Return the actor of a login session."""
    return Aktor(
        Aktortype.PERSON,
        sesjon.navn,
        person_id=sesjon.person_id,
        organisasjon_id=sesjon.organisasjon_id,
        acr=sesjon.acr,
        auth_time=sesjon.auth_time,
        sesjon_id=sesjon.id,
        request_id=request_id(),
        kanal="WEB",
    )


def as_citizen(actor: Aktor, sesjon: Sesjon) -> Aktor:
    """The same person on own behalf, or of whom they represent: what is done so is no business of the organisation that
    the browser works for otherwise, and stands in no log of it.
    """
    return replace(actor, organisasjon_id=None, paa_vegne_av=sesjon.representerer)


def as_operator(actor: Aktor) -> Aktor:
    """The same person for the platform: what is done so stands in no log of the organisation that the browser works for
    otherwise. What is done to one of them says which, and stands in its log.
    """
    return replace(actor, organisasjon_id=None)


def privileges_now() -> frozenset[str]:
    """Privileges the person holds in the chosen organisation, read once a request; empty when there is neither."""
    if "privilegier" not in g:
        sesjon = current_session().sesjon
        g.privilegier = frozenset[str]()
        if sesjon is not None and sesjon.person_id is not None and sesjon.organisasjon_id is not None:
            g.privilegier = sesjoner().privileges(sesjon.person_id, sesjon.organisasjon_id)
    held: frozenset[str] = g.privilegier
    return held


def may_enter(krav: Krav) -> bool:
    """Whether the person holds what a route demands in the chosen organisation, or on it if it is of all of it."""
    return krav.holds(_privileges_on_organisation() if krav.hele else privileges_now())


def _privileges_on_organisation() -> frozenset[str]:
    if "privilegier_hele" not in g:
        sesjon = current_session().sesjon
        g.privilegier_hele = frozenset[str]()
        if privileges_now() and sesjon is not None and sesjon.person_id and sesjon.organisasjon_id:
            g.privilegier_hele = sesjoner().privileges_on(sesjon.person_id, sesjon.organisasjon_id)
    held: frozenset[str] = g.privilegier_hele
    return held


def runs_platform() -> bool:
    """Whether who is logged in is an operator of the platform, read once a request."""
    if "rot" not in g:
        sesjon = current_session().sesjon
        g.rot = (
            sesjon is not None and sesjon.person_id is not None and sesjoner().runs_platform(sesjon.person_id)
        )
    operator: bool = g.rot
    return operator


def endpoint_of(sti: str) -> str:
    """The endpoint that takes a form that is sent to this path of ours; empty when none does."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    try:
        endpoint, _ = adapter.match(urlsplit(sti).path, "POST")
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return ""
    return str(endpoint)


def is_citizens(endpoint: str) -> bool:
    """Whether a form that is sent there is a citizen's, and not one of forvaltning."""
    krav = TILGANG.get(endpoint)
    return krav is not None and krav.slag is Slag.INNBYGGER


def asked_by_itself() -> bool:
    """Whether an open page asks by itself, and not its person. The same address asked for as a page is the person's."""
    return request.endpoint in AV_SEG_SELV and "HX-Request" in request.headers


def is_fresh(auth_time: datetime | None) -> bool:
    """Whether the person proved who they are less than five minutes ago."""
    return auth_time is not None and datetime.now(UTC) - auth_time < FRESH


def return_path() -> str:
    """Where to come back to after a login: this page, the one that asks for what was sent, or the one it was sent
    from.
    """
    if "HX-Request" not in request.headers and (request.method in SAFE_METHODS or asks_itself()):
        return iri_to_uri(request.full_path.rstrip("?"))
    came_from = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    if came_from.netloc != request.host:
        return "/"
    return own_path(came_from.path + (f"?{came_from.query}" if came_from.query else ""))


def asks_itself() -> bool:
    """Whether what was sent is no more than the answer to the question of its own page, with nothing written in it."""
    rule = request.url_rule
    if rule is None or "GET" not in (rule.methods or ()) or request.method in SAFE_METHODS:
        return False
    if not current_session().had_cookie or not (request.content_length == 0 or is_small_form()):
        return False
    db.session.rollback()  # no connection is held while the form arrives
    return kept_form.sent_now("") is None


def ask_login(krav: Krav) -> AnyResponse:
    """Send the visitor to log in; a lost form post gets a page with the way back instead.

    A page that asks by itself is sent to where it says that the login is over: whoever comes back logs in themselves.
    """
    if asked_by_itself():
        return _go(url_for("innlogging.logg_inn", neste=return_path(), over=1))
    citizen = krav.slag is Slag.INNBYGGER
    straight = citizen or current_session().had_cookie
    target = url_for("innlogging.start" if straight else "innlogging.logg_inn", neste=return_path())
    if straight:
        target = url_for("innlogging.start", neste=return_path(), nivaa=required_level(krav))
    return _go(target)


def ask_level(nivaa: int) -> AnyResponse:
    """Send the person to log in again at a higher level. `g.nivaa_kreves`: what the page of 401 says is lacking."""
    g.nivaa_kreves = nivaa
    return _go(url_for("innlogging.start", neste=return_path(), nivaa=nivaa))


def ask_fresh() -> AnyResponse:
    """Send the person to confirm who they are; a form that was sent waits for them (`innlogging.skjema`)."""
    sent = request.method not in SAFE_METHODS and "HX-Request" not in request.headers
    waiting = _hold() if sent else ""
    return redirect(url_for("innlogging.bekreft", neste=return_path(), skjema=waiting or None))


def _hold() -> str:
    """Let the form of this request wait for its person; its id, empty when its page is shown again instead."""
    if request.endpoint in SES_IGJEN or asks_itself():
        return ""
    return kept_form.keep(current_session(), return_path())


def _go(target: str) -> AnyResponse:
    if "HX-Request" in request.headers:
        return Response(status=401, headers={"HX-Redirect": target})
    if request.method not in SAFE_METHODS:
        waiting = _hold()
        g.skjema_venter, g.sporres_igjen = bool(waiting), asks_itself()
        g.logg_inn_lenke = f"{target}&skjema={waiting}" if waiting else target
        abort(401)
    return redirect(target)
