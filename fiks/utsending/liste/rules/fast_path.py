"""Fast path: one regular expression over a whole row, because most rows are right.

It never produces findings. It tells that `rules.row` would find nothing, and the values it would give; any
other row goes to the rules. So it accepts less than they do: only usual letters, and each type in the
letter's own spelling.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter

from fiks.core.values.address import is_known_country
from fiks.core.values.cost_code import KONTERINGSKODE
from fiks.core.values.identifiers import is_fnr, is_kid, is_orgnr, mask_numbers
from fiks.utsending.liste.columns import ALLE, Kolonnetype
from fiks.utsending.liste.findings import Rad
from fiks.utsending.liste.mojibake import GARBLED
from fiks.utsending.liste.postal_codes import postnummer
from fiks.utsending.liste.property_tax import TAX, TERMS
from fiks.utsending.liste.rules.amounts import (
    DUE_DATES,
    FIRST_YEAR,
    LAST_YEAR,
    NUMERIC,
    tax_fault,
    terms_fault,
)
from fiks.utsending.liste.rules.identity import REFERENCES
from fiks.utsending.liste.rules.payment import DATES, EXACT_DIGITS, is_account_number
from fiks.utsending.liste.rules.postal import is_norwegian, same_place
from fiks.utsending.liste.rules.row import SPELLING
from fiks.utsending.liste.rules.text import BAD_CHARACTER, MAX_LINE
from fiks.utsending.liste.values import parse_date, parse_number

_T = Kolonnetype
CELL_SEPARATOR = "\x7f"
"""Separator of a row's cells in one text; no cell that passes the fast path holds it."""

# Norwegian and Sami letters, what stands in names beside them, and ASCII: but for "?", which may be a lost letter, and
# Œ and Ÿ, which may be another.
_LETTER = "A-Za-zÀ-ÖØ-öø-őœ-ŷŹ-ſ"
_SIGNS = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) != "?") + "§°ªº«»´·½–—’‘…"
_FIRST = f"[{re.escape(''.join(sign for sign in _SIGNS if sign not in '=+-@#'))}{_LETTER}]"
_WORD = f"[{re.escape(_SIGNS)}{_LETTER}]"
_REST = f"{_WORD}*(?: {_WORD}+)*"
_PHRASE = f"(?:{_FIRST}{_REST}|-)?"
_OWN = _PHRASE.replace(_WORD, _WORD.replace("[", "[?", 1))
_WHOLE = "(?:0|[1-9][0-9]{0,11})"
_SHAPES = {
    _T.FNR: "(?:[0-9]{11})?",
    _T.ORGNR: "(?:[0-9]{9})?",
    _T.HELTALL: f"{_WHOLE}?",
    _T.AAR: "(?:[1-9][0-9]{3})?",
    _T.DESIMAL: f"(?:{_WHOLE}(?:,[0-9]{{0,5}}[1-9])?)?",
    _T.KRONER: f"(?:{_WHOLE}(?:,[0-9]?[1-9])?)?",
    _T.BELOP: f"(?:{_WHOLE},[0-9][0-9])?",
    _T.KID: "(?:[0-9]{2,25})?",
    _T.KONTONUMMER: "(?:[0-9]{11})?",
    _T.DATO: r"(?:[0-9]{2}\.[0-9]{2}\.[0-9]{4})?",
    _T.KONTERINGSKODE: f"(?:(?!-){KONTERINGSKODE.pattern})?",
    _T.MALFORM: "(?:nb|nn)?",
}
_FACTOR = "(?:0(?:,[0-9]{0,5}[1-9])?|1)?"
# However these are written, the rules ask only which number, day or language it is.
_SPELLED = {*NUMERIC.values(), _T.KONTONUMMER, _T.DATO, _T.MALFORM}
_YEARS = frozenset(["", *map(str, range(FIRST_YEAR, LAST_YEAR + 1))])
_ALONE = ("fnr", "orgnr", "land", "postnr", "poststed", "kid", "kontonummer")


