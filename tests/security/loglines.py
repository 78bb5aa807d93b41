"""What is logged in this process, heard before the scrubber: it is the safety net, not the reason nothing is there."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from config.logging import configure_logging
from config.settings import Settings


@contextmanager
def captured(settings: Settings) -> Iterator[io.StringIO]:
    """The log lines of the block, with nothing masked; logging is as it was afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure_logging(settings, scrub=lambda text: text, stream=stream)
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
