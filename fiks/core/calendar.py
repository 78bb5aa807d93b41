"""Norwegian working days and the deadlines that are counted in them, in Europe/Oslo. Pure functions."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

OSLO = ZoneInfo("Europe/Oslo")
KLAGEFRIST = timedelta(weeks=6)


@lru_cache(maxsize=64)
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("NO", years=year))


def is_working_day(day: date) -> bool:
    """Whether `day` is Monday to Friday and no public holiday."""
    return day.weekday() < 5 and day not in _public_holidays(day.year)


def add_working_hours(start: datetime, hours: int) -> datetime:
    """The moment `hours` hours of working days after `start`, as wall-clock hours of 24 a working day.

    Saturdays, Sundays and public holidays add nothing: 40 hours from Friday 15:00 end on Tuesday 07:00. The
    result keeps the time zone of `start` (which must be aware). Source: svarut.md 12.26.
    """
    local = start.astimezone(OSLO).replace(tzinfo=None)
    left = timedelta(hours=hours)
    while True:
        midnight = datetime.combine(local.date() + timedelta(days=1), time())
        if is_working_day(local.date()):
            if left < midnight - local:
                return (local + left).replace(tzinfo=OSLO).astimezone(start.tzinfo)
            left -= midnight - local
        local = midnight


def working_days_between(first: date, last: date) -> int:
    """Working days after `first`, up to and including `last`."""
    days = (last - first).days
    return sum(is_working_day(first + timedelta(days=n)) for n in range(1, days + 1))


def klagefrist(kunngjort: date, sendt: date) -> date:
    """The last day to complain: six weeks from the later of announcement and sending (eigedomsskattelova § 19)."""
    return max(kunngjort, sendt) + KLAGEFRIST
