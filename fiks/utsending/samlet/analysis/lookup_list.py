"""Lookup list (extra list) of a big PDF: the receiver's number for a text in the letter, such as a
fakturanummer.

A wrong row gives out another person's number, so ambiguity gives none: the list is refused, or the letter
gets a finding.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from os.path import commonprefix
from pathlib import Path

from fiks.core.values.identifiers import is_fnr, is_orgnr
from fiks.utsending.liste.child.process import open_list
from fiks.utsending.liste.columns import header_key, recognise
from fiks.utsending.liste.findings import Alvorlighet, Filkode, Funn, Funnkode, ListeFeil, Rad
from fiks.utsending.liste.source.reader import Listeform
from fiks.utsending.liste.values import collapse_spaces, remove_spaces
from fiks.utsending.samlet.analysis.area_reader import COLUMN, Lesing
from fiks.utsending.samlet.analysis.id_numbers import ORGNR
from fiks.utsending.samlet.analysis.setup import Feltnavn

NUMBERS = ("fnr", "orgnr")
SAMPLE = 200
"""Number of letters that decide which column is the key."""
MIN_AGREEING = 3
"""Letters of the sample that must agree before a common feature counts."""
MAX_LETTERS_PER_KEY = 4
"""Greatest average number of sample letters per key: above it the text is no key, but a date or a name."""
KEY_FIELDS = frozenset({"eksternref", "kid", "filnavn", "tittel"})
"""Known columns that may be the key. Other known columns hold what many letters share."""
REFERENCE_FIELDS, REFERENCE_WORDS = frozenset({"eksternref", "kid"}), ("faktura", "referanse")
KEY_HEADERS = ("nokkel", "nokkeltiltilleggslisten")
"""Headers by which the sender declares the key column."""
NO_KEY_WORDS = ("postn", "adresse", "dato", "belop", "navn", "telefon", "mobil", "epost")
EXACT_DIGITS = 15
"""A number cell with more digits has lost the last ones."""
_COUNTED = re.compile(r" \(\d+\)$")
_LABEL = re.compile(r"\D*(?:[:.]|(?:nr|nummer|kid|ref|referanse)(?![^\W\d]))\s*")
_WHOLE = re.compile(r"(\d+)[.,]0")

Nummer = tuple[str, str]
Svar = set[Nummer | None]
"""The list's answers for one key: (field, number), or None for a row without a number."""


@dataclass(frozen=True, slots=True)
class Tilleggsform:
    """The list's headers and number of rows."""

    kolonner: tuple[str, ...]
    antall: int


def describe_list(path: Path, filnavn: str) -> Tilleggsform:
    """Read the list through once.

    ListeFeil: as for a list of receivers, NUMMERKOLONNE_MANGLER, NOKKELKOLONNE_MANGLER,
    TILLEGGSLISTE_FORSKJOVET (linje).
    """
    with open_list(path, filnavn, names=False) as liste:
        headers, fields = liste.form.overskrifter, set(liste.form.kobling.values())
        if not fields & set(NUMBERS):
            raise ListeFeil(Filkode.NUMMERKOLONNE_MANGLER)
        if len(headers) < 2:
            raise ListeFeil(Filkode.NOKKELKOLONNE_MANGLER)
        return Tilleggsform(headers, sum(1 for _ in _require_unshifted(liste.rader)))


def _require_unshifted(rows: Iterable[Rad]) -> Iterator[Rad]:
    """Yield the rows; refuse the list at a row whose values are not in their columns.

    Such a row may have swallowed the next, so that a key stands beside another's number. Skipping it would
    silently lose the swallowed key.
    """
    for row in rows:
        if row.forskjovet is not None:
            raise ListeFeil(Filkode.TILLEGGSLISTE_FORSKJOVET, linje=row.linje)
        yield row


@dataclass(frozen=True, slots=True)
class Nokkelform:
    """How the letters write their keys, and so when a key in a letter equals one in the list.

    Case is ignored. `ledetekst`: label before the key in all letters. `grupper`: group lengths that most
    letters use; only between those are blanks ignored, as elsewhere a blank may separate the key from other
    text. `bredde`: length of all keys, if some begin with 0, which spreadsheets drop. With keys of different
    lengths 1001 and 01001 differ.
    """

    ledetekst: str = ""
    grupper: frozenset[tuple[int, ...]] = frozenset()
    bredde: int = 0

    def of_letter(self, text: str) -> str:
        """Return a letter's key for comparison."""
        written = self._bare(text)
        return remove_spaces(written) if _groups(written) in self.grupper else written

    def of_list(self, text: str, *, tall: bool = False) -> set[str]:
        """Return the letter keys a cell may stand for; none for a number cell (`tall`) that has lost digits."""
        written = self._bare(text)
        plain = remove_spaces(written)
        if not plain or (tall and len(plain) > EXACT_DIGITS):
            return set()
        whole = _WHOLE.fullmatch(plain)
        forms = {written, plain, whole[1] if whole else plain}
        return {form.zfill(self.bredde) if form.isdecimal() else form for form in forms}

    def _bare(self, text: str) -> str:
        return collapse_spaces(text).casefold().removeprefix(self.ledetekst).strip()


