"""Rules for numbers, amounts and whether they agree with each other."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from .columns import ALLE, Kolonnetype
from .findings import Alvorlighet, Funn, Funnkode, Rad, funn
from .values import parse_decimal, parse_number

_T = Kolonnetype
NUMERIC = {
    k.felt: k.type for k in ALLE.values() if k.type in (_T.HELTALL, _T.DESIMAL, _T.AAR, _T.KRONER, _T.BELOP)
}
DUE_DATES = ("forfall1", "forfall2", "forfall3", "forfall4")
TERMS = ("terminer", "belop_termin", "belop_siste_termin", "skatt_aar")
TAX = ("takst", "bunnfradrag", "reduksjonsfaktor", "skattesats_promille", "skatt_aar")
FIRST_YEAR, LAST_YEAR = 1900, 2100
TAX_TOLERANCE = Decimal(1)
MAX_DIGITS = 15
"""Before the decimal sign: as many as a letter can write (`fiks.core.money`, `brev.formats`)."""


def check_amounts(rad: Rad, values: dict[str, str], settled: set[str]) -> Iterator[Funn]:
    """Every number is one; then the terms add up to the year, and the year follows from takst (eigedomsskattelova)."""
    numbers: dict[str, Decimal] = {}
    for felt, type_ in NUMERIC.items():
        value = values.get(felt, "")
        if not value or felt in settled:
            continue
        number = parse_decimal(value) if type_ is _T.DESIMAL else parse_number(value)
        kode = _fault(type_, number)
        if kode:
            yield funn(rad, felt, kode, Alvorlighet.FEIL)
        elif number is not None:
            numbers[felt] = number
    yield from _sums(rad, numbers)
    yield from _terms(rad, values, numbers)


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


def _sums(rad: Rad, n: dict[str, Decimal]) -> Iterator[Funn]:
    if set(TERMS) <= n.keys() and not terms_add_up(*(n[felt] for felt in TERMS)):
        fields = ("skatt_aar", "terminer", "belop_termin", "belop_siste_termin")
        yield funn(rad, "skatt_aar", Funnkode.BELOP_STEMMER_IKKE, Alvorlighet.ADVARSEL, felter=fields)
    if set(TAX) <= n.keys() and not tax_follows(*(n[felt] for felt in TAX)):
        yield funn(rad, "skatt_aar", Funnkode.SKATT_STEMMER_IKKE, Alvorlighet.ADVARSEL, felter=TAX)


def terms_add_up(terms: Decimal, each: Decimal, last: Decimal, year: Decimal) -> bool:
    """Whether the terms' amounts make the year's, in kroner."""
    return each * max(terms - 1, Decimal(0)) + last == year


def tax_follows(
    takst: Decimal, deduction: Decimal, factor: Decimal, per_thousand: Decimal, tax: Decimal
) -> bool:
    """Whether the year's tax follows from its basis, in kroner, but for one krone."""
    taxed = max(Decimal(0), takst * factor - deduction)
    return abs((taxed * per_thousand / 1000).to_integral_value(ROUND_HALF_UP) - tax) <= TAX_TOLERANCE


def _terms(rad: Rad, values: dict[str, str], n: dict[str, Decimal]) -> Iterator[Funn]:
    """As many due dates as terms, when the list has columns for them all."""
    if "terminer" not in n or n["terminer"] > len(DUE_DATES) or not set(DUE_DATES) <= values.keys():
        return
    if sum(1 for felt in DUE_DATES if values[felt]) != n["terminer"]:
        fields = ("terminer", *DUE_DATES)
        yield funn(rad, "terminer", Funnkode.TERMINER_STEMMER_IKKE, Alvorlighet.ADVARSEL, felter=fields)