class FastPath:
    """What rows with these columns look like when nothing is wrong. One instance per list."""

    def __init__(self, columns: Sequence[str]) -> None:
        place = {name: at for at, name in enumerate(columns)}
        absent = len(columns)  # an empty cell after the row's own stands for every column the list has not

        def cells(names: Sequence[str]) -> Callable[[list[str]], tuple[str, ...]]:
            return itemgetter(*(place.get(name, absent) for name in names))

        known = {name: kolonne.type for name in columns if (kolonne := ALLE.get(name))}
        self._named = "navn" in place
        self._shape = re.compile(CELL_SEPARATOR.join(map(_shape, columns)))
        self._spelled = [(place[name], _speller(name)) for name, type_ in known.items() if type_ in _SPELLED]
        self._years = [place[name] for name, type_ in known.items() if type_ is _T.AAR]
        self._all_due = set(DUE_DATES) <= place.keys()
        self._alone, self._references = cells(_ALONE), cells(REFERENCES)
        self._dates, self._terms, self._tax = cells(DATES), cells(TERMS), cells(TAX)

    def values(self, row: Rad) -> list[str] | None:
        """Return the row's letter values in column order; None if the rules must check the row."""
        lost_digits = "kid" in row.tall and len(row.verdier["kid"]) > EXACT_DIGITS
        if not self._named or lost_digits or row.forskjovet is not None:
            return None
        cells = list(row.verdier.values())
        text = CELL_SEPARATOR.join(cells)
        if GARBLED.search(text):
            return None
        if not self._shape.fullmatch(text):
            if BAD_CHARACTER.search("".join(cells)):
                return None
            for at, spell in self._spelled:
                if cell := cells[at]:
                    cells[at] = spell(cell)
            if not self._shape.fullmatch(CELL_SEPARATOR.join(cells)):
                return None
        return cells if self._agree([*cells, ""]) else None

    def _agree(self, row: list[str]) -> bool:
        """Check what the pattern cannot: numbers are valid, and cells agree with each other."""
        fnr, orgnr, land, postnr, poststed, kid, kontonummer = self._alone(row)
        dates = self._dates(row)
        return (
            (not fnr or (not orgnr and is_fnr(fnr)))
            and (not orgnr or is_orgnr(orgnr))
            and (_place_matches(postnr, poststed) if is_norwegian(land) else is_known_country(land))
            and (not kid or is_kid(kid))
            and (not kontonummer or is_account_number(kontonummer))
            and not any(map(_holds_personal_number, self._references(row)))
            and all(row[at] in _YEARS for at in self._years)
            and _dates_in_order(dates)
            and self._amounts_fit(row, sum(map(bool, dates[: len(DUE_DATES)])))
        )

    def _amounts_fit(self, row: list[str], due: int) -> bool:
        terms, tax = self._terms(row), self._tax(row)
        if terms_fault(terms, _number) or tax_fault(tax, _number):
            return False
        if not (terms[0] and self._all_due):
            return True
        terminer = int(terms[0])
        return terminer == due or terminer > len(DUE_DATES)


def _shape(column: str) -> str:
    """Return the pattern of a column's values that no rule objects to, apart from other columns."""
    kolonne = ALLE.get(column)
    if kolonne is None:
        return _OWN
    if column == "reduksjonsfaktor":
        return _FACTOR
    if kolonne.type in _SHAPES:
        return _SHAPES[kolonne.type]
    longest = max(MAX_LINE, kolonne.maks or MAX_LINE)
    short = f"(?![^{CELL_SEPARATOR}]{{{longest + 1}}})"
    return f"{short}[{_LETTER}]{_REST}" if column == "navn" else f"{short}{_PHRASE}"


def _speller(column: str) -> Callable[[str], str]:
    """Return the function that spells a column's value for the letter; a number only if its value is kept."""
    spell = SPELLING[column]

    def exactly(cell: str) -> str:
        spelled = spell(cell)
        return spelled if parse_number(spelled) == parse_number(cell) else cell

    return exactly if column in NUMERIC else spell


def _holds_personal_number(reference: str) -> bool:
    return mask_numbers(reference) != reference


def _place_matches(postnr: str, poststed: str) -> bool:
    """Return whether poststed is the registered place of postnr."""
    if not postnr:
        return not poststed
    registered = postnummer().get(postnr)
    return registered is not None and (registered == poststed or same_place(poststed, registered))


@lru_cache(maxsize=1024)
def _dates_in_order(dates: tuple[str, ...]) -> bool:
    """Return whether every date is valid, and the due dates are in order."""
    days = [parse_date(text) if text else None for text in dates]
    due = [day for day in days[: len(DUE_DATES)] if day is not None]
    return all(day is not None for day, text in zip(days, dates, strict=True) if text) and all(
        earlier < later for earlier, later in zip(due, due[1:], strict=False)
    )


@lru_cache(maxsize=8192)
def _number(cell: str) -> Decimal:
    return Decimal(cell.replace(",", "."))
