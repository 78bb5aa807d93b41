"""Norwegian working days, deadlines counted in them, and month arithmetic. Pure: every moment is an argument."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

OSLO = ZoneInfo("Europe/Oslo")

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)
_KLAGEFRIST = timedelta(weeks=6)


@lru_cache(maxsize=128)
def public_holidays(year: int) -> frozenset[date]:
    """Return the Norwegian public holidays of a year (lov om helligdager, lov om 1. og 17. mai)."""
    return frozenset(holidays.country_holidays("NO", years=year))


def is_working_day(day: date) -> bool:
    """Tell whether `day` is neither Saturday, Sunday nor a public holiday."""
    return day.weekday() < _SATURDAY and day not in public_holidays(day.year)


def add_working_hours(start: datetime, hours: int) -> datetime:
    """Return the moment when `hours` working hours have passed since `start`, in Europe/Oslo.

    A working day counts its 24 hours, any other day none: 40 hours from Friday 15:00 end Tuesday 07:00 (svarut.md
    statement 26). When the last hour ends a day, the answer is that midnight, even if the next day is free. The clock
    is only ever moved on a Sunday, so local time is exact. ValueError for a naive `start` or negative `hours`.
    """
    if start.tzinfo is None:
        raise ValueError("start has no time zone")
    if hours < 0:
        raise ValueError("hours is negative")
    local = start.astimezone(OSLO)
    if hours == 0:
        return local
    day, left = local.date(), timedelta(hours=hours)
    used = local.replace(tzinfo=None) - datetime.combine(day, time())
    while not is_working_day(day) or used + left > _ONE_DAY:
        if is_working_day(day):
            left -= _ONE_DAY - used
        day, used = day + _ONE_DAY, timedelta()
    return (datetime.combine(day, time()) + used + left).replace(tzinfo=OSLO)


def klagefrist(kunngjort: date, sendt: date) -> date:
    """Return the last day to complain: six weeks from the later of announcement and dispatch.

    Eigedomsskattelova § 19; the day is printed as it falls, also on a weekend.
    """
    return max(kunngjort, sendt) + _KLAGEFRIST


def last_day(end: datetime) -> date | None:
    """Return the last day, in Oslo, of a period that ends at `end`; None when `end` is not midnight."""
    local = end.astimezone(OSLO)
    return local.date() - _ONE_DAY if local.time() == time() else None


def months_after(start: datetime, months: int) -> datetime:
    """Return the same day and time `months` later (earlier when negative), or the last day of that month."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))
