"""The control of one row by itself, the repairs it proposes, and the values a letter gets."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import partial

from fiks.utsending.liste.amounts import READ, check_amounts
from fiks.utsending.liste.columns import ALLE, Kolonnetype
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, Rad
from fiks.utsending.liste.identity import check_identity
from fiks.utsending.liste.payment import MALFORM, account_digits, check_payment
from fiks.utsending.liste.postal import check_postal, is_norwegian
from fiks.utsending.liste.text import check_lengths, check_text, is_plain
from fiks.utsending.liste.values import (
    compact,
    composed,
    norsk_dato,
    norsk_tall,
    parse_date,
    single_spaced,
    trim,
)

_T = Kolonnetype
_WORST_FIRST = (Alvorlighet.FEIL, Alvorlighet.AUTO, Alvorlighet.ADVARSEL)


def check_row(rad: Rad) -> list[Funn]:
    """Everything wrong with a row that the row alone can tell, in a stable order. Pure.

    A row with too many or too few fields gets that one finding only: its values stand in wrong columns.
    """
    if rad.forskjovet is not None:
        return [_shifted(rad, rad.forskjovet)]
    if is_plain(rad):
        found, settled, values = list[Funn](), set[str](), _composed(rad.verdier)
    else:
        found, settled, values = _closer_look(rad)
    found.extend(check_lengths(rad, values, settled))
    found.extend(check_identity(rad, values, settled))
    found.extend(check_postal(rad, values, settled))
    found.extend(check_amounts(rad, values, settled))
    found.extend(check_payment(rad, values, settled))
    return found


def examine(rad: Rad) -> tuple[list[Funn], dict[str, str]]:
    """What is wrong with a row, and its values with every repair that is proposed put in."""
    found = check_row(rad)
    return found, normalise(rad, proposed_repairs(found))


def _closer_look(rad: Rad) -> tuple[list[Funn], set[str], dict[str, str]]:
    """Findings on characters, the fields that need no other finding then, and the trimmed values."""
    found = check_text(rad)
    harmless = (Funnkode.TEGN_TAPT, Funnkode.MELLOMROM_RUNDT)
    settled = {f.felt for f in found if f.felt and f.kode not in harmless}
    return found, settled, {felt: trim(value) for felt, value in _composed(rad.verdier).items()}


def _shifted(rad: Rad, parts: Mapping[str, list[str]]) -> Funn:
    return Funn(rad.rad, rad.linje, None, Funnkode.KOLONNEFORSKYVNING, Alvorlighet.FEIL, dict(parts))


def proposed_repairs(found: Iterable[Funn]) -> dict[str, str]:
    """The repairs of all `auto` findings of a row, merged; what the row becomes when all are accepted."""
    merged: dict[str, str] = {}
    for finding in found:
        merged.update(finding.reparert or {})
    return merged


def worst(found: Iterable[Funn]) -> Alvorlighet | None:
    """The most serious of a row's findings (feil, auto, advarsel in that order), or None for a good row."""
    levels = {finding.alvorlighet for finding in found}
    return next((level for level in _WORST_FIRST if level in levels), None) if levels else None


def normalise(rad: Rad, repairs: Mapping[str, str] | None = None) -> dict[str, str]:
    """The values for the letter: accepted `repairs` put in, trimmed, composed, and every type spelled in one way.

    Amounts "3804,00", whole kroner "3950000", dates "31.03.2027", digits without spaces, malform nb/nn. The same
    list gives the same values whether it came as csv or xlsx. What cannot be read stays as it is.
    """
    plain = not repairs and is_plain(rad)
    given = _composed(rad.verdier if plain else {**rad.verdier, **(repairs or {})})
    values = _spelled(given) if plain else _trimmed(given)
    if values.get("postnr") and is_norwegian(values.get("land", "")):
        values["postnr"] = compact(values["postnr"])
    return values


def _composed(given: dict[str, str]) -> dict[str, str]:
    """The values `composed`; those given where they are, which one look at them all tells of nearly every row."""
    if unicodedata.is_normalized("NFC", "".join(given.values())):
        return given
    return {felt: composed(value) for felt, value in given.items()}


def _spelled(plain: Mapping[str, str]) -> dict[str, str]:
    """The values of a row in which white space needs no looking at."""
    values = dict(plain)
    for felt in values.keys() & SPELLING.keys():
        if value := values[felt]:
            values[felt] = SPELLING[felt](value)
    return values


def _trimmed(given: Mapping[str, str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for felt, value in given.items():
        if value:
            spell = SPELLING.get(felt)
            value = spell(value) if spell else single_spaced(value) if felt in ALLE else trim(value)
        values[felt] = value
    return values


def _spell_number(value: str, parse: Callable[[str], Decimal | None], decimals: int | None = None) -> str:
    number = parse(single_spaced(value))
    return single_spaced(value) if number is None else norsk_tall(number, decimals)


def _spell_date(value: str) -> str:
    day = parse_date(trim(value))
    return norsk_dato(day) if day else single_spaced(value)


def _spell_malform(value: str) -> str:
    return MALFORM.get(trim(value).casefold(), trim(value))


_BY_TYPE: dict[Kolonnetype, Callable[[str], str]] = {
    **{type_: partial(_spell_number, parse=read) for type_, read in READ.items()},
    _T.BELOP: partial(_spell_number, parse=READ[_T.BELOP], decimals=2),
    _T.DATO: _spell_date,
    _T.FNR: compact,
    _T.ORGNR: compact,
    _T.KID: compact,
    _T.KONTONUMMER: account_digits,
    _T.MALFORM: _spell_malform,
}
SPELLING = {felt: _BY_TYPE[kolonne.type] for felt, kolonne in ALLE.items() if kolonne.type in _BY_TYPE}
SPELLING["filnavn"] = trim  # two files may differ in nothing but a space
