"""What gunicorn reads before anything else of ours, and by itself, where it is started: how it logs.

The master imports this and never the portal: metrics count in whoever imports them (`config.metrics`).
"""

from __future__ import annotations

import sys

from gunicorn.arbiter import Arbiter

from config.gunicorn_log import Linjelogg
from config.logging import log_lacking_settings
from config.settings import Settings, SettingsError
from fiks.core.values.identifiers import mask_numbers


class logger_class(Linjelogg):
    """The log of the master and its workers, by gunicorn's name of the setting."""

    scrub = staticmethod(mask_numbers)


def on_starting(server: Arbiter) -> None:
    """Tell once of settings that cannot be used, or are not given, before there are workers."""
    try:
        log_lacking_settings(Settings.from_env())
    except SettingsError:
        server.log.exception("cannot_start")
        sys.exit(1)
