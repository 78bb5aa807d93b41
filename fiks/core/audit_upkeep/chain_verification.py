"""Verification of the audit log's hash chain, a few seconds at a time: five years of seals are too many for
one go.

The position is stored, so the next sweeper continues there. A walk ends at a broken seal, and the next walk
starts from the first seal, so it meets the break again.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable

from fiks.core import audit
from fiks.core.audit import ChainPosition
from fiks.core.db import session, transaction
from fiks.core.queue import feed_markers

log = logging.getLogger(__name__)
KILDE = "REVISJONSKJEDE"
DAY = 86_400.0
PORTION = 2_000
"""Seals read at a time: some tenths of a second."""


class ChainWalk:
    """Repeated walks along the whole chain; each begins a day after the previous one began."""

    def __init__(self, portion: int = PORTION, seconds_now: Callable[[], float] = time.monotonic) -> None:
        self._portion, self._seconds_now = portion, seconds_now
        self._broken: int | None = None
        self.left_behind: int | None = None
        """A row that nobody seals any more, as far as is known."""
        self.resume()

    def resume(self) -> None:
        """Let the next turn continue at the stored position, or start a new walk when the last one had ended.

        A break that was found stays reported until a whole walk finds the chain mended.
        """
        self._place: ChainPosition | None = None
        self._met: int | None = None
        self._asks = True
        self._due = self._seconds_now()

    def go_on(self, seconds: float) -> int | None:
        """Verify for about `seconds`, at least one portion; return the broken seal's number, None while no
        break is known.
        """
        now = self._seconds_now()
        if self._asks:
            self._place, self._met = _load_position()
            self._asks, self.left_behind = False, self.left_behind or self._met
        if self._place is None and now >= self._due:
            self._place, self._due, self._met = audit.CHAIN_START, now + DAY, None
        if self._place is None:
            return self._broken
        while self._place is not None:
            self._place = self._walk_portion(self._place)
            if self._seconds_now() >= now + seconds:
                break
        with transaction():
            feed_markers.save_marker(KILDE, _position_as_json(self._place, self._met))
        return self._broken

    def _walk_portion(self, place: ChainPosition) -> ChainPosition | None:
        """Verify one portion; return the position to continue from, None at the end of the chain or at a
        break.
        """
        reached, broken = audit.verify_from(place, self._portion)
        self._met = self._met or audit.first_missed_row(place.rad, reached.rad)
        session().rollback()
        self.left_behind = self.left_behind or self._met
        if broken is None and reached != place:
            return reached
        self._broken, self.left_behind = broken, self._met
        log.info("chain_walked", extra={"segl": reached.nr, "brutt": broken})
        return None


def _position_as_json(place: ChainPosition | None, met: int | None) -> str | None:
    return json.dumps([place.nr, place.hash.hex(), place.rad, met]) if place is not None else None


def _load_position() -> tuple[ChainPosition | None, int | None]:
    """Return the stored position and the unsealed row found so far. A position whose seal has changed since
    is discarded.
    """
    noted = feed_markers.load_marker(KILDE)
    session().rollback()
    if noted is None:
        return None, None
    nr, digest, rad, met = json.loads(noted)
    place = ChainPosition(nr, bytes.fromhex(digest), rad)
    return (place, met) if audit.is_still_on_chain(place) else (None, None)
