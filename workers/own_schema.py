"""Whether the schema is that of this very release: only then do we know everything that may refer to something.

A newer release has tables and columns of its own, and what they name is nobody's as far as we can see. One that is
about to be replaced has some that ours no longer knows. So who deletes, or lets go, what nobody refers to asks first
(ADR 0052).
"""

from __future__ import annotations

import logging

from config import schema
from fiks.drift.revision import stands_at

log = logging.getLogger(__name__)


def is_ours() -> bool:
    """Whether the database stands at the newest of our migrations; logged where it does not. Only reads."""
    found, ours = stands_at(), schema.head()
    if found != {ours}:
        log.warning("schema_is_another", extra={"skjema": sorted(found), "vart": ours})
    return found == {ours}
