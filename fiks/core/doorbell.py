"""The doorbell: after a commit, tell the workers that a lane may have ready rows.

The rows are the queue; a ring only says "look now". A ring that fails is logged and counted, never raised: the
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
_unheard: set[str] = set()
"""Lanes whose last ring failed: that none of it lies says nothing of the broker."""


def install(
    ringer: Callable[[str], None] | None, listener: Callable[[], Collection[str]] | None = None
) -> None:
    """Set what rings a lane (config.broker at start-up), and what tells of which lanes rings are left.

    Without the first every ring is a no-op; without the second nobody knows of lost rings.
    """
    _ringer[:] = [ringer] if ringer else []
    _listener[:] = [listener] if listener else []
    _unheard.clear()


def ringing() -> Collection[str] | None:
    """Lanes of which a ring lies, or is held by somebody who acts on it; None when nobody knows. Never raises.

    A lane whose last ring from here failed counts as rung: its ring was not lost, it was never there.
    """
    for listener in _listener:
        try:
            return {*listener(), *_unheard}
        except Exception:  # noqa: BLE001 - the ring that follows meets the same, and tells of it
            return None
    return None


def ring_now(lane: str) -> None:
    """Ring `lane` at once; log and count a failure, never raise it."""
    for ringer in _ringer:
        try:
            ringer(lane)
            _unheard.discard(lane)
        except Exception as error:  # noqa: BLE001 - a bell must never break a use case, whatever the broker raises
            _unheard.add(lane)
            RINGS_FAILED.labels(lane).inc()
            log.warning("doorbell_failed", extra={"lane": lane, "error": type(error).__name__})


def collect(session: Session, lane: str) -> None:
    """Remember that `lane` shall ring when this session's transaction commits."""
    session.info.setdefault(_BELLS, []).append(lane)


def forget(session: Session) -> None:
    """Drop what a rolled-back transaction had asked for."""
    session.info.pop(_BELLS, None)


def ring_collected(session: Session) -> None:
    """Ring every collected lane once."""
    for lane in dict.fromkeys(session.info.pop(_BELLS, [])):
        ring_now(lane)
