"""Release times: when letters can begin to leave, and whether that is possible on their printed date.

The day they begin to leave (Europe/Oslo), after angrefrist, must be the date on the letters.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from fiks.core import clock
from fiks.core.environment import current
from fiks.core.errors import Konflikt
from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon import queries as konfigurasjon


def hold_seconds(konto_id: UUID) -> int:
    """Angrefrist of the konto in seconds: its own, else the platform's."""
    return hold_or_default(konfigurasjon.konto(konto_id).angrefrist_sekunder)


def hold_or_default(own: int | None) -> int:
    """A konto's own angrefrist in seconds, or the platform's when it is None."""
    return own if own is not None else current().angrefrist_minutter * 60


def sending_begins(hold: int, at: datetime | None = None) -> datetime:
    """When letters begin to leave if released now, to leave at `at` (None or past: now) plus angrefrist.

    In UTC: in local time the sum would be wrong when the clocks change.
    """
    now = clock.now().astimezone(UTC)
    return max((at or now).astimezone(UTC), now) + timedelta(seconds=hold)


def oslo_day(moment: datetime) -> date:
    """The date in Oslo at this moment."""
    return moment.astimezone(OSLO).date()


def first_sending_day(hold: int) -> date:
    """The day letters begin to leave if released now."""
    return oslo_day(sending_begins(hold))


def first_day_if_missed(konto_id: UUID, brevdato: date) -> date | None:
    """The first day the konto's letters can leave, when it is after their date `brevdato`; else None."""
    first = first_sending_day(hold_seconds(konto_id))
    return first if first > brevdato else None


def require_possible_date(konto_id: UUID, brevdato: date) -> None:
    """Konflikt BREVDATO_MA_ENDRES (brevdato, tidligst) when letters with this date can never be released."""
    first = first_day_if_missed(konto_id, brevdato)
    if first is not None:
        raise Konflikt("BREVDATO_MA_ENDRES", brevdato=brevdato, tidligst=first)
