"""Column mapping: maps a list's headers to fields, and decides where several columns may be the same field."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from fiks.utsending.liste.columns import (
    ALLE,
    HEADER_INDEX,
    UNSURE_HEADERS,
    Kolonnetype,
    header_key,
    recognise,
)

ADDRESS, POSTNR, POSTSTED = "adresselinje1", "postnr", "poststed"
ADDRESS_FIELDS = (ADDRESS, POSTNR, POSTSTED)
"""Fields that decide where a letter goes: among several candidate columns none is guessed."""
PAYMENT_FIELDS = frozenset(
    felt
    for felt, kolonne in ALLE.items()
    if kolonne.type in (Kolonnetype.BELOP, Kolonnetype.KID, Kolonnetype.KONTONUMMER, Kolonnetype.DATO)
)
"""Fields that say what is paid, by which KID, to which account and when: not guessed if the columns differ.
"""
LINES = frozenset({"adresselinje2", "adresselinje3"})
NAMES = frozenset({"navn", "fornavn", "mellomnavn", "etternavn"})
NUMBERS = frozenset({"fnr", "orgnr"})
"""Columns that may stand between a receiver's name and address."""
CARE_OF = frozenset(map(header_key, ("c/o", "c/o adresse")))
"""Headers of a c/o line: it is the receiver's whichever street it stands beside, for no property has a c/o.
"""
_FESTENR = re.compile("[0-9]{1,5}")
_MADE_UNIQUE = re.compile(r"(?: \((?:[0-9]+|egen)\))+$")
"""Suffix that made a value's name unique (`clean_headers`, `value_names`)."""


def auto_map(
    headers: Mapping[str, str], rows: Sequence[Sequence[str]] = ()
) -> tuple[dict[str, str | None], dict[str, list[str]]]:
    """Map columns to fields: ({name: field or None}, {unclear field: candidate names}), in the given order.

    `headers`: column name -> header text. `rows`: the first rows below the header. Of two headers for one
    field the better spelling wins, then the first; the other is unused. Address fields are never chosen so
    (`_address`), nor payment fields whose columns differ (`_conflicting_payment_columns`): those are returned
    as unclear.
    """
    row = _row(list(headers.values()), rows)
    chosen, unclear = _address(row)
    unclear |= _conflicting_payment_columns(row, rows)
    settled = {*ADDRESS_FIELDS, *unclear}
    for place, felt in enumerate(row.fields):
        if felt is None or felt in settled or (felt in LINES and place in row.of_another):
            continue
        if felt not in chosen or row.ranks[place] < row.ranks[chosen[felt]]:
            chosen[felt] = place
    names = list(headers)
    winners = {place: felt for felt, place in chosen.items()}
    return (
        {name: winners.get(place) for place, name in enumerate(names)},
        {felt: [names[place] for place in places] for felt, places in unclear.items()},
    )


def unresolved_fields(
    unclear: Mapping[str, Sequence[str]], chosen: Mapping[str, str | None]
) -> dict[str, Sequence[str]]:
    """Return the unclear fields that a person's mapping still leaves open.

    A field is open when no column is mapped to it and at least one candidate is missing from `chosen`. A
    candidate mapped to None is rejected by the person; so the answer may be that no candidate is the
    receiver's.
    """
    taken = set(chosen.values())
    return {
        felt: names
        for felt, names in unclear.items()
        if felt not in taken and not all(name in chosen for name in names)
    }


@dataclass(slots=True)
class _Row:
    """The headers by position: candidate field, spelling rank, and whether the header says whose value it is.

    `care_of`: positions of c/o columns. `of_another`: positions that belong to an address that is not, or may
    not be, the receiver's.
    """

    fields: list[str | None]
    ranks: list[int]
    sure: list[bool]
    care_of: set[int]
    of_another: set[int]

    def places(self, felt: str) -> list[int]:
        return [place for place, may_be in enumerate(self.fields) if may_be == felt]

    def beside(self, place: int, step: int, past: Collection[str] = ()) -> int | None:
        """Return the next column to the left (`step` -1) or right (1) whose field is not in `past`; None at
        the end.
        """
        place += step
        while 0 <= place < len(self.fields):
            if self.fields[place] not in past:
                return place
            place += step
        return None

    def field_beside(self, place: int, step: int, past: Collection[str]) -> str | None:
        """Return that column's field."""
        found = self.beside(place, step, past)
        return None if found is None else self.fields[found]


