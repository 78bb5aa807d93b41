"""A person's stored name: changed and audited, and learnt from the identity provider at login.

Operators correct a name in `rot.corrections` (ADR 0049).
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.konfigurasjon.field_rules import person_name_fault
from fiks.konfigurasjon.models import Organisasjon, Person
from fiks.konfigurasjon.person.rules import is_exact_name
from fiks.konfigurasjon.queries import organisations_of


def learn_name(person_id: UUID, navn: str, *, actor: Aktor) -> None:
    """Take over the name the identity provider gives at login, which it knows from its own register.

    A step inside a transaction. A different spelling of the same words and an invalid name change nothing and
    lock nothing: a login that wrote its session already holds the person's row, as another login of theirs
    may.
    """
    navn = " ".join(navn.split())
    stands = session().scalar(select(Person.navn).where(Person.id == person_id))
    if person_name_fault(navn) is not None or (stands and is_exact_name(stands, navn)):
        return
    person = lock_person(person_id)
    if person is not None and not (person.navn and is_exact_name(person.navn, navn)):
        rename_and_audit(person, navn, actor, begrunnelse=None)


def lock_person(person_id: UUID | None) -> Person | None:
    """Lock the person's row and return it; None for no id or an unknown one."""
    if person_id is None:
        return None
    return session().get(Person, person_id, with_for_update={"key_share": True}, populate_existing=True)


def rename_and_audit(person: Person, navn: str, actor: Aktor, *, begrunnelse: str | None) -> None:
    """Set the person's name and audit it in every organisation they belong to."""
    before, person.navn = person.navn, navn
    session().flush()
    of: list[UUID] = sorted(_organisations_of_person(person.id))
    for organisasjon_id in of or (None,):
        audit.record(
            actor,
            "PERSON_NAVN_ENDRET",
            "person",
            person.id,
            organisasjon_id=organisasjon_id,
            person=str(person.id),
            navn_for=before,
            navn=navn,
            begrunnelse=begrunnelse,
        )


def _organisations_of_person(person_id: UUID) -> set[UUID]:
    """Return the organisations where the person holds something or is the agreement administrator."""
    signs = select(Organisasjon.id).where(Organisasjon.avtaleadmin_id == person_id).limit(200)
    return {one.id for one in organisations_of(person_id)} | set(session().scalars(signs))
