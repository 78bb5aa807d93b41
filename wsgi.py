"""What gunicorn loads: `wsgi:app` for everything, or one part of it that scales and survives alone.

`wsgi:mottak` takes letters in from fagsystemer; `wsgi:nedlasting` lets receivers log in and read. A part is made when
it is asked for, so no process makes more than its own. Logging first, so that all that follows is scrubbed.
"""

from __future__ import annotations

from flask import Flask

from config import broker, metrics
from config.logging import configure_logging
from config.settings import Settings
from fiks.core.values.identifiers import mask_numbers
from portal import create_app
from portal.blueprints import DELER
from portal.http.request_log import STARTS

PROSESSER = {"app": "web", "mottak": "mottak", "nedlasting": "nedlasting"}
"""What the Procfile calls the process that each is made for."""


def __getattr__(name: str) -> Flask:
    if name not in DELER:
        raise AttributeError(name)
    settings = Settings.from_env()
    configure_logging(settings, scrub=mask_numbers)
    metrics.listen(settings)
    app = create_app(settings, ringer=broker.make_ringer(settings.redis_url), blueprints=DELER[name])
    STARTS.labels(PROSESSER[name]).inc()
    return app
