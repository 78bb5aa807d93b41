"""The audit log's chain, walked some seconds at a time: the seals of five years are too many to walk in one go.

How far it has come is remembered, so that who takes over goes on from there. A walk ends at what is broken, so the next
one, which begins with the first seal, meets that again.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable

from fiks.core import audit, feeds
from fiks.core.audit import Place
from fiks.core.db import session, transaction

log = logging.getLogger(__name__)
KILDE = "REVISJONSKJEDE"
DAY = 86_400.0
PORTION = 2_000
"""Seals of one read: some tenths of a second."""


class ChainWalk:
    """One walk after another along the whole chain, each begun a day after the one before was."""

    def __init__(self, portion: int = PORTION, seconds_now: Callable[[], float] = time.monotonic) -> None:
        self._portion, self._seconds_now = portion, seconds_now
        self._broken: int | None = None
        self.left_behind: int | None = None
        """A row that nobody seals any more, as far as is known."""
        self.resume()

    def resume(self) -> None:
        """Let the next turn go on where whoever walked last has come to, or begin a walk where that one had ended.

        What was found broken stays so until a whole walk finds it mended.
        """
        self._place: Place | None = None
        self._met: int | None = None
        self._asks = True
        self._due = self._seconds_now()

    def go_on(self, seconds: float) -> int | None:
        """Walk for so long, one portion at least; return the seal that does not fit, None while none is known of."""
        now = self._seconds_now()
        if self._asks:
            self._place, self._met = _remembered()
            self._asks, self.left_behind = False, self.left_behind or self._met
        if self._place is None and now >= self._due:
            self._place, self._due, self._met = audit.START, now + DAY, None
        if self._place is None:
            return self._broken
        while self._place is not None:
            self._place = self._walk_portion(self._place)
            if self._seconds_now() >= now + seconds:
                break
        with transaction():
            feeds.remember(KILDE, _written(self._place, self._met))
        return self._broken

    def _walk_portion(self, place: Place) -> Place | None:
        """Where the walk goes on from; None when it has come to the end, or to what is broken."""
        reached, broken = audit.walk(place, self._portion)
        self._met = self._met or audit.left_behind(place.rad, reached.rad)
        session().rollback()
        self.left_behind = self.left_behind or self._met
        if broken is None and reached != place:
            return reached
        self._broken, self.left_behind = broken, self._met
        log.info("chain_walked", extra={"segl": reached.nr, "brutt": broken})
        return None


def _written(place: Place | None, met: int | None) -> str | None:
    return json.dumps([place.nr, place.hash.hex(), place.rad, met]) if place is not None else None


def _remembered() -> tuple[Place | None, int | None]:
    """Where a walk is, and the row without a seal that it has met. A place whose seal is not as it was is none."""
    noted = feeds.marker_of(KILDE)
    session().rollback()
    if noted is None:
        return None, None
    nr, digest, rad, met = json.loads(noted)
    place = Place(nr, bytes.fromhex(digest), rad)
    return (place, met) if audit.is_on_the_chain(place) else (None, None)
