"""The whole control of a list, in portions: the row by itself, the registers, the rows before it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from fiks.registeroppslag.port import Registerport, Registersvar
from fiks.registeroppslag.rules import Adressebeskyttelse
from fiks.utsending.liste.answers import answered, persons
from fiks.utsending.liste.child import open_controlled
from fiks.utsending.liste.duplicates import Duplicates
from fiks.utsending.liste.findings import Alvorlighet, Funnkode, Rad, funn
from fiks.utsending.liste.registers import check_register, has_digital_channel, id_field
from fiks.utsending.liste.row import Kontrollert, controlled_alone, id_unknown, misplaced

PORTION = 1_000
Systems = Callable[[Collection[str]], frozenset[str]]
"""Says which of these organisations, at most a portion's, have a mottakersystem that takes the letter."""


@dataclass(frozen=True, slots=True, repr=False)
class Portion:
    """As many as PORTION rows with everything found about them, what the registers said, and which organisations have a
    mottakersystem (`svarinn`). No repr, as of a row."""

    rader: list[Kontrollert]
    answers: Registersvar
    svarinn: frozenset[str]


def control(
    path: Path,
    filename: str,
    mapping: Mapping[str, str | None] | None,
    register: Registerport,
    kun_digital: bool = False,
    *,
    systems: Systems,
) -> Iterator[Portion]:
    """Read the file in a child process and control it.

    Raises `ListeFeil` for a file that cannot be used (possibly after some portions) and what `register` raises.
    """
    with open_controlled(path, filename, mapping) as rows:
        yield from complete_rows(rows, register, kun_digital, systems=systems)


def control_rows(
    rader: Iterable[Rad],
    register: Registerport,
    kun_digital: bool = False,
    patience: float = 0.0,
    *,
    systems: Systems,
) -> Iterator[Portion]:
    """The control of rows of which nothing has been looked at. Raises what `register` raises."""
    return complete_rows(map(controlled_alone, rader), register, kun_digital, patience, systems=systems)


def complete_rows(
    alone: Iterable[Kontrollert],
    register: Registerport,
    kun_digital: bool = False,
    patience: float = 0.0,
    *,
    systems: Systems,
) -> Iterator[Portion]:
    """The control of rows that have been controlled by themselves: the registers, and the rows before each.

    The registers are asked about the next portion while a portion is with the caller, so `alone` is read ahead of what
    is given. Memory is two portions and the hashes of the rows before. Raises what `register` raises, once it has been
    asked again for `patience` seconds. `systems` is asked in the caller's thread.
    """
    duplicates = Duplicates()
    for local, answers in answered(_portions(iter(alone)), register, patience):
        yield _portion(local, answers, duplicates, kun_digital, systems)


def control_with(
    rader: Iterable[Rad], answers: Registersvar, kun_digital: bool = False, *, systems: Systems
) -> Portion:
    """The control of all the rows there are, when the registers have been asked about them already."""
    return _portion(map(controlled_alone, rader), answers, Duplicates(), kun_digital, systems)


def _portion(
    alone: Iterable[Kontrollert],
    answers: Registersvar,
    duplicates: Duplicates,
    kun_digital: bool,
    systems: Systems,
) -> Portion:
    local = list(alone)
    svarinn = systems([row.orgnr for row in local if row.orgnr])
    rows = [_complete(row, answers, svarinn, duplicates, kun_digital) for row in local]
    return Portion(rows, answers, svarinn)


def _portions(rows: Iterator[Kontrollert]) -> Iterator[list[Kontrollert]]:
    while portion := list(islice(rows, PORTION)):
        yield portion


def _complete(
    row: Kontrollert,
    answers: Registersvar,
    svarinn: frozenset[str],
    duplicates: Duplicates,
    kun_digital: bool,
) -> Kontrollert:
    if id_unknown(row.funn):
        return replace(row, adressebeskyttelse=_protection(persons(row), answers))
    if columns := misplaced(row):
        return _misplaced(row, next(iter(columns)), answers)
    if (row.fnr or row.orgnr) in answers.uten_svar:
        return _unanswered(row, answers, duplicates)
    person = answers.personer.get(row.fnr) if row.fnr else None
    virksomhet = answers.virksomheter.get(row.orgnr) if row.orgnr else None
    kontakt = answers.kontakt.get(row.fnr) if row.fnr else None
    digital = has_digital_channel(person, kontakt, virksomhet, row.orgnr in svarinn)
    found = [
        *row.funn,
        *check_register(row.rad, row.verdier, person, virksomhet, digital, kun_digital),
        *duplicates.check(row.rad, row.verdier),
    ]
    protection = person.adressebeskyttelse if person else Adressebeskyttelse.UGRADERT
    return Kontrollert(row.rad, tuple(found), row.verdier, row.fnr, row.orgnr, digital, protection)


def _misplaced(row: Kontrollert, column: str, answers: Registersvar) -> Kontrollert:
    """A row with a person's number where nothing is done about it: nobody would be looked up before it is sent."""
    found = (*row.funn, funn(row.rad, column, Funnkode.FNR_I_ANNEN_KOLONNE, Alvorlighet.FEIL))
    return replace(row, funn=found, adressebeskyttelse=_protection(persons(row), answers))


def _unanswered(row: Kontrollert, answers: Registersvar, duplicates: Duplicates) -> Kontrollert:
    """A row whose receiver a register cannot speak of: not to be sent before it can."""
    found = [
        *row.funn,
        funn(row.rad, id_field(row.verdier), Funnkode.REGISTER_UTEN_SVAR, Alvorlighet.FEIL),
        *duplicates.check(row.rad, row.verdier),
    ]
    return replace(row, funn=tuple(found), adressebeskyttelse=_protection(persons(row), answers))


def _protection(numbers: Iterable[str], answers: Registersvar) -> Adressebeskyttelse:
    """The strictest protection of these: while it is unclear whose the address is, it is nobody's to see.

    Nor is it while a register has not said how somebody is protected.
    """
    order = list(Adressebeskyttelse)
    found = [Adressebeskyttelse.UGRADERT]
    for number in numbers:
        if person := answers.personer.get(number):
            found.append(person.adressebeskyttelse)
        elif number in answers.uten_svar:
            found.append(Adressebeskyttelse.STRENGT_FORTROLIG)
    return max(found, key=order.index)
