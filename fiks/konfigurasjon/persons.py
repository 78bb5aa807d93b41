"""Persons as administrators name them: somebody known by id, or somebody by number and name who may be new."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, UgyldigInndata
from fiks.konfigurasjon import sessions
from fiks.konfigurasjon.models import Person
from fiks.konfigurasjon.rules import PERSON_NAME_LENGTH


@dataclass(frozen=True, slots=True)
class NyPerson:
    """Somebody to give something to, by number; `navn` is used if nobody has told us their name before."""

    fnr: str = field(repr=False)
    navn: str


def person_of(hvem: UUID | NyPerson) -> UUID:
    """The person's id; one by number is made when new. A known person keeps the name they have.

    For a use case that has checked the right to. Errors: FNR_UGYLDIG, PERSONNAVN_UGYLDIG (422), IkkeFunnet.
    """
    if isinstance(hvem, UUID):
        if session().get(Person, hvem) is None:
            raise IkkeFunnet("FINNES_IKKE")
        return hvem
    navn = " ".join(hvem.navn.split())
    if not PERSON_NAME_LENGTH[0] <= len(navn) <= PERSON_NAME_LENGTH[1]:
        raise UgyldigInndata("PERSONNAVN_UGYLDIG", felt="navn")
    with transaction() as tx:
        person_id = sessions.find_or_create_person(hvem.fnr, navn)
        row = tx.get_one(Person, person_id)
        row.navn = row.navn or navn
        return person_id
