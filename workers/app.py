"""A bare Flask app with only the database, for actors and commands."""

from __future__ import annotations

from flask import Flask

from config.logging import configure_logging
from config.settings import Settings
from fiks.core import environment
from fiks.core.db import db
from fiks.core.values.identifiers import mask_numbers

POOL = {
    "pool_pre_ping": True,
    "pool_size": 10,
    "max_overflow": 10,
    "pool_timeout": 10,
    "hide_parameters": True,
}


def create_app(settings: Settings) -> Flask:
    """Create the Flask app and install the house's environment in this process."""
    configure_logging(settings, scrub=mask_numbers)
    app = Flask("workers")
    app.config.update(SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url, SQLALCHEMY_ENGINE_OPTIONS=POOL)
    db.init_app(app)
    environment.install(environment.from_settings(settings))
    return app
