"""Check that the database schema is exactly this release's: only then do we know every column that may refer
to an object or key.

A newer release has tables and columns of its own whose references we cannot see; an older one, about to be
replaced, has some that ours no longer knows. Code that deletes unreferenced objects, or retires keys, asks
first (ADR 0052).
"""

from __future__ import annotations

import logging

from config import schema
from fiks.drift.schema_revision import current_revisions

log = logging.getLogger(__name__)


def is_ours() -> bool:
    """Return whether the database is at our newest migration; logged when it is not. Only reads."""
    found, ours = current_revisions(), schema.newest_revision()
    if found != {ours}:
        log.warning("schema_is_another", extra={"skjema": sorted(found), "vart": ours})
    return found == {ours}
