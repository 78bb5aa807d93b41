"""Persons: found or created by personal number, named by others, and read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from fiks.core.crypto import encryption
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, UgyldigInndata
from fiks.core.values.identifiers import Fnr
from fiks.konfigurasjon import models
from fiks.konfigurasjon.field_rules import check, person_name_fault
from fiks.konfigurasjon.models import Person
from fiks.konfigurasjon.person.rules import Personopplysninger, is_exact_name


@dataclass(frozen=True, slots=True)
class NyPerson:
    """A person named by number; `navn` is used only if no name is known for that number."""

    fnr: str = field(repr=False)
    navn: str


def person_of(hvem: UUID | NyPerson) -> UUID:
    """Return the person's id, creating the person when the number is new. A known person keeps their name.

    For a use case that has checked access. Errors: FNR_UGYLDIG, PERSONNAVN_UGYLDIG (422), IkkeFunnet.
    """
    if isinstance(hvem, UUID):
        if session().get(Person, hvem) is None:
            raise IkkeFunnet("FINNES_IKKE")
        return hvem
    [person_id] = persons_of([hvem])
    return person_id


def name_of(person_id: UUID) -> str:
    """Return the person's stored name, whatever somebody else has written beside their number."""
    return session().get_one(Person, person_id, populate_existing=True).navn


def persons_of(named: Sequence[NyPerson]) -> list[UUID]:
    """As `person_of` for many numbers, in order; of two names for one number the first is used."""
    names: dict[str, str] = {}
    numbers = ["".join(one.fnr.split()) for one in named]
    for number, one in zip(numbers, named, strict=True):
        navn = " ".join(one.navn.split())
        if fault := person_name_fault(navn):
            raise UgyldigInndata(str(fault), felt="navn")
        names.setdefault(number, navn)
    with transaction() as tx:
        ids = find_or_create_persons(names)
        by_id = {person_id: names[number] for number, person_id in ids.items()}
        for person in tx.scalars(select(Person).where(Person.id.in_(by_id), Person.navn == "")):
            person.navn = by_id[person.id]
    return [ids[number] for number in numbers]


def name_person(data: Personopplysninger) -> Person:
    """Find or create the person, inside a transaction, and set the name if they have none.

    A stored name is not changed because somebody else writes another, and contact details are each
    organisation's own. Errors: FNR_UGYLDIG, also for a synthetic number in production.
    """
    check(data)
    with transaction() as tx:
        person = tx.get_one(Person, find_or_create_person("".join(data.fnr.split()), data.navn))
        person.navn = person.navn or data.navn
        return person


def person_with_exact_name(data: Personopplysninger) -> Person:
    """As `name_person`, but the name must match exactly: for the root plane, where another name means a
    mistyped number.

    Errors: also PERSON_KJENT_UNDER_ANNET_NAVN (422). The stored name is not revealed.
    """
    person = name_person(data)
    if not is_exact_name(person.navn, data.navn):
        raise UgyldigInndata("PERSON_KJENT_UNDER_ANNET_NAVN", felt="personnavn")
    return person


FNR_AAD = "person.fnr"


def find_or_create_person(pid: str, navn: str | None) -> UUID:
    """Return the person with this number, creating the row the first time."""
    number = Fnr.parse(pid, synthetic=current().synthetic_persons).value
    return find_or_create_persons({number: navn})[number]


def find_or_create_persons(names: Mapping[str, str | None]) -> dict[str, UUID]:
    """As `find_or_create_person` for many: takes number to name, returns number to person. FNR_UGYLDIG (422)
    for any invalid number.
    """
    numbers = [Fnr.parse(pid, synthetic=current().synthetic_persons) for pid in names]
    with transaction() as tx:
        found = known_persons(names)
        new = {fnr_index(n.value): n for n in numbers if n.value not in found}
        if not new:
            return found
        rows = [
            {
                "fnr_kryptert": encryption.encrypt_value(current().keys, number.value.encode(), FNR_AAD),
                "fnr_indeks": index,
                "fnr_maskert": str(number),
                "navn": names[number.value] or "",
            }
            # In one order, so that two who make the same persons wait for each other and never deadlock.
            for index, number in sorted(new.items())
        ]
        tx.execute(insert(models.Person).values(rows).on_conflict_do_nothing(index_elements=["fnr_indeks"]))
        return known_persons(names)


def known_persons(numbers: Iterable[str]) -> dict[str, UUID]:
    """Return the known persons among these numbers, by number."""
    by_index = {fnr_index(number): number for number in numbers}
    found = select(models.Person.fnr_indeks, models.Person.id).where(models.Person.fnr_indeks.in_(by_index))
    return {by_index[row.fnr_indeks]: row.id for row in session().execute(found)}


def pid_of(person_id: UUID) -> str:
    """Return the person's number in clear, for look-ups on their behalf. Never show or log it."""
    sealed = (
        session()
        .execute(select(models.Person.fnr_kryptert).where(models.Person.id == person_id))
        .scalar_one()
    )
    return encryption.decrypt_value(current().keys, sealed, FNR_AAD).decode()


def fnr_index(fnr: str) -> bytes:
    """Blind index of a personal number: the value of `person.fnr_indeks` and `audit.gjelder`."""
    return encryption.blind_index(current().index_key, "fnr", fnr)
