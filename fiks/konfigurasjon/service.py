"""Use cases of Fiks-konfigurasjon that the main job needs: organisations, kontoer, persons and grants.

The full administration comes later; the tables and the decision function are the real ones.
"""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import select

from fiks.core import audit, crypto
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeTilgang
from fiks.core.identifiers import Fnr, Orgnr
from fiks.konfigurasjon import queries, sessions
from fiks.konfigurasjon.grants import grant_privilegium
from fiks.konfigurasjon.models import Konto, Organisasjon, Person, Ressurs
from fiks.konfigurasjon.rules import Organisasjonstype, P, Ressurstype

__all__ = [
    "create_konto",
    "create_organisasjon",
    "grant_privilegium",
    "person_by_pid",
    "register_person",
]


def create_organisasjon(
    *, navn: str, orgnr: str, type: Organisasjonstype, actor: Aktor, **kontakt: object
) -> UUID:
    """Create an organisation with its ressurs and its SvarUt service ressurs; only the house (root) may.

    `kontakt`: kommunenr, adresselinje1, postnr, poststed, epost, telefon, nettsted, apningstid, logo, logo_type.
    """
    if not actor.is_house:
        raise IkkeTilgang("KUN_ROT")
    number = Orgnr.parse(orgnr)
    with transaction() as tx:
        row = Organisasjon(navn=navn, orgnr=number.value, type=type, **kontakt)
        tx.add(row)
        tx.flush()
        top = _add_ressurs(None, Ressurstype.FIKS_ORG, navn, row.id, ressurs_id=row.id)
        _add_ressurs(top, Ressurstype.SVARUT, "SvarUt", row.id)
        audit.record(actor, "ORGANISASJON_OPPRETTET", "organisasjon", row.id, organisasjon_id=row.id)
        return row.id


def _add_ressurs(
    parent: Ressurs | None,
    type: Ressurstype,
    navn: str,
    organisasjon_id: UUID,
    ressurs_id: UUID | None = None,
) -> Ressurs:
    own = ressurs_id or uuid4()
    path = [*(parent.sti if parent else []), own]
    row = Ressurs(
        id=own,
        forelder_id=parent.id if parent else None,
        type=type,
        navn=navn,
        organisasjon_id=organisasjon_id,
        sti=path,
    )
    session().add(row)
    session().flush()
    return row


def create_konto(
    organisasjon_id: UUID, *, visningsnavn: str, avsender: str, actor: Aktor, **valg: object
) -> UUID:
    """Create a SvarUt konto under the organisation's service; needs ADMIN there."""
    with transaction() as tx:
        service = tx.scalars(
            select(Ressurs).where(
                Ressurs.organisasjon_id == organisasjon_id, Ressurs.type == Ressurstype.SVARUT
            )
        ).one()
        queries.require(actor, P.ADMIN, service.id)
        node = _add_ressurs(service, Ressurstype.SVARUT_KONTO, visningsnavn, organisasjon_id)
        tx.add(
            Konto(
                id=node.id,
                organisasjon_id=organisasjon_id,
                visningsnavn=visningsnavn,
                avsender=avsender,
                **valg,
            )
        )
        audit.record(actor, "KONTO_OPPRETTET", "konto", node.id, organisasjon_id=organisasjon_id)
        return node.id


def register_person(pid: str, *, navn: str, epost: str | None = None, actor: Aktor) -> UUID:
    """Make (or find) the person with this number and set the name and e-mail; only the house may."""
    if not actor.is_house:
        raise IkkeTilgang("KUN_ROT")
    with transaction() as tx:
        person_id = sessions.find_or_create_person(pid, navn)
        row = tx.get_one(Person, person_id)
        row.navn, row.epost = navn, epost
        return person_id


def person_by_pid(pid: str) -> UUID | None:
    """Find the person with this number without making one."""
    index = crypto.blind_index(
        current().index_key, "fnr", Fnr.parse(pid, synthetic=current().synthetic_persons).value
    )
    return session().execute(select(Person.id).where(Person.fnr_indeks == index)).scalar_one_or_none()
