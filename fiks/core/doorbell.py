"""The doorbell: after a commit, tell the workers that a lane may have ready rows.

The rows are the queue; a ring only says "look now". A failing ring is logged and counted, never raised: the
sweeper finds the rows within half a minute.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection

from prometheus_client import Counter
from sqlalchemy.orm import Session

log = logging.getLogger(__name__)

RINGS_FAILED = Counter(
    "fiks_doorbell_failures_total",
    "Doorbell rings that did not reach the broker",
    ["bane"],
)

_BELLS = "fiks_bells"
_ringer: list[Callable[[str], None]] = []
_listener: list[Callable[[], Collection[str]]] = []
_failed_lanes: set[str] = set()
"""Lanes whose last ring failed. That no ring of theirs is left in the broker proves nothing."""


def install(
    ringer: Callable[[str], None] | None, listener: Callable[[], Collection[str]] | None = None
) -> None:
    """Set the function that rings a lane (from `config.broker`, at start-up), and the one that lists lanes
    with pending rings.

    Without the first every ring is a no-op; without the second lost rings cannot be detected.
    """
    _ringer[:] = [ringer] if ringer else []
    _listener[:] = [listener] if listener else []
    _failed_lanes.clear()


def lanes_with_rings() -> Collection[str] | None:
    """Return the lanes with a ring that waits or is being acted on; None when that is unknown. Never raises.

    A lane whose last ring from here failed counts as rung: its ring was never sent, so it was not lost.
    """
    for listener in _listener:
        try:
            return {*listener(), *_failed_lanes}
        except Exception:  # noqa: BLE001 - the ring that follows meets the same, and tells of it
            return None
    return None


def ring_now(lane: str) -> None:
    """Ring `lane` at once; a failure is logged and counted, never raised."""
    for ringer in _ringer:
        try:
            ringer(lane)
            _failed_lanes.discard(lane)
        except Exception as error:  # noqa: BLE001 - a bell must never break a use case, whatever the broker raises
            _failed_lanes.add(lane)
            RINGS_FAILED.labels(lane).inc()
            log.warning("doorbell_failed", extra={"lane": lane, "error": type(error).__name__})


def collect(session: Session, lane: str) -> None:
    """Register a ring of `lane` for when this session's transaction commits."""
    session.info.setdefault(_BELLS, []).append(lane)


def forget(session: Session) -> None:
    """Drop the registered rings of a rolled-back transaction."""
    session.info.pop(_BELLS, None)


def ring_collected(session: Session) -> None:
    """Ring every registered lane once."""
    for lane in dict.fromkeys(session.info.pop(_BELLS, [])):
        ring_now(lane)
