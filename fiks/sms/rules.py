"""SMS's rules: how many parts a text takes, what a telephone number is, the statuses, and the quiet hours.

All pure. Sources: svarut.md 8.2; the alphabet is that of 3GPP TS 23.038 section 6.2.1.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

import phonenumbers

from fiks.core.values.calendar import OSLO
from fiks.core.values.identifiers import is_fnr

LONGEST = 1_600
MOST_NUMBERS = 1_000
HOUR = timedelta(hours=1)
MOST_LOOK_UPS = 5_000
"""Numbers given out to one actor within an hour: five full calls, so that everybody in a district, or in most
kommuner, can be warned at once.

SMS to more are sent by personal number, which gives out no number and is not counted.
"""
KRR_HJEMMEL = "eforvaltningsforskriften § 29"
"""The legal basis by which every organisation that may send SMS finds its receivers' numbers in KRR
(DIGITAL_KOMMUNIKASJON of registeroppslag, a room this one does not know).
"""
GYLDIG_I = timedelta(hours=24)
"""An SMS not sent within this time is never sent: a warning of today's flood is no use tomorrow."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")


class Koding(StrEnum):
    """Character coding of an SMS on the air."""

    GSM7 = "GSM7"
    UCS2 = "UCS2"


@dataclass(frozen=True, slots=True)
class Maal:
    """Length of a text. `enheter`: septets or UTF-16 units; `fremmede`: the characters that force UCS-2."""

    koding: Koding
    enheter: int
    deler: int
    per_del: int
    fremmede: tuple[str, ...] = ()


_ONE = {Koding.GSM7: 160, Koding.UCS2: 70}
_SPLIT = {Koding.GSM7: 153, Koding.UCS2: 67}


def measure(text: str) -> Maal:
    """Measure a text: 160 or 153 per part in GSM-7 (some characters count double), else 70 or 67 in UCS-2.

    A character of two units is never split between two parts, so a text may need one part more than its
    length suggests.
    """
    strange = tuple(dict.fromkeys(sign for sign in text if sign not in _BASIC and sign not in _EXTENDED))
    koding = Koding.UCS2 if strange else Koding.GSM7
    sizes = [_size(sign, koding) for sign in text]
    total = sum(sizes)
    if total <= _ONE[koding]:
        return Maal(koding, total, 1 if text else 0, _ONE[koding], strange)
    return Maal(koding, total, _parts(sizes, _SPLIT[koding]), _SPLIT[koding], strange)


def _size(sign: str, koding: Koding) -> int:
    if koding is Koding.GSM7:
        return 2 if sign in _EXTENDED else 1
    return 2 if ord(sign) > 0xFFFF else 1


def _parts(sizes: list[int], room: int) -> int:
    parts, used = 1, 0
    for size in sizes:
        if used + size > room:
            parts, used = parts + 1, 0
        used += size
    return parts


class Status(StrEnum):
    """Status of an SMS. SENDER is internal: its only call may have left the house."""

    OPPRETTET = "OPPRETTET"
    SENDER = "SENDER"
    SENDT = "SENDT"
    IKKE_SENDT = "IKKE_SENDT"
    LEVERT = "LEVERT"
    IKKE_LEVERT = "IKKE_LEVERT"
    UKJENT = "UKJENT"


_S = Status
_RECEIPT_STATUSES = frozenset({_S.LEVERT, _S.IKKE_LEVERT})
"""Statuses set by receipts."""
OVERGANGER: dict[Status, frozenset[Status]] = {
    _S.OPPRETTET: _RECEIPT_STATUSES | {_S.SENDER, _S.IKKE_SENDT, _S.UKJENT},
    _S.SENDER: _RECEIPT_STATUSES | {_S.SENDT, _S.IKKE_SENDT, _S.UKJENT, _S.OPPRETTET},
    _S.SENDT: _RECEIPT_STATUSES,
    _S.UKJENT: _RECEIPT_STATUSES,
    _S.IKKE_SENDT: frozenset({_S.LEVERT}),
    _S.LEVERT: frozenset(),
    _S.IKKE_LEVERT: frozenset(),
}
"""UKJENT is never sent again: at most once, and whoever asks is told that the outcome is unknown.

A receipt also settles SMS we took for unsent: only the gateway was given the id, so it must have had the
call. A receipt saying that an unsent SMS did not arrive changes nothing, and its reason stays.
"""


def api_status(status: Status | str) -> Status | str:
    """Return the status in the API's words, which lack SENDER. A status that only a newer release knows is
    returned as its text.
    """
    return _S.OPPRETTET if status is _S.SENDER else status


