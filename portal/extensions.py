"""Flask extensions (rate limiter, CSRF), made here and tied to the app in `create_app`."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Flask, g, request, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect

from config.settings import Settings
from fiks.konfigurasjon import grant_usage
from portal.session.cookie_session import PortalSession

# Limits by what they guard. Shared names, so that a route says what it is and not a number.
# Who is not logged in is counted by address, and a kommune or a mobile carrier has one for all of its people: twenty a
# second is more than log in behind one in the busiest minute, and less than it takes to be a load.
LOGIN_LIMIT = "1200 per minute"
LOOKUP_LIMIT = "60 per minute; 600 per hour"
EXPORT_LIMIT = "10 per minute; 100 per hour"
TEST_LETTER_LIMIT = "10 per minute"
PICTURE_LIMIT = "10 per minute"
EDIALOG_LIMIT = "10 per minute; 60 per hour"
PASSWORD_LIMIT = "20 per minute; 120 per hour"


def limit_key() -> str:
    """Rate limit key: the logged-in person, over all of their sessions; the IP address for anonymous
    visitors.
    """
    present = session._get_current_object()  # type: ignore[attr-defined]
    if isinstance(present, PortalSession) and present.sesjon is not None:
        return f"person:{present.sesjon.person_id}"
    return f"adresse:{get_remote_address()}"


def machine_key() -> str:
    """Rate limit key: the integrasjon, from whatever address. Only for routes whose door has admitted a
    machine.
    """
    return f"integrasjon:{g.actor.integrasjon_id}"


csrf = CSRFProtect()
limiter = Limiter(
    key_func=limit_key,
    strategy="moving-window",
    swallow_errors=True,
    in_memory_fallback_enabled=True,
    key_prefix="fiks",
)


def init_app(app: Flask, settings: Settings, without_csrf: Iterable[Blueprint] = ()) -> None:
    """Tie the extensions to `app`. `without_csrf`: the machines' blueprints, where no browser is ever logged
    in.

    Counters live in Redis; while Redis is away, in this process's memory.
    """
    app.config["RATELIMIT_STORAGE_URI"] = settings.redis_url or "memory://"
    if settings.redis_url:
        app.config["RATELIMIT_STORAGE_OPTIONS"] = {
            "socket_connect_timeout": 0.25,
            "socket_timeout": 0.25,
            "retry": None,
        }
    app.config["RATELIMIT_HEADERS_ENABLED"] = False
    limiter.init_app(app)
    csrf.init_app(app)
    for blueprint in without_csrf:
        csrf.exempt(blueprint)
    app.teardown_request(lambda error: grant_usage.write_noted_uses() and None)
    app.jinja_env.globals["er_htmx"] = lambda: "HX-Request" in request.headers
