"""What the processes log."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from config.logging import configure_logging
from config.settings import Settings
from fiks.core.values.identifiers import mask_numbers


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the processes log, as they write it."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure_logging(Settings.from_env({"FIKS_ENV": "test"}), scrub=mask_numbers, stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