class Grunn(StrEnum):
    """Why an SMS was not sent."""

    UGYLDIG_NUMMER = "UGYLDIG_NUMMER"
    UTEN_NUMMER_I_KRR = "UTEN_NUMMER_I_KRR"
    AVVIST_AV_LEVERANDOR = "AVVIST_AV_LEVERANDOR"
    UTLOPT = "UTLOPT"
    SAMME_NUMMER = "SAMME_NUMMER"


_LABEL = re.compile(r"^(?:tlf|telefon|tel|mobil|mob)[.:]*\s*", re.IGNORECASE)
"""Words that people and address books write before a number."""
_DASH = r"\-\u2010-\u2015\u2212\uff0d"
_WRITTEN = re.compile(rf"[\d\s+\uff0b{_DASH}.()/]+")
_WITH_COUNTRY = re.compile(r"\s*\(?(?:[+\uff0b]|00)")
_DATE = re.compile(rf"(?:0?[1-9]|[12]\d|3[01])[.\s{_DASH}]+(?:0?[1-9]|1[0-2])[.\s{_DASH}]+(?:19|20)\d\d")
_SWITCHBOARD = phonenumbers.PhoneNumberType.UAN
"""Mostly five-digit numbers, easily confused with foreign postal codes; they receive no SMS."""


def e164(number: str) -> str | None:
    """Return the number as +4790000000, or None when it cannot exist. A number without a country code is
    Norwegian.

    Only digits, their separators and a leading word for telephone are accepted: the library reads letters as
    telephone keys, so `4050 Sola` would be somebody's number. Dates are refused, and so are numbers with a
    slash and no country code: case and property numbers.
    """
    seen = "".join(sign for sign in number if unicodedata.category(sign) != "Cf")
    written = _LABEL.sub("", seen.strip())
    if not _WRITTEN.fullmatch(written) or _DATE.fullmatch(written):
        return None
    if "/" in written and not _WITH_COUNTRY.match(written):
        return None
    try:
        parsed = phonenumbers.parse(written, "NO")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed) or phonenumbers.number_type(parsed) == _SWITCHBOARD:
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


_BETWEEN = re.compile(r"[,;\t]")
_QUOTES = " \"'"


@dataclass(frozen=True, slots=True, repr=False)
class Mottakere:
    """Receivers from a pasted list. No repr: they are personal.

    `numre` and `fnrs` keep their first order and have no repeats; `doble` is the number of repeats left out,
    and `feil_linjer` the lines, counted from 1, with something that is neither.
    """

    numre: tuple[str, ...]
    fnrs: tuple[str, ...]
    doble: int
    feil_linjer: tuple[int, ...]

    @property
    def antall(self) -> int:
        return len(self.numre) + len(self.fnrs)


def read_receivers(text: str, *, synthetic: bool) -> Mottakere:
    """Read a list of telephone numbers and fødselsnumre: one per line, or separated by comma, semicolon or
    tab.
    """
    numre: dict[str, None] = {}
    fnrs: dict[str, None] = {}
    wrong: dict[int, None] = {}
    read = 0
    for nr, line in enumerate(text.splitlines(), 1):
        for word in filter(None, (part.strip().strip(_QUOTES) for part in _BETWEEN.split(line))):
            compact = "".join(word.split())
            if is_fnr(compact, synthetic):
                fnrs[compact] = None
            elif (number := e164(word)) is not None:
                numre[number] = None
            else:
                wrong[nr] = None
                continue
            read += 1
    return Mottakere(tuple(numre), tuple(fnrs), read - len(numre) - len(fnrs), tuple(wrong))


QUIET_FROM, QUIET_UNTIL = time(21, 0), time(8, 0)
"""Nobody is notified of a letter at night; SMS that a person sends by hand go at once."""


def after_quiet_hours(moment: datetime) -> datetime:
    """Return the first time from `moment` on that is not between 21 and 8 in Norway."""
    local = moment.astimezone(OSLO)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return moment
    day = local.date() if local.time() < QUIET_UNTIL else local.date() + timedelta(days=1)
    return datetime.combine(day, QUIET_UNTIL, OSLO)


RETRY_AFTER = tuple(timedelta(minutes=m) for m in (1, 5, 10))


def retry_delay(attempt: int) -> timedelta:
    """Return the wait after attempt `attempt`, when certainly nothing was sent; the last wait repeats."""
    return RETRY_AFTER[min(attempt, len(RETRY_AFTER)) - 1]
