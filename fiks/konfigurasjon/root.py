"""The root plane: KS' operators make organisations and publish agreements, and have no right to anybody's data.

Organisations do not lie below ROOT, so nothing that is held there opens one of them (konfigurasjon.md 1.2).
"""

from __future__ import annotations

from sqlalchemy import select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeTilgang, Konflikt
from fiks.core.identifiers import Fnr
from fiks.konfigurasjon import queries, sessions
from fiks.konfigurasjon.grant_models import Tilgang
from fiks.konfigurasjon.models import Person
from fiks.konfigurasjon.organisation_rules import Personopplysninger, check
from fiks.konfigurasjon.rules import ROOT_ID, P


def require_root(actor: Aktor) -> None:
    """Let a root act go on: the house itself, or a person with ROT.ADMINISTRER. IkkeTilgang("KUN_ROT") otherwise."""
    if not queries.may(actor, P.ROT_ADMINISTRER, ROOT_ID):
        raise IkkeTilgang("KUN_ROT")


def name_person(data: Personopplysninger) -> Person:
    """Make or find the person, inside a transaction, and fill in what is not known of them yet.

    What a person is called is not changed because somebody else writes something different. Errors: FNR_UGYLDIG, also
    for a synthetic number in production.
    """
    check(data)
    number = Fnr.parse(data.fnr, synthetic=current().synthetic_persons)
    with transaction() as tx:
        person = tx.get_one(Person, sessions.find_or_create_person(number.value, data.navn))
        person.navn = person.navn or data.navn
        person.tittel = person.tittel or data.tittel or None
        person.epost = person.epost or data.epost or None
        person.telefon = person.telefon or data.telefon or None
        return person


def make_operator(data: Personopplysninger, *, actor: Aktor) -> None:
    """Make a person an operator of the platform (ROT.ADMINISTRER). Only the house may: by command, on the machine."""
    if not actor.is_house:
        raise IkkeTilgang("KUN_ROT")
    with transaction() as tx:
        person = name_person(data)
        held = select(Tilgang.id).where(
            Tilgang.person_id == person.id,
            Tilgang.ressurs_id == ROOT_ID,
            Tilgang.privilegium == P.ROT_ADMINISTRER,
            Tilgang.avsluttet.is_(None),
        )
        if tx.execute(held).first() is not None:
            raise Konflikt("TILGANG_FINNES")
        grant = Tilgang(person_id=person.id, privilegium=P.ROT_ADMINISTRER, ressurs_id=ROOT_ID)
        tx.add(grant)
        tx.flush()
        audit.record(
            actor,
            "PRIVILEGIUM_GITT",
            "tilgang",
            grant.id,
            ressurs_id=ROOT_ID,
            privilegium=str(P.ROT_ADMINISTRER),
            person=str(person.id),
        )
