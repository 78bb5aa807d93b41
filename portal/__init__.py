"""The door for people and machines: Flask only. `create_app` makes the whole web app from Settings."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Flask
from jinja2 import StrictUndefined

from config.database import with_statement_timeout
from config.settings import Settings
from fiks.core.db import db
from portal import extensions
from portal.access import enforcement, login_request, maskinporten, throttle
from portal.access.table import TILGANG
from portal.blueprints import BLUEPRINTS, MASKINER
from portal.http import request_log, security, static_files, unread_body
from portal.http.body_parsing import Foresporsel
from portal.innlogging import oidc
from portal.minside import language
from portal.session import user
from portal.session.cookie_session import RowSessions
from portal.session.login_sessions import EXTENSION, KonfigurasjonSesjoner, Sesjoner
from portal.texts import formats
from portal.ui import error_pages, layout, tables
from portal.wiring import Ringer, install_environment, require_own_keys

POOL = {"pool_pre_ping": True, "pool_size": 8, "max_overflow": 8, "hide_parameters": True}


def create_app(
    settings: Settings,
    *,
    ringer: Ringer | None = None,
    sesjoner: Sesjoner | None = None,
    blueprints: Sequence[Blueprint] = BLUEPRINTS,
) -> Flask:
    """Make the web app. `ringer` rings a lane's doorbell (config.broker's, given by wsgi.py).

    `blueprints`: all of them, or one of `DELER` for a process that serves only a part. `sesjoner` replaces
    the session service (tests of the door without a database).

    The order matters: host and access table come before CSRF, so that an anonymous visitor is sent to log in
    instead of getting an error about a form.
    """
    app = _make(settings)
    install_environment(app, settings, ringer)
    service = sesjoner or KonfigurasjonSesjoner()
    app.extensions[EXTENSION] = service
    app.session_interface = RowSessions(service, login_request.is_polling)
    db.init_app(app)
    request_log.init_app(app, {endpoint for endpoint, krav in TILGANG.items() if krav.takes_files})
    unread_body.init_app(app)
    security.init_app(app, settings)
    if sesjoner is None:
        require_own_keys(app)
    user.init_app(app)
    enforcement.init_app(app)
    app.before_request(security.refuse_null)  # reads the form, so only of those who were let in
    app.before_request(security.refuse_repeated)
    extensions.init_app(app, settings, MASKINER)
    for outside in (oidc, maskinporten):
        outside.init_app(app, settings)
    for part in (error_pages, throttle, formats, tables, static_files, layout, language):
        part.init_app(app)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    return app


def _make(settings: Settings) -> Flask:
    """A bare app with its settings, whose templates raise an error for undefined names (StrictUndefined)."""
    app = Flask("portal", root_path=__path__[0])
    app.request_class = Foresporsel
    app.config.update(
        FIKS_SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=with_statement_timeout(settings.sqlalchemy_url),
        SQLALCHEMY_ENGINE_OPTIONS=POOL,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    return app
