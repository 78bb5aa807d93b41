"""Detection of lost rings: a lane has ready rows and nobody was told. This tells a forgetful Redis from a
busy house.

A worker holds its ring while it works a lane, and rings again before it finishes while there may be more. So
a merely busy lane always has a ring, waiting or held. A lane whose oldest row has been ready for more than a
moment and that has no ring was never rung, or its rings were lost: on the way, or with all of Redis. The
sweeper checks before it rings itself.
"""

from __future__ import annotations

import logging
from collections.abc import Collection

from prometheus_client import Counter

from fiks.core.telemetry.counters import start_at_zero
from fiks.drift.lanes import lanes
from fiks.svarut.delivery import circuit_breaker

log = logging.getLogger(__name__)
LANES_RUNG_AT_COMMIT = ("enkelt", "masse", "liste", "render", "forhandsvisning")
"""Lanes whose rows become ready by a commit that rings.

In other lanes a row's time may come with only the sweeper to ring, which is no loss. Nobody rings for work
taken back from a dead process either: such a lane counts as lost once.
"""
RING_DELAY = 1.0
"""Seconds within which a ring follows its commit, however busy the machine is."""
LOST = Counter(
    "fiks_rings_lost_total", "Looks of the sweeper at a lane that had old work and no ring at all", ["bane"]
)
start_at_zero(LOST, LANES_RUNG_AT_COMMIT)


def count_lost_rings(ready: Collection[str], ringing: Collection[str] | None) -> None:
    """Log and count the `ready` lanes whose rings were lost.

    `ringing`: lanes that had rings just before `ready` was read, None when unknown. Nothing is counted while
    all sending is stopped: then workers leave the rows where they are.
    """
    silent = set() if ringing is None else {*ready} & {*LANES_RUNG_AT_COMMIT} - {*ringing}
    if not silent or circuit_breaker.is_frozen():
        return
    for stand in lanes():
        if stand.bane in silent and stand.eldste > RING_DELAY:
            LOST.labels(stand.bane).inc()
            log.warning("rings_lost", extra={"lane": stand.bane, "sekunder": round(stand.eldste)})
