"""How letters write values: amounts, dates, account numbers, property numbers, promille."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from fiks.core.errors import UgyldigInndata
from fiks.core.values import money
from fiks.utsending.brev.language.fields import Felttype

NBSP = money.NBSP
HOLE = "\0"
"""Placeholder for a value in HTML. NUL occurs neither in templates nor in HTML."""
MINUS = "\u2212"
_DATES = (
    (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})"), (3, 2, 1)),
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})"), (1, 2, 3)),
)
_ZERO = re.compile(r"[-+\u2212]?0+(?:[.,]0+)?")
_NUMBER = re.compile(r"-?\d{1,15}(?:[.,]\d{1,6})?")
_REMEMBERED = lru_cache(1_024)
"""Cache for repeated values: an amount occurs several times in a letter, a date or rate in all letters."""
_PROPERTY = re.compile(r"(?:\d{4}-)?(\d+)/(\d+)(?:/(\d+))?(?:/(\d+))?")


def is_present(value: str) -> bool:
    """Return whether a conditional block is shown: the value is neither empty nor zero."""
    stripped = value.strip()
    return bool(stripped) and not _ZERO.fullmatch(stripped)


@_REMEMBERED
def parse_number(value: str) -> Decimal:
    """Parse `3804,00` or `0,7`; white space is ignored. Raises ValueError."""
    compact = re.sub(r"\s", "", value).replace(MINUS, "-")
    if not _NUMBER.fullmatch(compact):
        raise ValueError("not a number")
    try:
        return Decimal(compact.replace(",", "."))
    except InvalidOperation as error:
        raise ValueError("not a number") from error


@_REMEMBERED
def parse_ore(value: str) -> int:
    """Parse an amount in kroner as whole øre. Raises ValueError."""
    try:
        return money.parse_ore(value)
    except UgyldigInndata as error:
        raise ValueError("not an amount") from error


def ore_to_text(ore: int) -> str:
    """Write øre as list cells do: `380400` becomes `3804,00`."""
    sign, ore = ("-", -ore) if ore < 0 else ("", ore)
    return f"{sign}{ore // 100},{ore % 100:02d}"


def parse_date(value: str) -> date:
    """Parse `31.03.2027` or `2027-03-31`. Raises ValueError."""
    for pattern, (year, month, day) in _DATES:
        if match := pattern.fullmatch(value.strip()):
            return date(int(match[year]), int(match[month]), int(match[day]))
    raise ValueError("not a date")


def date_to_text(value: date) -> str:
    """Write a date as Norwegian letters do: `31.03.2027`."""
    return f"{value.day:02d}.{value.month:02d}.{value.year:04d}"


@_REMEMBERED
def _belop(value: str) -> str:
    return money.format_ore(parse_ore(value))


@_REMEMBERED
def _promille(value: str) -> str:
    number = parse_number(value)
    text = f"{number.normalize():f}".replace(".", ",").replace("-", MINUS)
    return f"{text}{NBSP}‰"


@_REMEMBERED
def _dato(value: str) -> str:
    return date_to_text(parse_date(value))


@_REMEMBERED
def _kontonummer(value: str) -> str:
    digits = re.sub(r"[\s.]", "", value)
    if not re.fullmatch(r"\d{11}", digits):
        raise ValueError("not an account number")
    return f"{digits[:4]}.{digits[4:6]}.{digits[6:]}"


def _eiendom(value: str) -> str:
    match = _PROPERTY.fullmatch(value.strip())
    if not match:
        raise ValueError("not a property number")
    parts = [f"gnr.{NBSP}{match[1]}", f"bnr.{NBSP}{match[2]}"]
    parts += [f"fnr.{NBSP}{match[3]}"] if match[3] and int(match[3]) else []
    parts += [f"snr.{NBSP}{match[4]}"] if match[4] and int(match[4]) else []
    return ", ".join(parts)


FORMATER: dict[str, tuple[Callable[[str], str], frozenset[Felttype]]] = {
    "belop": (_belop, frozenset({Felttype.BELOP, Felttype.TALL, Felttype.FRI})),
    "dato": (_dato, frozenset({Felttype.DATO, Felttype.FRI})),
    "kontonummer": (_kontonummer, frozenset({Felttype.KONTONUMMER, Felttype.FRI})),
    "eiendom": (_eiendom, frozenset({Felttype.EIENDOM, Felttype.FRI})),
    "promille": (_promille, frozenset({Felttype.PROMILLE, Felttype.TALL, Felttype.FRI})),
}
"""Format name -> (writer, field types it may be used on). A writer raises ValueError for an unreadable value.
"""
