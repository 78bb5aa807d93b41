"""Use cases of Fiks-konfigurasjon that other rooms need most: organisations, kontoer, persons and grants.

Each kind has its own module; this one is where they are found.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from fiks.core import audit, crypto
from fiks.core.actor import Aktor
from fiks.core.clock import database_now
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeTilgang, Konflikt, UgyldigInndata
from fiks.core.identifiers import Fnr
from fiks.konfigurasjon import queries, sessions
from fiks.konfigurasjon.grant_models import Tilgang
from fiks.konfigurasjon.kontoer import create_konto
from fiks.konfigurasjon.models import Person, Ressurs
from fiks.konfigurasjon.organisations import create_organisasjon
from fiks.konfigurasjon.rules import P, Tilgangsgrunn, is_definition

__all__ = ["create_konto", "create_organisasjon", "grant_privilegium", "person_by_pid", "register_person"]


def register_person(pid: str, *, navn: str, epost: str | None = None, actor: Aktor) -> UUID:
    """Make (or find) the person with this number and set the name and e-mail; only the house may."""
    if not actor.is_house:
        raise IkkeTilgang("KUN_ROT")
    with transaction() as tx:
        person_id = sessions.find_or_create_person(pid, navn)
        row = tx.get_one(Person, person_id)
        row.navn, row.epost = navn, epost
        return person_id


def grant_privilegium(
    person_id: UUID,
    privilegium: P,
    ressurs_id: UUID,
    *,
    actor: Aktor,
    gyldig_til: datetime | None = None,
    begrunnelse: str | None = None,
) -> UUID:
    """Grant a privilege: actor needs ADMIN on the ressurs or above, and the privilege must belong to its type.

    An equal grant whose time is over is ended by this one. Errors: PRIVILEGIUM_PASSER_IKKE, PERIODE_UGYLDIG (422),
    TILGANG_FINNES (409), source konfigurasjon.md 3.3.
    """
    queries.require(actor, P.ADMIN, ressurs_id)
    with transaction() as tx:
        node = tx.get_one(Ressurs, ressurs_id)
        if not is_definition(privilegium, node.type):
            raise UgyldigInndata("PRIVILEGIUM_PASSER_IKKE", felt="privilegium")
        if gyldig_til is not None and gyldig_til <= database_now():
            raise UgyldigInndata("PERIODE_UGYLDIG", felt="gyldig_til")
        same = (
            Tilgang.person_id == person_id,
            Tilgang.privilegium == privilegium,
            Tilgang.ressurs_id == ressurs_id,
            Tilgang.avsluttet.is_(None),
        )
        over = update(Tilgang).where(*same, Tilgang.gyldig_til <= func.now())
        tx.execute(over.values(avsluttet=Tilgang.gyldig_til, avsluttet_grunn=Tilgangsgrunn.UTLOPT))
        if tx.execute(select(Tilgang.id).where(*same)).first() is not None:
            raise Konflikt("TILGANG_FINNES")
        row = Tilgang(
            person_id=person_id,
            privilegium=privilegium,
            ressurs_id=ressurs_id,
            gyldig_til=gyldig_til,
            gitt_av=actor.person_id,
            begrunnelse=begrunnelse,
        )
        tx.add(row)
        tx.flush()
        audit.record(
            actor,
            "PRIVILEGIUM_GITT",
            "tilgang",
            row.id,
            organisasjon_id=node.organisasjon_id,
            privilegium=str(privilegium),
            ressurs=str(ressurs_id),
            person=str(person_id),
            til_seg_selv=actor.person_id == person_id,
        )
        return row.id


def person_by_pid(pid: str) -> UUID | None:
    """Find the person with this number without making one."""
    index = crypto.blind_index(
        current().index_key, "fnr", Fnr.parse(pid, synthetic=current().synthetic_persons).value
    )
    return session().execute(select(Person.id).where(Person.fnr_indeks == index)).scalar_one_or_none()