def _groups(written: str) -> tuple[int, ...]:
    return tuple(map(len, written.split(" ")))


def _key_form(keys: Sequence[str]) -> Nokkelform:
    """Return how these letters write their keys."""
    label = (
        _LABEL.match(commonprefix([collapse_spaces(key).casefold() for key in keys])) if keys[1:] else None
    )
    form = Nokkelform(label[0] if label else "")
    groups = Counter(_groups(form.of_letter(key)) for key in keys)
    usual = {group for group, many in groups.items() if many >= MIN_AGREEING and 2 * many >= len(keys)}
    form = replace(form, grupper=frozenset(usual))
    digits = [key for key in map(form.of_letter, keys) if key.isdecimal()]
    one_length = len(set(map(len, digits))) == 1 and any(key.startswith("0") for key in digits)
    return replace(form, bredde=len(digits[0])) if one_length else form


@dataclass(frozen=True, slots=True, repr=False)
class Tillegg:
    """The list's answers by key, for the key column (`kolonne`, its header). No repr: personal numbers."""

    kolonne: str
    numre: Mapping[str, Svar]
    form: Nokkelform

    def add_to(self, lesing: Lesing) -> Lesing:
        """Return the letter with the number the list has for it, or with a finding."""
        if not lesing.nokkel:
            return lesing
        own = {name: lesing.rad.verdier.get(name, "") for name in NUMBERS}
        if any(map(_cuts_key, lesing.funn)):
            return lesing if any(own.values()) else _with_cut_key_as_error(lesing)
        found = self.numre.get(self.form.of_letter(lesing.nokkel), {None})
        if len(found) != 1:
            return _with_finding(lesing, Funnkode.TILLEGG_FLERTYDIG, Alvorlighet.FEIL)
        [number] = found
        if number is None:
            return _with_finding(lesing, Funnkode.TILLEGG_MANGLER, Alvorlighet.ADVARSEL)
        felt, nummer = number
        if any(own.values()):
            return (
                lesing
                if own[felt] == nummer
                else _with_finding(lesing, Funnkode.NUMMER_ULIKT, Alvorlighet.FEIL)
            )
        rad = replace(lesing.rad, verdier=lesing.rad.verdier | {felt: nummer})
        return replace(lesing, rad=rad, funn=_without_number_missing(lesing))


def _cuts_key(funn: Funn) -> bool:
    """Return whether the key continues outside its area: the part read may be another letter's whole key."""
    return funn.kode is Funnkode.TEKST_KUTTET and funn.felt == COLUMN[Feltnavn.NOKKEL]


def _with_cut_key_as_error(lesing: Lesing) -> Lesing:
    """Make the cut-off key an error: with a larger area the letter would have had its number from the list."""
    funn = (replace(f, alvorlighet=Alvorlighet.FEIL) if _cuts_key(f) else f for f in lesing.funn)
    return replace(lesing, funn=tuple(funn))


def _with_finding(lesing: Lesing, kode: Funnkode, grad: Alvorlighet) -> Lesing:
    rad, column = lesing.rad, COLUMN[Feltnavn.NOKKEL]
    found = Funn(rad.rad, rad.linje, column, kode, grad, {column: rad.verdier.get(column, "")})
    return replace(lesing, funn=(*_without_number_missing(lesing), found))


def _without_number_missing(lesing: Lesing) -> tuple[Funn, ...]:
    """Return the findings without NUMMER_MANGLER: the list has answered instead."""
    return tuple(funn for funn in lesing.funn if funn.kode is not Funnkode.NUMMER_MANGLER)


