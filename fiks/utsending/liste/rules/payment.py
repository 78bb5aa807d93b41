"""Rules for payment and invoicing: KID, account, due dates, konteringskode; and the målform."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from fiks.core.values.cost_code import KONTERINGSKODE
from fiks.core.values.identifiers import is_kid, is_kontonr
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, Rad, funn
from fiks.utsending.liste.rules.amounts import DUE_DATES
from fiks.utsending.liste.values import norsk_dato, parse_date, parse_serial, parse_short_date, remove_spaces

DATES = (*DUE_DATES, "forfall")
MALFORM = {"nb": "nb", "nn": "nn", "bm": "nb", "bokmål": "nb", "nynorsk": "nn", "nb-no": "nb", "nn-no": "nn"}
EXACT_DIGITS = 15
ACCOUNT_LENGTH = 11
is_account_number = lru_cache(maxsize=256)(is_kontonr)


def check_payment(rad: Rad, values: dict[str, str], settled: set[str]) -> Iterator[Funn]:
    """Yield at most one finding per field."""
    kid = values.get("kid", "")
    if kid and "kid" not in settled and (finding := _kid(rad, kid)):
        yield finding
    account = values.get("kontonummer", "")
    if account and "kontonummer" not in settled and (finding := _account(rad, account)):
        yield finding
    yield from _dates(rad, values, settled)
    kode = values.get("konteringskode", "")
    if kode and "konteringskode" not in settled and not KONTERINGSKODE.fullmatch(kode):
        yield funn(rad, "konteringskode", Funnkode.KONTERINGSKODE_UGYLDIG, Alvorlighet.FEIL)
    malform = values.get("malform", "")
    if malform and "malform" not in settled and malform.casefold() not in MALFORM:
        yield funn(rad, "malform", Funnkode.MALFORM_UKJENT, Alvorlighet.ADVARSEL)


def _kid(rad: Rad, kid: str) -> Funn | None:
    """Check the KID. A number cell is exact to fifteen digits; beyond that the last ones are invented."""
    if "kid" in rad.tall and len(kid) > EXACT_DIGITS:
        return funn(rad, "kid", Funnkode.KID_SIFRE_TAPT, Alvorlighet.FEIL)
    if is_kid(kid):
        return None
    tight = remove_spaces(kid)
    if tight != kid and is_kid(tight):
        return funn(rad, "kid", Funnkode.KID_MELLOMROM, Alvorlighet.AUTO, {"kid": tight})
    return funn(rad, "kid", Funnkode.KID_UGYLDIG, Alvorlighet.FEIL)


def account_digits(account: str) -> str:
    """Return the account number without dots and spaces."""
    return remove_spaces(account).replace(".", "")


def _account(rad: Rad, account: str) -> Funn | None:
    digits = account_digits(account)
    if is_account_number(digits):
        return None
    if len(digits) == ACCOUNT_LENGTH - 1 and is_account_number(f"0{digits}"):
        repaired = {"kontonummer": f"0{digits}"}
        return funn(rad, "kontonummer", Funnkode.KONTONUMMER_LEDENDE_NULL, Alvorlighet.AUTO, repaired)
    return funn(rad, "kontonummer", Funnkode.KONTONUMMER_UGYLDIG, Alvorlighet.FEIL)


def _dates(rad: Rad, values: dict[str, str], settled: set[str]) -> Iterator[Funn]:
    good = []
    for felt in DATES:
        value = values.get(felt, "")
        if not value or felt in settled:
            continue
        day = parse_date(value)
        if day is None:
            yield _date(rad, felt, value)
        elif felt in DUE_DATES:
            good.append(day)
    if any(later <= earlier for earlier, later in zip(good, good[1:], strict=False)):
        yield funn(rad, "forfall1", Funnkode.FORFALL_REKKEFOLGE, Alvorlighet.ADVARSEL, felter=DUE_DATES)


def _date(rad: Rad, felt: str, value: str) -> Funn:
    """Return the finding on an unreadable date, with a repair if possible.

    A number cell is repaired to ISO, as a date cell would give; a text to dd.mm.yyyy.
    """
    if serial := parse_serial(value):
        repaired = serial.isoformat() if felt in rad.tall else norsk_dato(serial)
        return funn(rad, felt, Funnkode.DATO_EXCEL_SERIENUMMER, Alvorlighet.AUTO, {felt: repaired})
    if short := parse_short_date(value):
        return funn(rad, felt, Funnkode.DATO_FORMAT, Alvorlighet.AUTO, {felt: norsk_dato(short)})
    return funn(rad, felt, Funnkode.DATO_UGYLDIG, Alvorlighet.FEIL)
