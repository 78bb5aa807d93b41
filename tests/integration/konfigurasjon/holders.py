"""Factories of what can hold a grant beside a person, and of the administrators who give them."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import func, select, update

from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.konfigurasjon.grupper import service
from fiks.konfigurasjon.models import Integrasjon, Tilgang
from fiks.konfigurasjon.rules import Innehaver, Innehavertype, P
from tests.integration.houses import HOUSE, Hus, make_aktor, make_person


def alone(hus: Hus) -> Hus:
    """The same kommune without its first administrator: who becomes administrator next is the only one."""
    with transaction() as tx:
        first = (Tilgang.ressurs_id == hus.organisasjon_id, Tilgang.avsluttet.is_(None))
        tx.execute(update(Tilgang).where(*first).values(avsluttet=func.now(), avsluttet_grunn="FJERNET"))
    return hus


def admin_of(hus: Hus, *, minutter_siden: float = 0, navn: str = "Anne Admin") -> Aktor:
    """A new administrator of the whole organisation, just logged in."""
    person_id = make_person(P.ADMIN, ressurs=hus.organisasjon_id, navn=navn)
    return make_aktor(person_id, hus.organisasjon_id, minutter_siden=minutter_siden, navn=navn)


def make_integrasjon(organisasjon_id: UUID | None) -> UUID:
    """A machine of the organisation; of None, a global one."""
    with transaction() as tx:
        row = Integrasjon(
            organisasjon_id=organisasjon_id,
            kode=None if organisasjon_id else f"K{uuid4().hex.upper()}",
            navn="Fagsystem",
            autorisert_orgnr="310000000",
        )
        tx.add(row)
        tx.flush()
        return row.id


def make_gruppe(hus: Hus, *medlemmer: UUID, navn: str = "") -> UUID:
    gruppe_id = service.create_gruppe(
        hus.organisasjon_id, navn=navn or f"Gruppe {uuid4().hex[:8]}", actor=HOUSE
    )
    if medlemmer:
        service.add_members(gruppe_id, personer=medlemmer, actor=HOUSE)
    return gruppe_id


def person(person_id: UUID) -> Innehaver:
    return Innehaver(Innehavertype.PERSON, person_id)


def gruppe(gruppe_id: UUID) -> Innehaver:
    return Innehaver(Innehavertype.GRUPPE, gruppe_id)


def integrasjon(integrasjon_id: UUID) -> Innehaver:
    return Innehaver(Innehavertype.INTEGRASJON, integrasjon_id)


def grants_of(person_id: UUID) -> list[Tilgang]:
    """The person's own grants that are not ended, newest first."""
    rows = select(Tilgang).where(Tilgang.person_id == person_id, Tilgang.avsluttet.is_(None))
    return list(session().scalars(rows.order_by(Tilgang.gyldig_fra.desc(), Tilgang.id)))


def grant_row(tilgang_id: UUID) -> Tilgang:
    """The grant as it stands in the database."""
    return session().get_one(Tilgang, tilgang_id, populate_existing=True)


def move_grant(tilgang_id: UUID, **seconds: float) -> None:
    """Set `gyldig_fra`/`gyldig_til` of a grant to so many seconds from now."""
    values = {name: func.now() + func.make_interval(0, 0, 0, 0, 0, 0, s) for name, s in seconds.items()}
    with transaction() as tx:
        tx.execute(update(Tilgang).where(Tilgang.id == tilgang_id).values(**values))


def acts(organisasjon_id: UUID) -> list[str]:
    """What has been audited in the organisation, oldest first."""
    rows = select(Audit.handling).where(Audit.organisasjon_id == organisasjon_id).order_by(Audit.id)
    return list(session().scalars(rows))


def last_act(organisasjon_id: UUID, handling: str) -> Audit:
    rows = select(Audit).where(Audit.organisasjon_id == organisasjon_id, Audit.handling == handling)
    return session().scalars(rows.order_by(Audit.id.desc()).limit(1)).one()
