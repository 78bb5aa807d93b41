"""Unknown outcomes: hand-overs are looked up by our own reference until the outcome is known (reliability.md
4.4).

Each room defines what found and not found mean. A hand-over that is not found becomes ready again when it is
older than the quarantine and enough look-ups, spaced apart, found nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, update

from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import Avvist, KanalFeil
from fiks.core.queue.delivery_attempts import NEEDS_PERSON, UNKNOWN, Handover, S, status_after_lost_owner
from fiks.core.queue.retry_policy import (
    LOOKUPS_BEFORE_RETRY,
    UNKNOWN_RETRIED_FOR,
    lookup_interval,
    retry_delay,
)

log = logging.getLogger(__name__)
PORTION = 500
"""Most look-ups per sweep of one channel or print house."""


@dataclass(frozen=True, slots=True)
class UnknownOutcome:
    """A hand-over with unknown outcome, as attempt `forsok` left it."""

    id: UUID
    forsok: int


U = TypeVar("U", bound=UnknownOutcome)


@dataclass(frozen=True, slots=True)
class LookupProgress:
    """Progress of the search for one hand-over: `ended` when it is not there as far as can be known,
    `used_up` when its attempts are used up and it is a day old.
    """

    ended: bool
    used_up: bool
    lost_owners: int

    def after(self, statuses: type[S]) -> S:
        """Return the next status when the search has ended: a person's if every attempt ends unknown, else as
        if never sent.
        """
        if self.used_up:
            return statuses(NEEDS_PERSON)
        return status_after_lost_owner(statuses, call_began=False, lost=self.lost_owners)


def is_due_for_lookup(rows: type[Handover]) -> ColumnElement[bool]:
    """Return the SQL condition: outcome unknown, and not looked up within the look-up interval."""
    gap = lookup_interval(current().karantene_sekunder)
    return and_(
        rows.status == UNKNOWN, or_(rows.sist_oppslag.is_(None), rows.sist_oppslag <= func.now() - gap)
    )


def lookup_order(rows: type[Handover]) -> ColumnElement[datetime | None]:
    """Return the SQL expression that orders due look-ups, oldest first."""
    return func.coalesce(rows.sist_oppslag, rows.uavklart_siden)


def settle_all(
    rows: type[Handover],
    channels: Iterable[str],
    due: Callable[[str], Sequence[U]],
    settle: Callable[[str, U], bool],
    following: Callable[[U], AbstractContextManager[None]],
) -> int:
    """Look up the `due` hand-overs of each channel (or print house); return how many were settled.

    `settle` looks one up and records the result; it raises what the channel's client raises. A channel that
    does not answer is asked once per sweep, each time for another hand-over: a failed one goes to the end of
    the line. An unexpected error is logged and the hand-over goes there too; it is raised after all others
    were looked up. `following` is open during each look-up, so that log lines carry its ids.
    """
    settled, broken = 0, list[Exception]()
    for kanal in channels:
        for one in due(kanal):
            with following(one):
                found = _settle(rows, kanal, one, settle, broken)
            if found is None:
                break
            settled += found
    if broken:
        raise broken[-1]
    return settled


def _settle(
    rows: type[Handover], kanal: str, one: U, settle: Callable[[str, U], bool], broken: list[Exception]
) -> bool | None:
    """Return whether the hand-over was settled; None when its channel does not answer. Unexpected errors are
    added to `broken`.
    """
    try:
        return settle(kanal, one)
    except KanalFeil as error:
        log.warning("lookup_failed", extra={"kanal": kanal, "kode": error.kode})
        _postpone(rows, one)
        return False if isinstance(error, Avvist) else None
    except Exception as error:
        log.exception("lookup_broken", extra={"kanal": kanal})
        session().rollback()
        _postpone(rows, one)
        broken.append(error)
        return False


def _postpone(rows: type[Handover], one: UnknownOutcome) -> None:
    """Record a look-up without result, so that the others come first."""
    with transaction() as tx:
        still = rows.id == one.id, rows.forsok == one.forsok, is_due_for_lookup(rows)
        tx.execute(update(rows).where(*still).values(sist_oppslag=func.now()))


def count_empty_lookup(rows: type[Handover], one: UnknownOutcome) -> LookupProgress | None:
    """Count one empty look-up of this attempt, in the present transaction; return the progress.

    None when another process has just counted one, or the outcome is no longer unknown.
    """
    quarantine = timedelta(seconds=current().karantene_sekunder)
    row = (
        session()
        .execute(
            update(rows)
            .where(rows.id == one.id, rows.forsok == one.forsok, is_due_for_lookup(rows))
            .values(tomme_oppslag=rows.tomme_oppslag + 1, sist_oppslag=func.now())
            .returning(
                rows.tomme_oppslag,
                rows.tapte_eiere,
                (rows.forsok - rows.frie_forsok).label("talte_forsok"),
                (rows.uavklart_siden <= func.now() - quarantine).label("karantene_over"),
                (rows.opprettet <= func.now() - UNKNOWN_RETRIED_FOR).label("gammel"),
            )
        )
        .first()
    )
    if row is None:
        return None
    return LookupProgress(
        ended=row.tomme_oppslag >= LOOKUPS_BEFORE_RETRY and row.karantene_over,
        used_up=row.gammel and retry_delay(row.talte_forsok) is None,
        lost_owners=row.tapte_eiere,
    )
