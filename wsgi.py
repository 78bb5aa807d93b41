"""What gunicorn loads: `gunicorn wsgi:app`. Logging first, so that all that follows is scrubbed."""

from __future__ import annotations

from config import broker
from config.logging import configure_logging
from config.settings import Settings
from fiks.core.identifiers import mask_numbers
from portal import create_app

settings = Settings.from_env()
configure_logging(settings, scrub=mask_numbers)
app = create_app(settings, ringer=broker.ringer(settings.redis_url))
