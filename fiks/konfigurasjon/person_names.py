"""A person's stored name: changed and audited, and learnt from the identity provider at login.

Operators correct a name in `rot.corrections` (ADR 0049).
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeTilgang, UgyldigInndata
from fiks.core.identifiers import Fnr
from fiks.konfigurasjon.models import Organisasjon, Person
from fiks.konfigurasjon.name_rules import is_called
from fiks.konfigurasjon.organisation_rules import person_name_fault, reason_fault
from fiks.konfigurasjon.queries import organisations_of
from fiks.konfigurasjon.root import require_root
from fiks.konfigurasjon.sessions import known_persons


def rename_person(fnr: str, *, fra: str, til: str, begrunnelse: str, actor: Aktor) -> UUID:
    """Correct a person's misspelt name; root plane only. Every organisation the person belongs to sees it in
    its log, with the reason.

    `fra` must be the present name word for word, so that a mistyped number renames nobody else; whose number
    it is is not revealed. If the name is `til` already, nothing changes, whatever `fra` says: the form was
    sent twice. Returns the person's id. Errors: FNR_UGYLDIG, PERSONNAVN_UGYLDIG, ADMINISTRATOR_BEGRUNNELSE,
    PERSON_IKKE_KJENT_SLIK (422), EGET_NAVN (403).
    """
    require_root(actor)
    number, til = Fnr.parse(fnr, synthetic=current().synthetic_persons).value, " ".join(til.split())
    if fault := person_name_fault(til):
        raise UgyldigInndata(str(fault), felt="til")
    if fault := reason_fault(begrunnelse):
        raise UgyldigInndata(str(fault), felt="begrunnelse")
    with transaction():
        person = _locked(known_persons([number]).get(number))
        if person is not None and person.id == actor.person_id:
            raise IkkeTilgang("EGET_NAVN", felt="fnr")
        if person is not None and person.navn == til:
            return person.id
        if person is None or not person.navn or not is_called(person.navn, fra):
            raise UgyldigInndata("PERSON_IKKE_KJENT_SLIK", felt="fra")
        _rename(person, til, actor, begrunnelse=begrunnelse.strip())
        return person.id


def learn_name(person_id: UUID, navn: str, *, actor: Aktor) -> None:
    """Take over the name the identity provider gives at login, which it knows from its own register.

    A step inside a transaction. A different spelling of the same words and an invalid name change nothing and
    lock nothing: a login that wrote its session already holds the person's row, as another login of theirs
    may.
    """
    navn = " ".join(navn.split())
    stands = session().scalar(select(Person.navn).where(Person.id == person_id))
    if person_name_fault(navn) is not None or (stands and is_called(stands, navn)):
        return
    person = _locked(person_id)
    if person is not None and not (person.navn and is_called(person.navn, navn)):
        _rename(person, navn, actor, begrunnelse=None)


def _locked(person_id: UUID | None) -> Person | None:
    """Lock the person's row and return it; None for no id or an unknown one."""
    if person_id is None:
        return None
    return session().get(Person, person_id, with_for_update={"key_share": True}, populate_existing=True)


def _rename(person: Person, navn: str, actor: Aktor, *, begrunnelse: str | None) -> None:
    """Set the person's name and audit it in every organisation they belong to."""
    before, person.navn = person.navn, navn
    session().flush()
    of: list[UUID] = sorted(_of(person.id))
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


def _of(person_id: UUID) -> set[UUID]:
    """Return the organisations where the person holds something or is the agreement administrator."""
    signs = select(Organisasjon.id).where(Organisasjon.avtaleadmin_id == person_id).limit(200)
    return {one.id for one in organisations_of(person_id)} | set(session().scalars(signs))
