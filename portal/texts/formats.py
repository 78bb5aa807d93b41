"""Norwegian formats of dates, times, numbers and money, with no-break spaces."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from flask import Flask
from markupsafe import Markup, escape

from fiks.core.values.calendar import OSLO, last_day

LOCALE = "nb"
NBSP = "\u00a0"
MINUS = "\u2212"


def _local(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time without zone")
    return value.astimezone(OSLO)


def dato(value: date | datetime) -> str:
    """24.11.2026 (a time is shown as its date in Oslo)."""
    day = _local(value).date() if isinstance(value, datetime) else value
    return format_date(day, "dd.MM.yyyy", locale=LOCALE)


def lang_dato(value: date | datetime) -> str:
    """17. mai 2026."""
    day = _local(value).date() if isinstance(value, datetime) else value
    return format_date(day, "d. MMMM yyyy", locale=LOCALE).replace(" ", NBSP, 1)


def tid(value: datetime) -> str:
    """24.11.2026 kl. 09.12, Oslo time."""
    return format_datetime(_local(value), f"dd.MM.yyyy 'kl.{NBSP}'HH.mm", locale=LOCALE, tzinfo=OSLO)


def format_end(value: datetime) -> str:
    """«til og med 31.12.2026», or «til» with the time of day when the end is not the end of a day in Oslo."""
    day = last_day(value)
    return f"til og med {dato(day)}" if day else f"til {tid(value)}"


def klokkeslett(value: datetime) -> str:
    """09.12, Oslo time."""
    return format_datetime(_local(value), "HH.mm", locale=LOCALE, tzinfo=OSLO)


def tidspunkt(value: datetime) -> Markup:
    """The time as a <time> element."""
    return Markup('<time datetime="{}">{}</time>').format(
        _local(value).isoformat(timespec="seconds"), tid(value)
    )


def tall(value: float | Decimal) -> str:
    """12 480."""
    return _minus(format_decimal(value, "#,##0", locale=LOCALE))


def _minus(number: str) -> str:
    """A real minus sign, as wide as a digit and read aloud as one."""
    return number.replace("-", MINUS)


def kr(ore: int) -> str:
    """1 234,50 kr, from øre."""
    return _minus(format_decimal(Decimal(ore) / 100, "#,##0.00", locale=LOCALE)) + NBSP + "kr"


def prosent(andel: float, desimaler: int = 0) -> str:
    """85 %, from a share between 0 and 1. Only exactly 1 gives 100 %, and only exactly 0 gives 0 %."""
    least = 10.0 ** -(desimaler + 2)
    if 0 < andel < 1:
        andel = min(max(andel, least), 1 - least)
    pattern = "#,##0" + ("." + "0" * desimaler if desimaler else "") + f"{NBSP}%"
    return format_percent(andel, pattern, locale=LOCALE)


def storrelse(antall_bytes: int) -> str:
    """2 kB or 1,4 MB."""
    if antall_bytes < 1_000_000:
        return f"{tall(max(1, round(antall_bytes / 1000)))}{NBSP}kB"
    return format_decimal(antall_bytes / 1_000_000, "#,##0.0", locale=LOCALE) + f"{NBSP}MB"


def antall(n: int, en: str, flere: str | None = None) -> str:
    """Number and noun: 1 brev, 2 brev, 1 rad, 12 480 rader."""
    return f"{tall(n)}{NBSP}{en if n == 1 else flere or en}"


def linjer(text: str) -> Markup:
    """Plain text with its line breaks kept."""
    return Markup("<br>").join(escape(line) for line in text.splitlines())


FILTERS = {
    "dato": dato,
    "lang_dato": lang_dato,
    "tid": tid,
    "slutt": format_end,
    "klokkeslett": klokkeslett,
    "tidspunkt": tidspunkt,
    "tall": tall,
    "kr": kr,
    "prosent": prosent,
    "storrelse": storrelse,
    "antall": antall,
    "linjer": linjer,
}


def init_app(app: Flask) -> None:
    """Register the formats as template filters."""
    app.jinja_env.filters.update(FILTERS)
