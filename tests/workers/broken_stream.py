"""What gunicorn loads in `test_log_lines.py`: an answer that an error breaks off, which tells too much."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from flask import Flask, Response

from config.logging import configure_logging
from config.settings import Settings
from fiks.core.values.identifiers import mask_numbers
from portal.http import request_log

FNR, NAME = "17912099997", "Hemmelig"


def make() -> Flask:
    """The app, begun as `wsgi.py` begins the portal's."""
    settings = Settings.from_env()
    configure_logging(settings, scrub=mask_numbers)
    app = Flask("prove")
    request_log.init_app(app, ())

    @app.get("/brev")
    def brev() -> Response:
        return Response(_broken())

    return app


def _broken() -> Iterator[bytes]:
    yield b"%PDF"
    logging.getLogger("prove").warning("%d", FNR)  # a line that cannot be made
    raise ValueError(f"{FNR} er tatt\nDETAIL:  Key (navn)=({NAME}\nFjellstad) already exists.")
