"""The use cases of Fiks-konfigurasjon that other rooms need most: organisations, kontoer, persons and grants.

Each kind has its own module; this one collects them.
"""

from __future__ import annotations

from uuid import UUID

from fiks.core.actor import Aktor
from fiks.core.db import transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeTilgang
from fiks.core.values.identifiers import Fnr
from fiks.konfigurasjon.konto.service import create_konto
from fiks.konfigurasjon.models import Person
from fiks.konfigurasjon.organisasjon.service import create_organisasjon
from fiks.konfigurasjon.person import service
from fiks.konfigurasjon.tilgang.service import grant_privilegium

__all__ = ["create_konto", "create_organisasjon", "grant_privilegium", "person_by_pid", "register_person"]


def register_person(pid: str, *, navn: str, actor: Aktor) -> UUID:
    """Create (or find) the person with this number and set the name; only the house may."""
    if not actor.is_house:
        raise IkkeTilgang("KUN_ROT")
    with transaction() as tx:
        person_id = service.find_or_create_person(pid, navn)
        tx.get_one(Person, person_id).navn = navn
        return person_id


def person_by_pid(pid: str) -> UUID | None:
    """Find the person with this number; None if unknown. Creates nobody."""
    number = Fnr.parse(pid, synthetic=current().synthetic_persons).value
    return service.known_persons([number]).get(number)
