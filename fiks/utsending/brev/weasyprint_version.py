"""The WeasyPrint and pydyf versions that stamping supports. Does not load them, so a parent process may ask."""

from __future__ import annotations

import logging
from functools import cache
from importlib.metadata import version

from prometheus_client import Counter

log = logging.getLogger(__name__)
UNKNOWN_VERSION_PROCESSES = Counter(
    "fiks_stamping_unknown_versions_total",
    "Processes that can stamp no letters, since WeasyPrint or pydyf is of another version than we know",
)

KNOWN_VERSIONS = {"weasyprint": "70.0", "pydyf": "0.13.0"}


@cache
def can_stamp() -> bool:
    """Return whether the installed versions support stamping; logs once per process if not."""
    found = {name: version(name) for name in KNOWN_VERSIONS}
    if found != KNOWN_VERSIONS:
        log.warning("letters_can_not_be_stamped", extra=found)
        UNKNOWN_VERSION_PROCESSES.inc()
    return found == KNOWN_VERSIONS
