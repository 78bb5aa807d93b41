"""The rules for one row on its own, proposed repairs, and the values its letter gets."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import partial

from fiks.utsending.liste.columns import ALLE, Kolonnetype
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, Rad
from fiks.utsending.liste.rules.amounts import NUMBER_PARSERS, check_amounts
from fiks.utsending.liste.rules.identity import check_identity
from fiks.utsending.liste.rules.payment import MALFORM, account_digits, check_payment
from fiks.utsending.liste.rules.postal import check_postal, is_norwegian
from fiks.utsending.liste.rules.text import check_lengths, check_text, is_plain
from fiks.utsending.liste.values import (
    collapse_spaces,
    norsk_dato,
    norsk_tall,
    parse_date,
    remove_spaces,
    to_nfc,
    trim,
)

_T = Kolonnetype
_WORST_FIRST = (Alvorlighet.FEIL, Alvorlighet.AUTO, Alvorlighet.ADVARSEL)


def check_row(rad: Rad) -> list[Funn]:
    """Return all findings that the row alone can give, in a stable order. Pure.

    A row with too many or too few fields gets only that finding: its values stand in the wrong columns.
    """
    if rad.forskjovet is not None:
        return [_shifted_finding(rad, rad.forskjovet)]
    if is_plain(rad):
        found, settled, values = list[Funn](), set[str](), _in_nfc(rad.verdier)
    else:
        found, settled, values = _check_characters(rad)
    found.extend(check_lengths(rad, values, settled))
    found.extend(check_identity(rad, values, settled))
    found.extend(check_postal(rad, values, settled))
    found.extend(check_amounts(rad, values, settled))
    found.extend(check_payment(rad, values, settled))
    return found


def check_and_normalise(rad: Rad) -> tuple[list[Funn], dict[str, str]]:
    """Return the row's findings, and its values with all proposed repairs applied."""
    found = check_row(rad)
    return found, normalise(rad, proposed_repairs(found))


def _check_characters(rad: Rad) -> tuple[list[Funn], set[str], dict[str, str]]:
    """Return character findings, the fields that then need no other finding, and the trimmed values."""
    found = check_text(rad)
    harmless = (Funnkode.TEGN_TAPT, Funnkode.MELLOMROM_RUNDT)
    settled = {f.felt for f in found if f.felt and f.kode not in harmless}
    return found, settled, {felt: trim(value) for felt, value in _in_nfc(rad.verdier).items()}


def _shifted_finding(rad: Rad, parts: Mapping[str, list[str]]) -> Funn:
    return Funn(rad.rad, rad.linje, None, Funnkode.KOLONNEFORSKYVNING, Alvorlighet.FEIL, dict(parts))


def proposed_repairs(found: Iterable[Funn]) -> dict[str, str]:
    """Return the repairs of all `auto` findings of a row, merged."""
    merged: dict[str, str] = {}
    for finding in found:
        merged.update(finding.reparert or {})
    return merged


def worst_severity(found: Iterable[Funn]) -> Alvorlighet | None:
    """Return the most serious severity (feil, auto, advarsel in that order), or None for a good row."""
    levels = {finding.alvorlighet for finding in found}
    return next((level for level in _WORST_FIRST if level in levels), None) if levels else None


def normalise(rad: Rad, repairs: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the values for the letter: `repairs` applied, trimmed, NFC, every type spelled one way.

    Amounts "3804,00", whole kroner "3950000", dates "31.03.2027", digits without spaces, malform nb/nn. The
    same list gives the same values as csv and as xlsx. Unreadable values stay as they are.
    """
    plain = not repairs and is_plain(rad)
    given = _in_nfc(rad.verdier if plain else {**rad.verdier, **(repairs or {})})
    values = _spell_values(given) if plain else _trim_and_spell(given)
    if values.get("postnr") and is_norwegian(values.get("land", "")):
        values["postnr"] = remove_spaces(values["postnr"])
    return values


def _in_nfc(given: dict[str, str]) -> dict[str, str]:
    """Return the values in NFC; the same dict if all are already, which one check shows for most rows."""
    if unicodedata.is_normalized("NFC", "".join(given.values())):
        return given
    return {felt: to_nfc(value) for felt, value in given.items()}


def _spell_values(plain: Mapping[str, str]) -> dict[str, str]:
    """Return the values of a row whose white space is already in order."""
    values = dict(plain)
    for felt in values.keys() & SPELLING.keys():
        if value := values[felt]:
            values[felt] = SPELLING[felt](value)
    return values


def _trim_and_spell(given: Mapping[str, str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for felt, value in given.items():
        if value:
            spell = SPELLING.get(felt)
            value = spell(value) if spell else collapse_spaces(value) if felt in ALLE else trim(value)
        values[felt] = value
    return values


def _spell_number(value: str, parse: Callable[[str], Decimal | None], decimals: int | None = None) -> str:
    number = parse(collapse_spaces(value))
    return collapse_spaces(value) if number is None else norsk_tall(number, decimals)


def _spell_date(value: str) -> str:
    day = parse_date(trim(value))
    return norsk_dato(day) if day else collapse_spaces(value)


def _spell_malform(value: str) -> str:
    return MALFORM.get(trim(value).casefold(), trim(value))


_BY_TYPE: dict[Kolonnetype, Callable[[str], str]] = {
    **{type_: partial(_spell_number, parse=read) for type_, read in NUMBER_PARSERS.items()},
    _T.BELOP: partial(_spell_number, parse=NUMBER_PARSERS[_T.BELOP], decimals=2),
    _T.DATO: _spell_date,
    _T.FNR: remove_spaces,
    _T.ORGNR: remove_spaces,
    _T.KID: remove_spaces,
    _T.KONTONUMMER: account_digits,
    _T.MALFORM: _spell_malform,
}
SPELLING = {felt: _BY_TYPE[kolonne.type] for felt, kolonne in ALLE.items() if kolonne.type in _BY_TYPE}
SPELLING["filnavn"] = trim  # two files may differ in nothing but a space
