"""Numbers that identify people, organisations, payments and accounts: fast checks, and masked whenever they
are printed.

`is_fnr` and its siblings are strict (no spaces, nothing repaired) and made for lists of 100 000 rows. The
classes' `parse` is for typed input and drops white space first. Sources: Skatteetaten (fødselsnummer,
D-nummer and the rule for numbers issued from 2032), Brønnøysundregistrene (organisasjonsnummer), Nets (KID,
kontonummer).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import mul
from typing import Literal, Self

from stdnum.no import kontonr as stdnum_kontonr
from stdnum.no import orgnr as stdnum_orgnr

from fiks.core.errors import UgyldigInndata

KidKind = Literal["MOD10", "MOD11"]

_FNR_LENGTH = 11
_D_NUMBER = 40
# Month + 40: NAV Dolly. Month + 65: NHN. Month + 80: Tenor.
_SYNTHETIC = (40, 65, 80)
_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ORDINARY_DAYS = {f"{month:02d}": days for month, days in enumerate(_DAYS_IN_MONTH, 1)}
_ALL_DAYS = _ORDINARY_DAYS | {
    f"{month + added:02d}": days for added in _SYNTHETIC for month, days in enumerate(_DAYS_IN_MONTH, 1)
}
_FEBRUARY = frozenset(f"{2 + added:02d}" for added in (0, *_SYNTHETIC))
# Digits are summed as character codes; the code of "0" times the weights is taken off again.
_ZERO = ord("0")
_MAX_ISSUED_REMAINDER = 3

_KID_MIN, _KID_MAX = 2, 25
_KID_WEIGHTS = tuple(2 + place % 6 for place in range(_KID_MAX))
_MOD11_CHARACTERS = "0-987654321"
_LUHN_DOUBLE = bytes.maketrans(b"0123456789", b"0246813579")


def is_fnr(text: str, synthetic: bool = True) -> bool:
    """Tell whether `text` is a fødselsnummer or D-nummer: exactly 11 ASCII digits, a real date, right check digits.

    `synthetic` also lets in test numbers (month + 40, + 65 or + 80). A year divisible by 4 is a leap year, 00 too.
    The first check digit follows the rule for numbers issued from 2032, which every older number satisfies.
    """
    if len(text) != _FNR_LENGTH or not (text.isascii() and text.isdigit()):
        return False
    month = text[2:4]
    days = (_ALL_DAYS if synthetic else _ORDINARY_DAYS).get(month)
    if days is None:
        return False
    if month in _FEBRUARY and int(text[4:6]) % 4:
        days = 28
    day = int(text[:2])
    if not 1 <= (day - _D_NUMBER if day > _D_NUMBER else day) <= days:
        return False
    a, b, c, d, e, f, g, h, i, j, k = text.encode()
    first = 3 * a + 7 * b + 6 * c + d + 8 * e + 9 * f + 4 * g + 5 * h + 2 * i + j - 46 * _ZERO
    second = 5 * a + 4 * b + 3 * c + 2 * d + 7 * e + 6 * f + 5 * g + 4 * h + 3 * i + 2 * j + k - 42 * _ZERO
    return first % 11 <= _MAX_ISSUED_REMAINDER and second % 11 == 0


def is_orgnr(text: str) -> bool:
    """Tell whether `text` is an organisasjonsnummer: exactly 9 ASCII digits, no leading zero, mod 11 right."""
    if len(text) != 9 or not (text.isascii() and text.isdigit()) or text[0] == "0":
        return False
    return bool(stdnum_orgnr.is_valid(text))


def is_kontonr(text: str) -> bool:
    """Tell whether `text` is a kontonummer: exactly 11 ASCII digits, mod 11 right.

    Numbers beginning 0000 (old giro accounts of 7 digits) are refused: they have another check.
    """
    if len(text) != 11 or not (text.isascii() and text.isdigit()) or text.startswith("0000"):
        return False
    return bool(stdnum_kontonr.is_valid(text))


def is_kid(text: str, kind: KidKind | None = None) -> bool:
    """Tell whether `text` is a KID: 2 to 25 characters, digits, the last one the check character.

    `kind` is set by the payee's agreement; None accepts either. Only MOD11 has "-" as check character.
    """
    if not (_KID_MIN <= len(text) <= _KID_MAX and text.isascii() and text[:-1].isdigit()):
        return False
    if kind != "MOD11" and text[-1].isdigit() and _luhn(text.encode()) == 0:
        return True
    return kind != "MOD10" and text[-1] == kid_check_digit(text[:-1], "MOD11")


def kid_check_digit(body: str, kind: KidKind) -> str:
    """Return the check character of a KID whose other digits are `body`: a digit, or "-" (MOD11 only)."""
    if kind == "MOD10":
        return str(-_luhn(f"{body}0".encode()) % 10)
    return _MOD11_CHARACTERS[sum(map(mul, map(int, reversed(body)), _KID_WEIGHTS)) % 11]


def _luhn(digits: bytes) -> int:
    """Return the Luhn sum modulo 10: every second digit from the right is doubled, the last is not."""
    total = sum(digits[::-2]) + sum(digits[-2::-2].translate(_LUHN_DOUBLE))
    return (total - _ZERO * len(digits)) % 10


@dataclass(frozen=True, slots=True, repr=False)
class _Number:
    """A checked number. `value` is bare, for storage and outside calls; every printed form is `masked`.

    The constructor does not check: use it for numbers the house has stored, and `parse` for everything else.
    """

    value: str

    @property
    def masked(self) -> str:
        return _tail(self.value)

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.masked})"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


@dataclass(frozen=True, slots=True, repr=False)
class Fnr(_Number):
    """A fødselsnummer or D-nummer, printed as DDMMYY*****. Never derive age, sex or century from it."""

    @classmethod
    def parse(cls, text: str, synthetic: bool = True) -> Self:
        """Read a typed number; white space is dropped. UgyldigInndata FNR_UGYLDIG for anything else.

        `synthetic=False` refuses test numbers, as production must.
        """
        value = _tight(text)
        if not is_fnr(value, synthetic):
            raise UgyldigInndata("FNR_UGYLDIG", felt="fnr")
        return cls(value)

    @property
    def masked(self) -> str:
        return self.value[:6] + "*" * 5


@dataclass(frozen=True, slots=True, repr=False)
class Orgnr(_Number):
    """An organisasjonsnummer. It is public and str() shows it, but keep it out of logs, URLs and file names."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a typed number; white space is dropped. UgyldigInndata ORGNR_UGYLDIG for anything else."""
        value = _tight(text)
        if not is_orgnr(value):
            raise UgyldigInndata("ORGNR_UGYLDIG", felt="orgnr")
        return cls(value)

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True, repr=False)
class Kid(_Number):
    """A payment reference, printed with only its last three characters."""

    @classmethod
    def parse(cls, text: str, kind: KidKind | None = None) -> Self:
        """Read a typed KID; white space is dropped. UgyldigInndata KID_UGYLDIG for anything else."""
        value = _tight(text)
        if not is_kid(value, kind):
            raise UgyldigInndata("KID_UGYLDIG", felt="kid")
        return cls(value)


