"""Parse texts of a list as numbers and dates, and write them as a Norwegian letter does."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
_DROP_INVISIBLE = dict.fromkeys(map(ord, _INVISIBLE), " ")
_EDGES = re.compile(rf"^[\s{_INVISIBLE}]+|[\s{_INVISIBLE}]+$")
_SPACES = re.compile(rf"[\s{_INVISIBLE}]+")
_NUMBER = re.compile(
    r"^(?P<sign>[-−–]?)(?P<whole>[1-9]\d{0,2}(?:[ .]\d{3})+|\d+)(?:,(?P<frac>\d+|-)|\.(?P<dot>\d+))?$"
)
_KRONER = re.compile(r"^kr\.?|kr$")
_EITHER_WAY = {
    sign: re.compile(rf"\D*[1-9]\d{{0,2}}(?: \d{{3}})*{re.escape(sign)}\d{{3}}\D*") for sign in ",."
}
"""Numbers whose comma or dot may separate thousands as well as decimals."""
_NORSK = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$")
_ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?$")
_KORT = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{2})$")
_SERIE = re.compile(r"^\d{5}(?:[.,]0+)?$")
_SERIE_FRA, _SERIE_TIL = 20_000, 80_000
_EXCEL_EPOCH = date(1899, 12, 30)


def trim(text: str) -> str:
    """Return the text without white space of any kind (no-break, zero width, byte order mark) at the ends."""
    stripped = text.strip()
    if stripped.isascii():
        return stripped
    return _EDGES.sub("", stripped)


def to_nfc(text: str) -> str:
    """Return the text in NFC: macOS may write "å" as two characters, and it is the same name."""
    return unicodedata.normalize("NFC", text)


def remove_spaces(text: str) -> str:
    """Return the text without white space of any kind anywhere."""
    if text.isalnum():
        return text
    return _SPACES.sub("", text)


def collapse_spaces(text: str) -> str:
    """Return the text trimmed, with every run of white space replaced by one space."""
    plain = " ".join(text.split())
    if plain.isascii():
        return plain
    return " ".join(plain.translate(_DROP_INVISIBLE).split())


@lru_cache(maxsize=8192)
def parse_number(text: str) -> Decimal | None:
    """Parse a Norwegian number: "1 234,50", "1.234,50", "1234.5", "kr 1234,-"; None if it is no number.

    A dot before exactly three digits groups thousands; a comma never does.
    """
    plain = _KRONER.sub("", _SPACES.sub(" ", text).strip().lower()).strip()
    match = _NUMBER.match(plain)
    if not match:
        return None
    whole, frac, dot = match["whole"], match["frac"] or "", match["dot"]
    if dot is not None and "." in whole:
        return None
    digits = re.sub(r"\D", "", whole)
    decimals = (dot or frac).rstrip("-")
    number = Decimal(f"{digits}.{decimals}" if decimals else digits)
    return -number if match["sign"] else number


@lru_cache(maxsize=8192)
def parse_amount(text: str) -> Decimal | None:
    """Parse an amount or whole number like `parse_number`, but refuse "1,250".

    It may mean 1250 (English spelling) or 1,25, and is not guessed. "4500,000" and "0,125" are unambiguous.
    """
    return None if _EITHER_WAY[","].fullmatch(_SPACES.sub(" ", text)) else parse_number(text)


def parse_decimal(text: str) -> Decimal | None:
    """Parse a number that may have three decimals like `parse_number`, but refuse "3.125" alone.

    It may mean 3125 or 3,125, and is not guessed.
    """
    return None if _EITHER_WAY["."].fullmatch(_SPACES.sub(" ", text)) else parse_number(text)


@lru_cache(maxsize=4096)
def parse_date(text: str) -> date | None:
    """Parse 31.03.2027, 1.3.2027, 31/03/2027, 31-03-2027 or 2027-03-31; None if there is no such day."""
    norsk, iso = _NORSK.match(text), _ISO.match(text)
    if norsk:
        day, month, year = norsk.groups()
    elif iso:
        year, month, day = iso.groups()
    else:
        return None
    return _date(int(year), int(month), int(day))


def parse_short_date(text: str) -> date | None:
    """Parse 31.03.27 as 2027-03-31; None if it is no such date."""
    match = _KORT.match(text)
    return _date(2000 + int(match[3]), int(match[2]), int(match[1])) if match else None


def parse_serial(text: str) -> date | None:
    """Return the day of an Excel serial number (1954-2119 only), else None."""
    if not _SERIE.match(text) or not _SERIE_FRA <= int(text[:5]) <= _SERIE_TIL:
        return None
    return _EXCEL_EPOCH + timedelta(days=int(text[:5]))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def norsk_dato(day: date) -> str:
    """Write a date as dd.mm.yyyy."""
    return f"{day.day:02}.{day.month:02}.{day.year:04}"


@lru_cache(maxsize=8192)
def norsk_tall(number: Decimal, decimals: int | None = None) -> str:
    """Write a number with decimal comma and no grouping; `decimals` fixed, or as few as needed."""
    if decimals is not None:
        return f"{number:.{decimals}f}".replace(".", ",")
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")
