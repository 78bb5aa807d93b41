"""The door of every route: enforces the access table before the route runs.

It is only the door: every use case in `fiks` checks the actor again, against the object it is about.
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
    """Raised by a route that needs a login at `nivaa`. The visitor is asked to log in again at that level."""

    def __init__(self, nivaa: int) -> None:
        super().__init__(nivaa)
        self.nivaa = nivaa


def init_app(app: Flask) -> None:
    """Enforce the access table before each request of `app`."""
    app.before_request(enforce)
    app.before_request(let_go)


def current_actor() -> Aktor:
    """Return who acts in this request; only for routes that require a login."""
    actor: Aktor = g.actor
    return actor


def chosen_organisation() -> UUID:
    """Return the chosen organisation; only for routes whose door requires one. Use cases decide what may be
    done in it.
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
    """End the transaction the door read in, before a body that may take minutes to arrive."""
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
    """For an organisation before its first-time set-up: lead its administrator to the set-up, refuse
    everybody else.
    """
    if "ADMIN" in privileges_now():
        return redirect(url_for("organisasjon.forstegang"), 303)
    raise Konflikt("OPPSETT_PAAGAAR")


def required_level(krav: Krav) -> int:
    """The login level a route requires; staff routes require what the setting FORVALTNING_NIVAA says."""
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
    """The same person on their own behalf or for the party they represent, without the organisation chosen as
    staff: what they do is not logged in that organisation.
    """
    return replace(actor, organisasjon_id=None, paa_vegne_av=sesjon.representerer)


def as_operator(actor: Aktor) -> Aktor:
    """The same person as an operator of the platform, without the organisation chosen as staff: what they do
    is not logged in that organisation. An act on an organisation names it, and is logged there.
    """
    return replace(actor, organisasjon_id=None)


def privileges_now() -> frozenset[str]:
    """Privileges the person holds in the chosen organisation, read once per request; empty without person or
    organisation.
    """
    if "privilegier" not in g:
        sesjon = current_session().sesjon
        g.privilegier = frozenset[str]()
        if sesjon is not None and sesjon.person_id is not None and sesjon.organisasjon_id is not None:
            g.privilegier = sesjoner().privileges(sesjon.person_id, sesjon.organisasjon_id)
    held: frozenset[str] = g.privilegier
    return held


def may_enter(krav: Krav) -> bool:
    """Whether the person holds a privilege the route requires: in the chosen organisation, or with
    `krav.hele` on the organisation itself.
    """
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
    """Whether the logged-in person is an operator of the platform, read once per request."""
    if "rot" not in g:
        sesjon = current_session().sesjon
        g.rot = (
            sesjon is not None and sesjon.person_id is not None and sesjoner().runs_platform(sesjon.person_id)
        )
    operator: bool = g.rot
    return operator


def endpoint_of(sti: str) -> str:
    """The endpoint that a form posted to this path of ours reaches; empty when none does."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    try:
        endpoint, _ = adapter.match(urlsplit(sti).path, "POST")
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return ""
    return str(endpoint)


def is_citizens(endpoint: str) -> bool:
    """Whether the endpoint belongs to citizens (INNBYGGER) and not to staff."""
    krav = TILGANG.get(endpoint)
    return krav is not None and krav.slag is Slag.INNBYGGER


def asked_by_itself() -> bool:
    """Whether the request is an open page's own polling (htmx). The same address opened as a page is the
    person's.
    """
    return request.endpoint in AV_SEG_SELV and "HX-Request" in request.headers


def is_fresh(auth_time: datetime | None) -> bool:
    """Whether the person proved their identity less than five minutes ago."""
    return auth_time is not None and datetime.now(UTC) - auth_time < FRESH


def return_path() -> str:
    """Where to return after a login: this page, the page with the question of what was sent, or the page it
    was sent from.
    """
    if "HX-Request" not in request.headers and (request.method in SAFE_METHODS or asks_itself()):
        return iri_to_uri(request.full_path.rstrip("?"))
    came_from = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    if came_from.netloc != request.host:
        return "/"
    return own_path(came_from.path + (f"?{came_from.query}" if came_from.query else ""))


def asks_itself() -> bool:
    """Whether the post is a bare answer to its own page's question, with nothing typed: the page can be asked
    again.
    """
    rule = request.url_rule
    if rule is None or "GET" not in (rule.methods or ()) or request.method in SAFE_METHODS:
        return False
    if not current_session().had_cookie or not (request.content_length == 0 or is_small_form()):
        return False
    db.session.rollback()  # no connection is held while the form arrives
    return kept_form.sent_now("") is None


def ask_login(krav: Krav) -> AnyResponse:
    """Send the visitor to log in; an interrupted form post gets a page with the way back instead.

    A polling page is sent to the page that says the login is over, so that its person logs in themselves.
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
    """Send the person to log in again at a higher level. `g.nivaa_kreves` tells the 401 page which level is
    missing.
    """
    g.nivaa_kreves = nivaa
    return _go(url_for("innlogging.start", neste=return_path(), nivaa=nivaa))


def ask_fresh() -> AnyResponse:
    """Send the person to confirm who they are; a posted form is kept meanwhile (`innlogging.skjema`)."""
    sent = request.method not in SAFE_METHODS and "HX-Request" not in request.headers
    waiting = _hold() if sent else ""
    return redirect(url_for("innlogging.bekreft", neste=return_path(), skjema=waiting or None))


def _hold() -> str:
    """Keep the form of this request for its person; return its id, or "" when its page is simply shown again."""
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