@dataclass(frozen=True, slots=True, repr=False)
class Kontonr(_Number):
    """A Norwegian bank account number, printed with only its last three digits; `pretty` is for letters."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a typed number; white space and dots are dropped. UgyldigInndata KONTONUMMER_UGYLDIG for
        anything else.
        """
        value = _tight(text).replace(".", "")
        if not is_kontonr(value):
            raise UgyldigInndata("KONTONUMMER_UGYLDIG", felt="kontonummer")
        return cls(value)

    @property
    def pretty(self) -> str:
        """Return the whole number as written on paper: 1234.56.78903."""
        return f"{self.value[:4]}.{self.value[4:6]}.{self.value[6:]}"


def _tight(text: str) -> str:
    return "".join(text.split())


def _tail(value: str) -> str:
    shown = 3 if len(value) > 6 else 0
    return "*" * (len(value) - shown) + value[len(value) - shown :]


# A blank between groups, also as it looks inside a repr, a JSON string, a URL or HTML.
_BLANK = r"(?:[\s+]|%20|%C2%A0|\\xa0|\\u00a0|\\t|&nbsp;|&\#160;)"
_FNR_LIKE = re.compile(
    rf"""(?=(?:(?<![0-9])|(?<=%[0-9A-F]{{2}})|(?<=\\u[0-9A-F]{{4}})|(?<=\\x[0-9A-F]{{2}}))   # or an escape before
    ([0-9]{{2}}{_BLANK}?[0-9]{{2}}{_BLANK}?[0-9]{{2}}(?:{_BLANK}{{1,2}}|[-.])?
     [0-9]{{3}}{_BLANK}?[0-9]{{2}})(?![0-9]))""",
    re.VERBOSE | re.IGNORECASE,
)
_ESCAPES = re.compile(r"%20|%C2%A0|\\xa0|\\u00a0|&#160;", re.IGNORECASE)
_UUID_LENGTH = 36
_UUID = re.compile(r"(?<![0-9a-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z])", re.IGNORECASE)
_NO_DIGITS = bytes(code for code in range(256) if chr(code) not in "0123456789")
_BEARER = re.compile(r"\b(bearer)((?:[\s:=+]|%20)+)[a-z0-9._~+/%-]+=*", re.IGNORECASE)
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){0,3}")


def mask_numbers(text: str) -> str:
    """Return `text` fit for a log: every fødselsnummer, bearer token and JWT is replaced by asterisks.

    Candidates are runs of exactly 11 digits, bare or grouped (`ddmmyy iiikk`, `dd mm yy iii kk`; blanks of
    any kind, also escaped; one hyphen or dot after the date). Test numbers count too. Other numbers stay, and
    so does a UUID whose last eleven digits happen to be a fødselsnummer: people who are given an id must be
    able to ask by it.
    """
    if not (_may_hold_a_number(text) or "eyJ" in text or "bearer" in text.lower()):
        return text
    text = _JWT.sub("***", _BEARER.sub(r"\1\2***", text))
    parts, end = [], 0
    for found in _FNR_LIKE.finditer(text):
        start, stop = found.span(1)
        if is_fnr(_digits(found[1])) and not _ends_a_uuid(text, stop):
            parts += [text[end:start], "*" * _FNR_LENGTH]
            end = stop
    return "".join([*parts, text[end:]])


def _ends_a_uuid(text: str, stop: int) -> bool:
    """Return whether the text before `stop` ends with a whole UUID that has no letter or digit beside it."""
    return stop >= _UUID_LENGTH and _UUID.match(text, stop - _UUID_LENGTH) is not None


def _may_hold_a_number(text: str) -> bool:
    return (
        len(text) >= _FNR_LENGTH
        and len(text.encode("utf-8", "surrogatepass").translate(None, _NO_DIGITS)) >= _FNR_LENGTH
    )


def _digits(grouped: str) -> str:
    return re.sub("[^0-9]", "", _ESCAPES.sub("", grouped))
