"""The whole control of a list, in portions: row rules, registers, duplicates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from fiks.registeroppslag.port import Registerport, Registersvar
from fiks.registeroppslag.rules import Adressebeskyttelse
from fiks.utsending.liste.child.process import open_controlled
from fiks.utsending.liste.control.duplicates import Duplicates
from fiks.utsending.liste.control.register_answers import persons, portions_with_answers
from fiks.utsending.liste.control.register_rules import check_register, has_digital_channel, id_field
from fiks.utsending.liste.findings import Alvorlighet, Funnkode, Rad, funn
from fiks.utsending.liste.rules.controlled_row import (
    Kontrollert,
    control_row_alone,
    misplaced_numbers,
    receiver_is_unknown,
)

PORTION = 1_000
Systems = Callable[[Collection[str]], frozenset[str]]
"""Function that returns which of these organisations, at most a portion's, have a mottakersystem for the
letter.
"""


@dataclass(frozen=True, slots=True, repr=False)
class Portion:
    """At most PORTION rows with all findings, the registers' answers, and the organisations with a
    mottakersystem.

    No repr, as for a row.
    """

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

    Raises `ListeFeil` for an unusable file (possibly after some portions), and what `register` raises.
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
    """Control rows that have not been checked at all. Raises what `register` raises."""
    return complete_rows(map(control_row_alone, rader), register, kun_digital, patience, systems=systems)


def complete_rows(
    alone: Iterable[Kontrollert],
    register: Registerport,
    kun_digital: bool = False,
    patience: float = 0.0,
    *,
    systems: Systems,
) -> Iterator[Portion]:
    """Add the findings of registers and earlier rows to rows already controlled on their own.

    The registers are asked about the next portion while the caller has the present one, so `alone` is read
    ahead. Memory: two portions and the hashes of earlier rows. Raises what `register` raises, after retries
    for `patience` seconds. `systems` is called in the caller's thread.
    """
    duplicates = Duplicates()
    for local, answers in portions_with_answers(_portions(iter(alone)), register, patience):
        yield _portion(local, answers, duplicates, kun_digital, systems)


def control_with_answers(
    rader: Iterable[Rad], answers: Registersvar, kun_digital: bool = False, *, systems: Systems
) -> Portion:
    """Control all rows there are with answers the registers have already given."""
    return _portion(map(control_row_alone, rader), answers, Duplicates(), kun_digital, systems)


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
    if receiver_is_unknown(row.funn):
        return replace(row, adressebeskyttelse=_protection(persons(row), answers))
    if columns := misplaced_numbers(row):
        return _refuse_misplaced(row, next(iter(columns)), answers)
    if (row.fnr or row.orgnr) in answers.uten_svar:
        return _refuse_unanswered(row, answers, duplicates)
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


def _refuse_misplaced(row: Kontrollert, column: str, answers: Registersvar) -> Kontrollert:
    """Refuse a row with a personal number in an unused place: nobody would be looked up before it is sent."""
    found = (*row.funn, funn(row.rad, column, Funnkode.FNR_I_ANNEN_KOLONNE, Alvorlighet.FEIL))
    return replace(row, funn=found, adressebeskyttelse=_protection(persons(row), answers))


def _refuse_unanswered(row: Kontrollert, answers: Registersvar, duplicates: Duplicates) -> Kontrollert:
    """Refuse a row whose receiver a register could not answer for; it must wait until the register can."""
    found = [
        *row.funn,
        funn(row.rad, id_field(row.verdier), Funnkode.REGISTER_UTEN_SVAR, Alvorlighet.FEIL),
        *duplicates.check(row.rad, row.verdier),
    ]
    return replace(row, funn=tuple(found), adressebeskyttelse=_protection(persons(row), answers))


def _protection(numbers: Iterable[str], answers: Registersvar) -> Adressebeskyttelse:
    """Return the strictest protection of these persons: until the receiver is known, nobody may see the
    address.

    A person whom a register could not answer for counts as strictly protected.
    """
    order = list(Adressebeskyttelse)
    found = [Adressebeskyttelse.UGRADERT]
    for number in numbers:
        if person := answers.personer.get(number):
            found.append(person.adressebeskyttelse)
        elif number in answers.uten_svar:
            found.append(Adressebeskyttelse.STRENGT_FORTROLIG)
    return max(found, key=order.index)
