"""The whole control of a list, in portions: the row by itself, the registers, the rows before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Protocol

from fiks.core.identifiers import is_fnr
from fiks.registeroppslag.rules import Adressebeskyttelse, Kontaktinformasjon, Person, Virksomhet

from .child import open_controlled
from .duplicates import Duplicates
from .findings import Rad
from .registers import check_register, has_digital_channel
from .row import Kontrollert, controlled_alone, id_unknown

PORTION = 1_000


class Register(Protocol):
    """The look-ups the control needs, many at a time; an id that is not found is absent from the answer."""

    def personer(self, fnrs: Sequence[str], /) -> Mapping[str, Person]: ...

    def kontakt(self, fnrs: Sequence[str], /) -> Mapping[str, Kontaktinformasjon]: ...

    def virksomheter(self, orgnrs: Sequence[str], /) -> Mapping[str, Virksomhet]: ...


def control(
    path: Path,
    filename: str,
    mapping: Mapping[str, str | None] | None,
    register: Register,
    kun_digital: bool = False,
) -> Iterator[list[Kontrollert]]:
    """Read the file in a child process and control it in portions of a thousand rows.

    Raises `ListeFeil` for a file that cannot be used (possibly after some portions) and what `register` raises.
    """
    with open_controlled(path, filename, mapping) as rows:
        yield from complete_rows(rows, register, kun_digital)


def control_rows(
    rader: Iterable[Rad],
    register: Register,
    kun_digital: bool = False,
) -> Iterator[list[Kontrollert]]:
    """The same for rows of which nothing has been looked at."""
    return complete_rows(map(controlled_alone, rader), register, kun_digital)


def complete_rows(
    alone: Iterable[Kontrollert],
    register: Register,
    kun_digital: bool = False,
) -> Iterator[list[Kontrollert]]:
    """The control of rows that have been controlled by themselves: the registers, and the rows before each.

    Memory is one portion and the hashes of the rows before.
    """
    duplicates = Duplicates()
    source = iter(alone)
    while local := list(islice(source, PORTION)):
        people = [number for row in local for number in _persons(row)]
        units = [row.orgnr for row in local if row.orgnr]
        found = (
            register.personer(people) if people else {},
            register.kontakt(people) if people else {},
            register.virksomheter(units) if units else {},
        )
        yield [_complete(row, *found, duplicates, kun_digital) for row in local]


def _persons(row: Kontrollert) -> list[str]:
    """Whom the registers are asked about: the receiver, or anybody named in a row that does not say who it is for."""
    if not id_unknown(row.funn):
        return [row.fnr] if row.fnr else []
    return [text for text in map(str.strip, row.verdier.values()) if is_fnr(text)]


def _complete(
    row: Kontrollert,
    people: Mapping[str, Person],
    contacts: Mapping[str, Kontaktinformasjon],
    units: Mapping[str, Virksomhet],
    duplicates: Duplicates,
    kun_digital: bool,
) -> Kontrollert:
    if id_unknown(row.funn):
        return replace(row, adressebeskyttelse=_strictest(people.get(number) for number in _persons(row)))
    person = people.get(row.fnr) if row.fnr else None
    virksomhet = units.get(row.orgnr) if row.orgnr else None
    digital = has_digital_channel(person, contacts.get(row.fnr) if row.fnr else None, virksomhet)
    found = [
        *row.funn,
        *check_register(row.rad, row.verdier, person, virksomhet, digital, kun_digital),
        *duplicates.check(row.rad, row.verdier),
    ]
    protection = person.adressebeskyttelse if person else Adressebeskyttelse.UGRADERT
    return Kontrollert(row.rad, tuple(found), row.verdier, row.fnr, row.orgnr, digital, protection)


def _strictest(people: Iterable[Person | None]) -> Adressebeskyttelse:
    """The strictest protection of anybody here: while it is unclear whose the address is, it is nobody's to see."""
    order = list(Adressebeskyttelse)
    found = [person.adressebeskyttelse for person in people if person is not None]
    return max(found, key=order.index, default=Adressebeskyttelse.UGRADERT)
