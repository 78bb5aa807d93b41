"""Rules for numbers and amounts, and whether they agree with each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from fiks.utsending.liste.columns import ALLE, Kolonnetype
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, Rad, funn
from fiks.utsending.liste.property_tax import (
    NO_REDUCTION,
    NOTHING,
    TAX,
    TERMS,
    tax_with_defaults,
    terms_with_defaults,
)
from fiks.utsending.liste.values import parse_amount, parse_decimal

_T = Kolonnetype
NUMERIC = {
    k.felt: k.type for k in ALLE.values() if k.type in (_T.HELTALL, _T.DESIMAL, _T.AAR, _T.KRONER, _T.BELOP)
}
NUMBER_PARSERS: dict[Kolonnetype, Callable[[str], Decimal | None]] = {
    type_: parse_decimal if type_ is _T.DESIMAL else parse_amount for type_ in NUMERIC.values()
}
"""Parser for numbers of each column type, used both for rules and for spelling."""
DUE_DATES = ("forfall1", "forfall2", "forfall3", "forfall4")
FIRST_YEAR, LAST_YEAR = 1900, 2100
TAX_TOLERANCE = Decimal(1)
MAX_DIGITS = 15
"""Most digits before the decimal sign that a letter can print (`fiks.core.values.money`, `brev.language.formats`).
"""


def check_amounts(rad: Rad, values: dict[str, str], settled: set[str]) -> Iterator[Funn]:
    """Check that numbers are valid, terms add up to the year, and the tax follows from takst
    (eigedomsskattelova).
    """
    numbers: dict[str, Decimal] = {}
    for felt, type_ in NUMERIC.items():
        value = values.get(felt, "")
        if not value or felt in settled:
            continue
        number = NUMBER_PARSERS[type_](value)
        kode = _fault(type_, number) or (_factor(number) if felt == "reduksjonsfaktor" else None)
        if kode:
            yield funn(rad, felt, kode, Alvorlighet.FEIL)
        elif number is not None:
            numbers[felt] = number
    yield from _sums(rad, values, numbers)


def _fault(type_: Kolonnetype, number: Decimal | None) -> Funnkode | None:
    money = type_ in (_T.KRONER, _T.BELOP)
    invalid = (
        Funnkode.BELOP_UGYLDIG
        if money
        else Funnkode.AAR_UGYLDIG
        if type_ is _T.AAR
        else Funnkode.TALL_UGYLDIG
    )
    if number is None or number.adjusted() >= MAX_DIGITS:
        return invalid
    if number < 0:
        return Funnkode.BELOP_NEGATIVT if money else invalid
    if money:
        return invalid if number != number.quantize(Decimal("0.01")) else None
    if type_ is _T.AAR and not FIRST_YEAR <= number <= LAST_YEAR:
        return invalid
    return invalid if type_ is not _T.DESIMAL and number != int(number) else None


def _factor(number: Decimal | None) -> Funnkode | None:
    return Funnkode.FAKTOR_UGYLDIG if number is not None and number > 1 else None


def _sums(rad: Rad, values: dict[str, str], n: dict[str, Decimal]) -> Iterator[Funn]:
    """Check sums. Unreadable cells, already reported, are left out; an amount due must have terms."""
    number = (
        {NOTHING: Decimal(0), NO_REDUCTION: Decimal(1)} | {values[f]: read for f, read in n.items()}
    ).__getitem__
    unread = {felt for felt in (*TERMS, *TAX) if values.get(felt) and felt not in n}
    terms, tax = ([values[felt] if felt in n else "" for felt in fields] for fields in (TERMS, TAX))
    kode = None if "terminer" in unread else terms_fault(terms, number)
    if kode is Funnkode.TERMINER_MANGLER:
        yield funn(rad, "terminer", kode, Alvorlighet.FEIL, felter=TERMS)
    elif kode and unread.isdisjoint(TERMS):
        yield funn(rad, "skatt_aar", kode, Alvorlighet.ADVARSEL, felter=("skatt_aar", *TERMS[:-1]))
    if unread.isdisjoint(TAX) and (fault := tax_fault(tax, number)):
        yield funn(rad, "skatt_aar", fault, Alvorlighet.ADVARSEL, felter=TAX)
    if kode is not Funnkode.TERMINER_MANGLER:
        yield from _terms(rad, values, n)


def terms_fault(cells: Sequence[str], number: Callable[[str], Decimal]) -> Funnkode | None:
    """Return what is wrong with the cells of TERMS, by the letter's own arithmetic; `number` parses a cell.

    TERMINER_MANGLER: an amount is due but there is no term, so that a letter could say nothing is due.
    Without the year's tax no sum is checked: the row may be for one term only.
    """
    _, each_cell, last_cell, year_cell = cells
    if not year_cell:
        return None
    terms, each, last, year = map(number, terms_with_defaults(cells))
    if not terms:
        return Funnkode.TERMINER_MANGLER if each or last or year else None
    if (each_cell or last_cell) and each * (terms - 1) + last != year:
        return Funnkode.BELOP_STEMMER_IKKE
    return None


def tax_fault(cells: Sequence[str], number: Callable[[str], Decimal]) -> Funnkode | None:
    """Return SKATT_STEMMER_IKKE unless the year's tax follows from its basis within one krone."""
    reckoned = tax_with_defaults(cells)
    if not all(reckoned):
        return None
    takst, deduction, factor, per_thousand, tax = map(number, reckoned)
    taxed = max(Decimal(0), takst * factor - deduction)
    off = abs((taxed * per_thousand / 1000).to_integral_value(ROUND_HALF_UP) - tax)
    return Funnkode.SKATT_STEMMER_IKKE if off > TAX_TOLERANCE else None


def _terms(rad: Rad, values: dict[str, str], n: dict[str, Decimal]) -> Iterator[Funn]:
    """Check that there are as many due dates as terms, if the list has columns for all."""
    if "terminer" not in n or n["terminer"] > len(DUE_DATES) or not set(DUE_DATES) <= values.keys():
        return
    if sum(1 for felt in DUE_DATES if values[felt]) != n["terminer"]:
        fields = ("terminer", *DUE_DATES)
        yield funn(rad, "terminer", Funnkode.TERMINER_STEMMER_IKKE, Alvorlighet.ADVARSEL, felter=fields)
