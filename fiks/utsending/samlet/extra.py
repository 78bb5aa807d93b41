"""The extra list of a big PDF: whose number belongs to what stands on a letter, a fakturanummer for instance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from fiks.utsending.liste.child import open_list
from fiks.utsending.liste.findings import Alvorlighet, Filkode, Funn, Funnkode, ListeFeil, Rad
from fiks.utsending.liste.values import compact
from fiks.utsending.samlet.identity import ORGNR
from fiks.utsending.samlet.oppsett import Feltnavn
from fiks.utsending.samlet.reading import COLUMN, Lesing

NUMBERS = ("fnr", "orgnr")
SAMPLE = 200
"""How many letters decide which column of the list is the one they name."""


@dataclass(frozen=True, slots=True)
class Tilleggsform:
    """What the list has: its headers, and how many rows."""

    kolonner: tuple[str, ...]
    antall: int


def describe(path: Path, filnavn: str) -> Tilleggsform:
    """Read it through once. ListeFeil: as a list of receivers, and KOLONNE_MANGLER without a column of numbers."""
    with open_list(path, filnavn, names=False) as liste:
        headers, fields = liste.form.overskrifter, set(liste.form.kobling.values())
        if not fields & set(NUMBERS):
            raise ListeFeil(Filkode.NUMMERKOLONNE_MANGLER)
        if len(headers) < 2:
            raise ListeFeil(Filkode.NOKKELKOLONNE_MANGLER)
        return Tilleggsform(headers, sum(1 for _ in liste.rader))


@dataclass(frozen=True, slots=True, repr=False)
class Tillegg:
    """The numbers by key, of the column that most letters name (`kolonne`, its header). No repr: personal numbers."""

    kolonne: str
    numre: dict[str, set[tuple[str, str]]]

    def add_to(self, lesing: Lesing) -> Lesing:
        """The letter with the number the list has for it, or with what is wrong."""
        found = self._find(lesing.nokkel) if lesing.nokkel else set()
        if len(found) != 1:
            kode = Funnkode.TILLEGG_FLERTYDIG if found else Funnkode.TILLEGG_MANGLER
            grad = Alvorlighet.FEIL if found else Alvorlighet.ADVARSEL
            return _told(lesing, kode, grad) if lesing.nokkel else lesing
        [(felt, nummer)] = found
        own = {name: lesing.rad.verdier.get(name, "") for name in NUMBERS}
        if any(own.values()):
            return lesing if own[felt] == nummer else _told(lesing, Funnkode.NUMMER_ULIKT, Alvorlighet.FEIL)
        rad = replace(lesing.rad, verdier=lesing.rad.verdier | {felt: nummer})
        return replace(lesing, rad=rad, funn=_without_missing(lesing))

    def _find(self, key: str) -> set[tuple[str, str]]:
        """By the key as it is written, else without the zeros a spreadsheet has taken from it."""
        folded = _key(key)
        return self.numre.get(folded) or self.numre.get(folded.lstrip("0")) or set()


def _told(lesing: Lesing, kode: Funnkode, grad: Alvorlighet) -> Lesing:
    rad, column = lesing.rad, COLUMN[Feltnavn.NOKKEL]
    found = Funn(rad.rad, rad.linje, column, kode, grad, {column: rad.verdier.get(column, "")})
    return replace(lesing, funn=(*_without_missing(lesing), found))


def _without_missing(lesing: Lesing) -> tuple[Funn, ...]:
    """What was found, but that the letter itself has no number: now the list has said what it has."""
    return tuple(funn for funn in lesing.funn if funn.kode is not Funnkode.NUMMER_MANGLER)


def load(path: Path, filnavn: str, keys: Iterable[str]) -> Tillegg:
    """Read the list by the column that most of these letters' `keys` stand in.

    ListeFeil TILLEGGSNOKKEL_UKJENT when none does.
    """
    wanted = {form for key in keys for form in (_key(key), _key(key).lstrip("0")) if form}
    column = _column(path, filnavn, wanted)
    if column is None:
        raise ListeFeil(Filkode.TILLEGGSNOKKEL_UKJENT)
    numbers: dict[str, set[tuple[str, str]]] = {}
    for row in _rows(path, filnavn):
        key, number = _key(row.verdier.get(column, "")), _number(row)
        if key and number:
            numbers.setdefault(key, set()).add(number)
    return Tillegg(_header(path, filnavn, column), numbers)


def _column(path: Path, filnavn: str, wanted: Collection[str]) -> str | None:
    hits: Counter[str] = Counter()
    for row in _rows(path, filnavn):
        hits.update(
            name for name, value in row.verdier.items() if name not in NUMBERS and _key(value) in wanted
        )
    return max(hits, key=hits.__getitem__, default=None)


def _header(path: Path, filnavn: str, column: str) -> str:
    """What the column is called in the file: one that is known for a field has its values under the field's name."""
    with open_list(path, filnavn, names=False) as liste:
        return next((header for header, felt in liste.form.kobling.items() if felt == column), column)


def _rows(path: Path, filnavn: str) -> Iterator[Rad]:
    with open_list(path, filnavn, names=False) as liste:
        yield from liste.rader


def _key(text: str) -> str:
    """A key as it is compared: without blanks, case and the decimals a spreadsheet may have put on."""
    return compact(text).casefold().removesuffix(".0").removesuffix(",0")


def _number(row: Rad) -> tuple[str, str] | None:
    """(field, number) of a row as it is written; the control of rows judges it."""
    for felt in NUMBERS:
        if value := compact(row.verdier.get(felt, "")):
            return ("orgnr" if len(value) == ORGNR else "fnr", value)
    return None