@dataclass(frozen=True, slots=True)
class _Kolonne:
    """A column of the list: its header, the name of its values, and its known field."""

    overskrift: str
    navn: str
    felt: str | None

    @property
    def valgt(self) -> bool:
        return header_key(self.overskrift) in KEY_HEADERS

    @property
    def mulig(self) -> bool:
        """Whether the column may be the key."""
        if self.felt is not None:
            return self.felt in KEY_FIELDS
        return not any(word in header_key(self.overskrift) for word in NO_KEY_WORDS)

    @property
    def referanse(self) -> bool:
        key = header_key(self.overskrift)
        return self.felt in REFERENCE_FIELDS or any(word in key for word in REFERENCE_WORDS)

    def will_do(self, hits: int, total: int) -> bool:
        """Return whether this many of the keys are enough, by the rules of `load_list`."""
        if self.valgt:
            return hits > 0
        half = 2 * hits >= total
        if self.referanse:
            return half or (10 * hits >= total and hits > 1)
        return half and hits >= min(total, MIN_AGREEING)


def _columns(form: Listeform) -> list[_Kolonne]:
    """Return the list's columns; a second column for a field, which list reading ignores, is recognised here."""
    return [
        _Kolonne(header, name, form.kobling[header] or recognise(_COUNTED.sub("", header)))
        for header, name in zip(form.overskrifter, form.felter, strict=True)
    ]


def load_list(path: Path, filnavn: str, keys: Iterable[str]) -> Tillegg:
    """Read the list by the column that contains these letters' `keys`.

    The column called «Nøkkel» if it has any of them. Else the one with most, each counted once: at least
    half, and three or all. A list may rightly cover only some letters, so for a reference column (saksnr,
    KID, faktura) a tenth will do, and two or half. A column known as something else (postnr, name, date,
    amount) is never the key. Where another column has half as many or more, it must give the same letters the
    same numbers.

    ListeFeil: TILLEGGSNOKKEL_UKJENT if there is none, or most letters share a key; TILLEGGSLISTE_FORSKJOVET.
    """
    given = [key for key in keys if remove_spaces(key)]
    form = _key_form(given)
    wanted = {form.of_letter(key) for key in given}
    if not wanted or MAX_LETTERS_PER_KEY * len(wanted) < len(given):
        raise ListeFeil(Filkode.TILLEGGSNOKKEL_UKJENT)
    with open_list(path, filnavn, names=False) as liste:
        columns = _columns(liste.form)
        chosen = _choose(
            _answers_by_column(_require_unshifted(liste.rader), columns, form, wanted), len(wanted)
        )
    if chosen is None:
        raise ListeFeil(Filkode.TILLEGGSNOKKEL_UKJENT)
    numbers: dict[str, Svar] = {}
    with open_list(path, filnavn, names=False) as liste:
        for row in _require_unshifted(liste.rader):
            _add_answers(
                numbers, form.of_list(row.verdier[chosen.navn], tall=chosen.navn in row.tall), row, columns
            )
    return Tillegg(chosen.overskrift, numbers, form)


def _answers_by_column(
    rows: Iterable[Rad], columns: Sequence[_Kolonne], form: Nokkelform, wanted: Collection[str]
) -> dict[_Kolonne, dict[str, Svar]]:
    """Return, for each possible key column, its answers for the letters' keys."""
    said: dict[_Kolonne, dict[str, Svar]] = {column: {} for column in columns if column.valgt or column.mulig}
    for row in rows:
        for column, answers in said.items():
            cells = form.of_list(row.verdier[column.navn], tall=column.navn in row.tall)
            _add_answers(answers, cells.intersection(wanted), row, columns)
    return said


def _choose(said: Mapping[_Kolonne, Mapping[str, Svar]], total: int) -> _Kolonne | None:
    ranked = sorted(said, key=lambda column: len(said[column]), reverse=True)
    if any(column.valgt for column in ranked):
        ranked = [column for column in ranked if column.valgt]
    best = next((column for column in ranked if column.will_do(len(said[column]), total)), None)
    if best is None:
        return None
    near = (said[column] for column in ranked if 2 * len(said[column]) >= len(said[best]))
    unlike = any(said[best].get(key) != answer for answers in near for key, answer in answers.items())
    return None if unlike else best


def _add_answers(
    numbers: dict[str, Svar], keys: Iterable[str], row: Rad, columns: Sequence[_Kolonne]
) -> None:
    for key in keys:
        numbers.setdefault(key, set()).update(_numbers(row, columns) or {None})


def _numbers(row: Rad, columns: Sequence[_Kolonne]) -> set[Nummer]:
    """Return a row's numbers as written; the row control judges them.

    Several numbers are used for none: where both fields have one, or another number column has a valid one.
    """
    values = [value for felt in NUMBERS if (value := remove_spaces(row.verdier.get(felt, "")))]
    more = (remove_spaces(row.verdier[column.navn]) for column in columns if column.felt in NUMBERS)
    values += [value for value in more if is_fnr(value) or is_orgnr(value)]
    return {("orgnr" if len(value) == ORGNR else "fnr", value) for value in values}