def _row(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> _Row:
    """Return the headers by position, with the festenummer column recognised."""
    festenr = festenr_place(headers, rows)
    keys = ["festenr" if place == festenr else header_key(header) for place, header in enumerate(headers)]
    hits = [HEADER_INDEX.get(key, (None, 0)) for key in keys]
    return _Row(
        [felt for felt, _ in hits],
        [rank for _, rank in hits],
        [key not in UNSURE_HEADERS for key in keys],
        {place for place, key in enumerate(keys) if key in CARE_OF},
        set(),
    )


def _address(row: _Row) -> tuple[dict[str, int], dict[str, list[int]]]:
    """Return the receiver's street, postnr and poststed columns; and the candidates of unclear fields.

    A header that says whose address it is goes before one that may be the property's. Among equals the street
    is the column after the receiver's name (and number) or before postnr, postnr the one after that street,
    poststed the one beside that postnr. Columns beside a rejected street belong to that street.
    """
    chosen: dict[str, int] = {}
    unclear: dict[str, list[int]] = {}

    def choose(felt: str, places: list[int], score: Callable[[int], int]) -> None:
        all_places = row.places(felt)
        found = _best(row, places, score)
        if found is not None:
            chosen[felt] = found
        elif all_places:
            unclear[felt] = all_places
        row.of_another.update(place for place in all_places if place != found)

    def street(place: int) -> int:
        after_name = row.field_beside(place, -1, LINES | NUMBERS) in NAMES
        return after_name + (row.field_beside(place, 1, LINES) in (POSTNR, POSTSTED))

    def after(place: int, past: Collection[str]) -> bool:
        """Whether the column belongs to what was not chosen, since it follows that."""
        return row.beside(place, -1, past) in row.of_another

    choose(ADDRESS, row.places(ADDRESS), street)
    over = {*LINES, POSTSTED}
    row.of_another |= _lines_of_other_address(
        row, {place for felt in LINES for place in row.places(felt) if after(place, LINES)}
    )
    postnr = [place for place in row.places(POSTNR) if not after(place, over)]
    choose(
        POSTNR, postnr, lambda place: _follows_street(row, row.beside(place, -1, over), chosen.get(ADDRESS))
    )
    poststed = [place for place in row.places(POSTSTED) if not after(place, LINES)]
    choose(POSTSTED, poststed, lambda place: _is_beside_postnr(row, place, chosen))
    return chosen, unclear


def _lines_of_other_address(row: _Row, after: set[int]) -> set[int]:
    """Return which of the lines `after` a rejected street belong to it.

    A c/o line there is the receiver's, unless the receiver's own street has a line of that field.
    """
    own = {row.fields[place] for felt in LINES for place in row.places(felt) if place not in after}
    return {place for place in after if place not in row.care_of or row.fields[place] in own}


def _best(row: _Row, places: Sequence[int], score: Callable[[int], int]) -> int | None:
    """Return the position whose header says whose it is, or else scores best; None if there is no single
    best.
    """
    sure = [place for place in places if row.sure[place]] or list(places)
    if len(sure) < 2:
        return sure[0] if sure else None
    scores = list(map(score, sure))
    best = max(scores)
    return sure[scores.index(best)] if best and scores.count(best) == 1 else None


def _follows_street(row: _Row, before: int | None, street: int | None) -> int:
    """Return whether the column before a postnr is the receiver's street; in a list without streets, the
    name.
    """
    if street is not None:
        return int(before == street)
    return int(before is not None and row.fields[before] in NAMES)


def _is_beside_postnr(row: _Row, place: int, chosen: Mapping[str, int]) -> int:
    """Return whether a poststed is beside the receiver's postnr, or right after the street."""
    wanted = {chosen[felt] for felt in (POSTNR, ADDRESS) if felt in chosen}
    after = chosen.get(POSTNR)
    return int(
        row.beside(place, -1, LINES) in wanted or (after is not None and row.beside(place, 1) == after)
    )


def _conflicting_payment_columns(row: _Row, rows: Sequence[Sequence[str]]) -> dict[str, list[int]]:
    """Return the payment fields whose candidate columns differ in these rows, with their positions.

    An empty cell beside a filled one differs too: which column counts further down is unknown.
    """
    places = {felt: row.places(felt) for felt in dict.fromkeys(row.fields) if felt in PAYMENT_FIELDS}
    return {felt: all_places for felt, all_places in places.items() if _cells_differ(rows, all_places)}


def _cells_differ(rows: Sequence[Sequence[str]], places: Sequence[int]) -> bool:
    """Return whether any row has different cells at these positions."""
    return any(len({row[place].strip() if place < len(row) else "" for place in places}) > 1 for row in rows)


def rival_columns(names: Collection[str]) -> dict[str, str]:
    """Return {unused column: payment field it may be as well}, from the names of a list's values.

    These are the columns that `auto_map` dropped because the first rows agreed.
    """
    may_be = {name: recognise(_MADE_UNIQUE.sub("", name)) for name in names if name not in ALLE}
    return {name: felt for name, felt in may_be.items() if felt in PAYMENT_FIELDS and felt in names}


def festenr_place(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> int | None:
    """Return the position of the column Fnr that is the festenummer, as in «Gnr, Bnr, Fnr, Snr»; or None.

    The list has gnr or bnr, and no number in the column is too long for a festenummer. Where another column
    has the owner's number, the one nearest to bnr is chosen and may be empty; otherwise a cell must hold a
    festenummer.
    """
    fields = [recognise(header) for header in headers]
    beside = next((fields.index(felt) for felt in ("bnr", "gnr") if felt in fields), None)
    if beside is None or "festenr" in fields:
        return None
    called = [place for place, header in enumerate(headers) if header_key(header) == "fnr"]
    alone = fields.count("fnr") == 1
    possible = [
        place
        for place in called
        if all(map(_FESTENR.fullmatch, cells := _cells(rows, place))) and (cells or not alone)
    ]
    return min(possible, key=lambda place: abs(place - beside), default=None)


def _cells(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    """Return a column's non-empty cells in these rows."""
    return [cell for row in rows if place < len(row) and (cell := row[place].strip())]
