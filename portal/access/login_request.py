"""Asking a visitor to log in, to log in at a higher level or to confirm who they are, and where they return
to.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Response, abort, current_app, g, redirect, request, url_for
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as AnyResponse

from config.settings import Settings
from fiks.core.db import db
from fiks.konfigurasjon.rules import FRESH_LOGIN
from portal.access.actor import current_session
from portal.access.kinds import Krav, Slag
from portal.access.table import AV_SEG_SELV, SES_IGJEN, TILGANG
from portal.http.security import SAFE_METHODS
from portal.session import kept_form
from portal.session.organisation_guard import is_small_form
from portal.session.return_path import own_path

FRESH = FRESH_LOGIN
STAFF_LEVEL = 4


class HoyereNivaaKreves(Exception):
    """Raised by a route that needs a login at `nivaa`. The visitor is asked to log in again at that level."""

    def __init__(self, nivaa: int) -> None:
        super().__init__(nivaa)
        self.nivaa = nivaa


def required_level(krav: Krav) -> int:
    """The login level a route requires; staff routes require what the setting FORVALTNING_NIVAA says."""
    if krav.slag is Slag.INNBYGGER or krav.nivaa < STAFF_LEVEL:
        return krav.nivaa
    settings: Settings = current_app.config["FIKS_SETTINGS"]
    return settings.forvaltning_nivaa


def endpoint_of(sti: str) -> str:
    """The endpoint that a form posted to this path of ours reaches; empty when none does."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    try:
        endpoint, _ = adapter.match(urlsplit(sti).path, "POST")
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return ""
    return str(endpoint)


def is_citizen_endpoint(endpoint: str) -> bool:
    """Whether the endpoint belongs to citizens (INNBYGGER) and not to staff."""
    krav = TILGANG.get(endpoint)
    return krav is not None and krav.slag is Slag.INNBYGGER


def is_polling() -> bool:
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
    if "HX-Request" not in request.headers and (request.method in SAFE_METHODS or is_bare_confirmation()):
        return iri_to_uri(request.full_path.rstrip("?"))
    came_from = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    if came_from.netloc != request.host:
        return "/"
    return own_path(came_from.path + (f"?{came_from.query}" if came_from.query else ""))


def is_bare_confirmation() -> bool:
    """Whether the post is a bare answer to its own page's question, with nothing typed: the page can be asked
    again.
    """
    rule = request.url_rule
    if rule is None or "GET" not in (rule.methods or ()) or request.method in SAFE_METHODS:
        return False
    if not current_session().had_cookie or not (request.content_length == 0 or is_small_form()):
        return False
    db.session.rollback()  # no connection is held while the form arrives
    return kept_form.form_of_request("") is None


def ask_login(krav: Krav) -> AnyResponse:
    """Send the visitor to log in; an interrupted form post gets a page with the way back instead.

    A polling page is sent to the page that says the login is over, so that its person logs in themselves.
    """
    if is_polling():
        return _redirect_or_401(url_for("innlogging.logg_inn", neste=return_path(), over=1))
    citizen = krav.slag is Slag.INNBYGGER
    straight = citizen or current_session().had_cookie
    target = url_for("innlogging.start" if straight else "innlogging.logg_inn", neste=return_path())
    if straight:
        target = url_for("innlogging.start", neste=return_path(), nivaa=required_level(krav))
    return _redirect_or_401(target)


def ask_level(nivaa: int) -> AnyResponse:
    """Send the person to log in again at a higher level. `g.nivaa_kreves` tells the 401 page which level is
    missing.
    """
    g.nivaa_kreves = nivaa
    return _redirect_or_401(url_for("innlogging.start", neste=return_path(), nivaa=nivaa))


def ask_fresh() -> AnyResponse:
    """Send the person to confirm who they are; a posted form is kept meanwhile (`innlogging.skjema`)."""
    sent = request.method not in SAFE_METHODS and "HX-Request" not in request.headers
    waiting = _keep_form() if sent else ""
    return redirect(url_for("innlogging.bekreft", neste=return_path(), skjema=waiting or None))


def _keep_form() -> str:
    """Keep the form of this request for its person; return its id, or "" when its page is simply shown again."""
    if request.endpoint in SES_IGJEN or is_bare_confirmation():
        return ""
    return kept_form.keep_form(current_session(), return_path())


def _redirect_or_401(target: str) -> AnyResponse:
    if "HX-Request" in request.headers:
        return Response(status=401, headers={"HX-Redirect": target})
    if request.method not in SAFE_METHODS:
        waiting = _keep_form()
        g.skjema_venter, g.sporres_igjen = bool(waiting), is_bare_confirmation()
        g.logg_inn_lenke = f"{target}&skjema={waiting}" if waiting else target
        abort(401)
    return redirect(target)
