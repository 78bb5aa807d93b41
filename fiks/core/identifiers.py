"""Norwegian numbers: fødselsnummer, organisasjonsnummer, KID and bank account. They print masked.

Sources: konfigurasjon.md 12 (Skatteetaten's control digits incl. the rule for numbers issued from 2032, Brønnøysund,
banking practice for KID and account numbers).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from stdnum.no import kontonr as stdnum_kontonr
from stdnum.no import orgnr as stdnum_orgnr

from fiks.core.errors import UgyldigInndata

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SYNTHETIC_MONTHS = (80, 65, 40)
_SPACES = re.compile(r"[\s\u00a0\u202f]+")


def is_fnr(text: str, synthetic: bool = True) -> bool:
    """Whether `text` is a fødselsnummer or D-number: eleven digits, a real day, right control digits.

    `synthetic` also takes the test series (month + 40, + 65, + 80). The first control sum may leave 0-3 (2032 rule).
    """
    if len(text) != 11 or not (text.isascii() and text.isdigit()):
        return False
    d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, d10 = (byte - 48 for byte in text.encode())
    first = 3 * d0 + 7 * d1 + 6 * d2 + d3 + 8 * d4 + 9 * d5 + 4 * d6 + 5 * d7 + 2 * d8 + d9
    second = 5 * d0 + 4 * d1 + 3 * d2 + 2 * d3 + 7 * d4 + 6 * d5 + 5 * d6 + 4 * d7 + 3 * d8 + 2 * d9 + d10
    if first % 11 > 3 or second % 11:
        return False
    day, month = d0 * 10 + d1, d2 * 10 + d3
    return _is_date(day - 40 if day > 40 else day, _real_month(month, synthetic), d4 * 10 + d5)


def _real_month(month: int, synthetic: bool) -> int:
    if synthetic:
        for added in _SYNTHETIC_MONTHS:
            if 1 <= month - added <= 12:
                return month - added
    return month


def _is_date(day: int, month: int, year: int) -> bool:
    if not 1 <= month <= 12:
        return False
    days = _DAYS[month - 1] - (1 if month == 2 and year % 4 else 0)
    return 1 <= day <= days


def is_orgnr(text: str) -> bool:
    """Whether `text` is nine digits with a right modulus 11 control digit."""
    return len(text) == 9 and text.isascii() and text.isdigit() and bool(stdnum_orgnr.is_valid(text))


def is_kontonr(text: str) -> bool:
    """Whether `text` is an eleven-digit account number; 0000… is not checked by modulus and is refused."""
    if len(text) != 11 or not (text.isascii() and text.isdigit()) or text.startswith("0000"):
        return False
    return bool(stdnum_kontonr.is_valid(text))


def _mod10(body: str) -> str:
    total = 0
    for position, char in enumerate(reversed(body)):
        product = int(char) * (2 if position % 2 == 0 else 1)
        total += product - 9 if product > 9 else product
    return str(-total % 10)


def _mod11(body: str) -> str:
    total = sum(int(char) * (2 + position % 6) for position, char in enumerate(reversed(body)))
    rest = 11 - total % 11
    return {10: "-", 11: "0"}.get(rest, str(rest))


def kid_check_digit(body: str, kind: str) -> str:
    """The control character of a KID body under "MOD10" or "MOD11" ("-" for ten)."""
    return {"MOD10": _mod10, "MOD11": _mod11}[kind](body)


def is_kid(text: str, kind: str | None = None) -> bool:
    """Whether `text` is a KID of 2-25 characters under `kind` ("MOD10", "MOD11", None = either)."""
    body = text[:-1]
    if not 2 <= len(text) <= 25 or not (body.isascii() and body.isdigit()):
        return False
    kinds = (kind,) if kind else ("MOD10", "MOD11")
    return any(text[-1] == kid_check_digit(body, k) for k in kinds)


@dataclass(frozen=True, slots=True, repr=False)
class _Number:
    """A checked number; `value` is the clear text, everything that prints is masked."""

    value: str
    code: ClassVar[str]

    def masked(self) -> str:
        return "*" * len(self.value)

    def __str__(self) -> str:
        return self.masked()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.masked()})"

    def __format__(self, spec: str) -> str:
        return format(self.masked(), spec)


def _squeezed(text: str) -> str:
    return _SPACES.sub("", text)


@dataclass(frozen=True, slots=True, repr=False)
class Fnr(_Number):
    """A fødselsnummer or D-number. Prints as DDMMYY*****."""

    code: ClassVar[str] = "FNR_UGYLDIG"

    @classmethod
    def parse(cls, text: str, synthetic: bool = True) -> Self:
        """Read a number, spaces allowed; UgyldigInndata("FNR_UGYLDIG") otherwise."""
        digits = _squeezed(text)
        if not is_fnr(digits, synthetic):
            raise UgyldigInndata(cls.code, felt="fnr")
        return cls(digits)

    def masked(self) -> str:
        return self.value[:6] + "*****"


@dataclass(frozen=True, slots=True, repr=False)
class Orgnr(_Number):
    """An organisasjonsnummer: public, so str() shows it; repr stays masked."""

    code: ClassVar[str] = "ORGNR_UGYLDIG"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a number, spaces allowed; UgyldigInndata("ORGNR_UGYLDIG") otherwise."""
        digits = _squeezed(text)
        if not is_orgnr(digits):
            raise UgyldigInndata(cls.code, felt="orgnr")
        return cls(digits)

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True, repr=False)
class Kid(_Number):
    """A payment reference."""

    code: ClassVar[str] = "KID_UGYLDIG"

    @classmethod
    def parse(cls, text: str, kind: str | None = None) -> Self:
        """Read a KID, spaces allowed; UgyldigInndata("KID_UGYLDIG") otherwise."""
        digits = _squeezed(text)
        if not is_kid(digits, kind):
            raise UgyldigInndata(cls.code, felt="kid")
        return cls(digits)


@dataclass(frozen=True, slots=True, repr=False)
class Kontonr(_Number):
    """A bank account number, stored without dots."""

    code: ClassVar[str] = "KONTONUMMER_UGYLDIG"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a number, spaces and dots allowed; UgyldigInndata("KONTONUMMER_UGYLDIG") otherwise."""
        digits = _squeezed(text).replace(".", "")
        if not is_kontonr(digits):
            raise UgyldigInndata(cls.code, felt="kontonummer")
        return cls(digits)

    @property
    def pretty(self) -> str:
        """The number as banks print it: 1234.56.78901."""
        return f"{self.value[:4]}.{self.value[4:6]}.{self.value[6:]}"

    def masked(self) -> str:
        return "*" * 7 + self.value[7:]


_ELEVEN = re.compile(r"(?<!\d)\d{6}[ \u00a0\u202f.\-]?\d{5}(?!\d)")
_TOKEN = re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]{8,}|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9._-]+")


def mask_numbers(text: str) -> str:
    """Mask every personal number (also written in two groups) and every bearer token in a text for the log."""

    def mask(match: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", match.group())
        return digits[:6] + "*****" if is_fnr(digits) else match.group()

    return _TOKEN.sub(lambda m: (m.group(1) or "") + "***", _ELEVEN.sub(mask, text))
