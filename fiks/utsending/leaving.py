"""When the letters of a mailing can begin to leave, and whether they can do so on the day that stands on them.

The day they begin to leave (Europe/Oslo), once the time to regret is over, must be the letters' own date.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from fiks.core import clock
from fiks.core.calendar import OSLO
from fiks.core.environment import current
from fiks.core.errors import Konflikt
from fiks.konfigurasjon import queries as konfigurasjon


def hold_seconds(konto_id: UUID) -> int:
    """How long a release of this konto can be regretted: its own angrefrist, or else what all have."""
    return hold_of(konfigurasjon.konto(konto_id).angrefrist_sekunder)


def hold_of(own: int | None) -> int:
    """The same in seconds, of a konto with its own angrefrist, or None."""
    return own if own is not None else current().angrefrist_minutter * 60


def begins(hold: int, at: datetime | None = None) -> datetime:
    """When letters begin to leave that are released now to leave at `at` (None, or a time that is past: now). UTC: in
    Norwegian time a hold would be added by the clock on the wall, which is moved twice a year."""
    now = clock.now().astimezone(UTC)
    return max((at or now).astimezone(UTC), now) + timedelta(seconds=hold)


def day_of(moment: datetime) -> date:
    """The day it is in Oslo then: which the letters that begin to leave must bear."""
    return moment.astimezone(OSLO).date()


def first_day(hold: int) -> date:
    """The day letters begin to leave that are released now."""
    return day_of(begins(hold))


def missed_by(konto_id: UUID, brevdato: date) -> date | None:
    """The first day letters of the konto can leave now, when it is later than their date and they cannot be released;
    else None."""
    first = first_day(hold_seconds(konto_id))
    return first if first > brevdato else None


def require_in_time(konto_id: UUID, brevdato: date) -> None:
    """Konflikt BREVDATO_MA_ENDRES (brevdato, tidligst) when no release of letters with this date can be let through."""
    first = missed_by(konto_id, brevdato)
    if first is not None:
        raise Konflikt("BREVDATO_MA_ENDRES", brevdato=brevdato, tidligst=first)
