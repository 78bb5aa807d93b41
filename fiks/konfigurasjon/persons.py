"""Persons: found or created by personal number, named by others, and read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, UgyldigInndata
from fiks.konfigurasjon import sessions
from fiks.konfigurasjon.models import Person
from fiks.konfigurasjon.name_rules import is_called
from fiks.konfigurasjon.organisation_rules import Personopplysninger, check, person_name_fault


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
        ids = sessions.find_or_create_persons(names)
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
        person = tx.get_one(Person, sessions.find_or_create_person("".join(data.fnr.split()), data.navn))
        person.navn = person.navn or data.navn
        return person


def person_called(data: Personopplysninger) -> Person:
    """As `name_person`, but the name must match exactly: for the root plane, where another name means a
    mistyped number.

    Errors: also PERSON_KJENT_UNDER_ANNET_NAVN (422). The stored name is not revealed.
    """
    person = name_person(data)
    if not is_called(person.navn, data.navn):
        raise UgyldigInndata("PERSON_KJENT_UNDER_ANNET_NAVN", felt="personnavn")
    return person
