"""Lost rings: a lane's rows are ready, and nobody was told. It tells a Redis that forgets from a house that is busy.

Who works a lane holds a ring for as long as it does, and rings again before it lets go of that while there may be
more. So a lane that is merely busy always has a ring that lies or is held. One whose oldest row has been ready for more
than a moment, and of which no ring is left, was not rung, or its rings were lost: on the way, or with all that Redis
had. The sweeper looks before it rings itself.
"""

from __future__ import annotations

import logging
from collections.abc import Collection

from prometheus_client import Counter

from fiks.core.counters import from_nought
from fiks.drift.lanes import lanes
from fiks.svarut import circuit

log = logging.getLogger(__name__)
RUNG_FOR = ("enkelt", "masse", "liste", "render", "forhandsvisning")
"""Lanes whose rows are ready from a commit that rings. In the others a row's time may come with nobody there to ring
but the sweeper, which then is no loss. Nobody rings for what is taken back of a process that is gone: that is one look.
"""
MOMENT = 1.0
"""Seconds within which a ring has followed its commit, however busy the machine is."""
LOST = Counter(
    "fiks_rings_lost_total", "Looks of the sweeper at a lane that had old work and no ring at all", ["bane"]
)
from_nought(LOST, RUNG_FOR)


def count(ready: Collection[str], ringing: Collection[str] | None) -> None:
    """Tell of those `ready` lanes whose rings were lost. `ringing`: lanes that had rings right before it was seen what
    was ready, None when nobody knows.

    Nothing is told while all sending is stopped: then whoever hears a ring leaves the rows where they are.
    """
    silent = set() if ringing is None else {*ready} & {*RUNG_FOR} - {*ringing}
    if not silent or circuit.frozen():
        return
    for stand in lanes():
        if stand.bane in silent and stand.eldste > MOMENT:
            LOST.labels(stand.bane).inc()
            log.warning("rings_lost", extra={"lane": stand.bane, "sekunder": round(stand.eldste)})
