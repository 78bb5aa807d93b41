"""Factories of what stands around a letter: kommune, konto, people with rights, and the numbers of receivers."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from fiks.core import clock
from fiks.core.actor import Aktor, Aktortype, system
from fiks.core.identifiers import is_orgnr
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import Organisasjonstype, P
from testmiljo.staff import synthetic_fnr

HOUSE = system("test")
_numbers = itertools.count()


def new_fnr() -> str:
    """A synthetic number nobody else in the session has."""
    n = next(_numbers)
    return synthetic_fnr(1 + n % 28, 1 + n // 28 % 12, 10 + n // 336 % 40)


def new_orgnr() -> str:
    """A number of an organisation nobody else in the session has."""
    while True:
        number = str(320_000_000 + next(_numbers))
        if is_orgnr(number):
            return number


@dataclass(frozen=True)
class Hus:
    """A kommune with one konto."""

    organisasjon_id: UUID
    konto_id: UUID
    orgnr: str


def make_hus(navn: str = "Lillevik kommune", **konto: object) -> Hus:
    """A kommune and its konto; `konto` are columns of the konto."""
    orgnr = new_orgnr()
    organisasjon_id = konfigurasjon.create_organisasjon(
        navn=navn, orgnr=orgnr, type=Organisasjonstype.KOMMUNE, actor=HOUSE, kommunenr="9901"
    )
    konto_id = konfigurasjon.create_konto(
        organisasjon_id, visningsnavn="Eiendomsskatt", avsender=f"konto-{orgnr}", actor=HOUSE, **konto
    )
    return Hus(organisasjon_id, konto_id, orgnr)


def make_person(*rettigheter: P, ressurs: UUID | None = None, navn: str = "Kari Fjellstad") -> UUID:
    """A person who can log in and holds these privileges on `ressurs`."""
    person_id = konfigurasjon.register_person(new_fnr(), navn=navn, actor=HOUSE)
    for privilege in rettigheter:
        assert ressurs is not None
        konfigurasjon.grant_privilegium(person_id, privilege, ressurs, actor=HOUSE)
    return person_id


def make_aktor(
    person_id: UUID,
    organisasjon_id: UUID | None = None,
    *,
    minutter_siden: float = 0,
    navn: str = "Kari Fjellstad",
) -> Aktor:
    """The person as an actor who proved who they are `minutter_siden` ago."""
    proved: datetime = clock.database_now() - timedelta(minutes=minutter_siden)
    return Aktor(
        Aktortype.PERSON,
        navn,
        person_id=person_id,
        organisasjon_id=organisasjon_id,
        acr=4,
        auth_time=proved,
    )


def staff_of(hus: Hus, *rettigheter: P, **valg: object) -> Aktor:
    """A new person with these privileges on the konto, as an actor."""
    person_id = make_person(*rettigheter, ressurs=hus.konto_id)
    return make_aktor(person_id, hus.organisasjon_id, **valg)  # type: ignore[arg-type]
