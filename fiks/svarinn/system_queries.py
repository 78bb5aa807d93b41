"""Reads of mottakersystemer for those who configure them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, func, or_, select

from fiks.core import clock
from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.authorization import below_held, holder_of, is_open
from fiks.konfigurasjon.avtale.activation import SVARINN, service_ressurs
from fiks.konfigurasjon.avtale.models import Tjenesteaktivering
from fiks.konfigurasjon.models import Ressurs
from fiks.konfigurasjon.rules import P, norwegian_order, satisfying
from fiks.svarinn.models import Mottakersystem, Organisasjonskobling
from fiks.svarinn.rules import Sertifikatstatus, certificate_status

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Systemstand:
    """A mottakersystem and its status."""

    id: UUID
    organisasjon_id: UUID
    navn: str
    eposter: tuple[str, ...]
    aktiv: bool
    sertifikat: Sertifikatstatus
    sertifikat_utloper: datetime | None
    organisasjoner: int


@dataclass(frozen=True, slots=True)
class Systemside:
    """One page of mottakersystemer; `totalt` is the number in all."""

    treff: tuple[Systemstand, ...]
    totalt: int


@dataclass(frozen=True, slots=True)
class Koblingsrad:
    """What a system receives for one organisation number; no types means all types."""

    id: UUID
    organisasjonsnummer: str
    navn: str
    forsendelsestyper: tuple[str, ...]
    sikkerhetsniva: str


def systems(
    organisasjon_id: UUID, *, actor: Aktor, sok: str = "", side: int = 0, per_side: int = 20
) -> Systemside:
    """Return one page of the organisation's mottakersystemer by name: `per_side` (at most 1 000) from page
    `side` (0 first).

    `sok` is part of the name, the id, or an orgnr the system receives for.
    """
    service_ressurs(organisasjon_id, SVARINN, actor, P.KONFIGURERE_MOTTAK)
    wanted: list[ColumnElement[bool]] = [Mottakersystem.organisasjon_id == organisasjon_id]
    if sok:
        number = select(Organisasjonskobling.id).where(
            Organisasjonskobling.mottakersystem_id == Mottakersystem.id,
            Organisasjonskobling.organisasjonsnummer == sok,
        )
        named = Mottakersystem.navn.icontains(sok, autoescape=True)
        wanted.append(or_(named, cast(Mottakersystem.id, Text) == sok.lower(), number.exists()))
    total = session().execute(select(func.count()).select_from(Mottakersystem).where(*wanted)).scalar_one()
    limit = min(per_side, MOST)
    page = _with_count().where(*wanted).order_by(Mottakersystem.navn, Mottakersystem.id)
    rows = session().execute(page.offset(side * limit).limit(limit)).all()
    return Systemside(tuple(_stand(row[0], row[1]) for row in rows), total)


def administered_systems(*, actor: Aktor) -> list[Systemstand]:
    """Return the chosen organisation's mottakersystemer that the actor may configure, by name; at most 1 000."""
    holder = holder_of(actor)
    if holder is None or actor.organisasjon_id is None:
        return []
    rows = session().execute(
        _with_count()
        .join(Ressurs, Ressurs.id == Mottakersystem.id)
        .where(
            Mottakersystem.organisasjon_id == actor.organisasjon_id,
            is_open(Ressurs),
            below_held(Ressurs, holder, satisfying(P.KONFIGURERE_MOTTAK)),
        )
        .order_by(Mottakersystem.id)
        .limit(MOST)
    )
    return sorted((_stand(row[0], row[1]) for row in rows), key=lambda one: norwegian_order(one.navn))


def may_create(*, actor: Aktor) -> bool:
    """Return whether the actor may create a mottakersystem in the chosen organisation; a page uses it to
    offer the button.
    """
    if actor.organisasjon_id is None:
        return False
    service = select(Tjenesteaktivering.ressurs_id).where(
        Tjenesteaktivering.organisasjon_id == actor.organisasjon_id,
        Tjenesteaktivering.tjeneste_kode == SVARINN,
    )
    ressurs_id = session().execute(service).scalar_one_or_none()
    return ressurs_id is not None and queries.may(actor, P.KONFIGURERE_MOTTAK, ressurs_id)


def system(system_id: UUID, *, actor: Aktor) -> Systemstand:
    """Return one mottakersystem."""
    queries.require(actor, P.KONFIGURERE_MOTTAK, system_id)
    row = session().execute(_with_count().where(Mottakersystem.id == system_id)).first()
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    return _stand(row[0], row[1])


def koblinger(system_id: UUID, *, actor: Aktor, limit: int = MOST) -> list[Koblingsrad]:
    """Return what the mottakersystem receives, by orgnr."""
    queries.require(actor, P.KONFIGURERE_MOTTAK, system_id)
    rows = session().scalars(
        select(Organisasjonskobling)
        .where(Organisasjonskobling.mottakersystem_id == system_id)
        .order_by(Organisasjonskobling.organisasjonsnummer, Organisasjonskobling.id)
        .limit(min(limit, MOST))
        .execution_options(populate_existing=True)
    )
    return [
        Koblingsrad(
            row.id, row.organisasjonsnummer, row.navn, tuple(row.forsendelsestyper), row.sikkerhetsniva
        )
        for row in rows
    ]


def owner_of(system_id: UUID) -> UUID | None:
    """Return the organisation that has the mottakersystem; None for no such system."""
    found = select(Mottakersystem.organisasjon_id).where(Mottakersystem.id == system_id)
    return session().execute(found).scalar_one_or_none()


def _with_count() -> Select[Mottakersystem, int]:
    received = (
        select(func.count(Organisasjonskobling.organisasjonsnummer.distinct()))
        .where(Organisasjonskobling.mottakersystem_id == Mottakersystem.id)
        .scalar_subquery()
    )
    return select(Mottakersystem, received).execution_options(populate_existing=True)


def _stand(row: Mottakersystem, antall: int) -> Systemstand:
    return Systemstand(
        row.id,
        row.organisasjon_id,
        row.navn,
        tuple(row.eposter),
        row.aktiv,
        certificate_status(row.sertifikat_utloper, clock.now()),
        row.sertifikat_utloper,
        antall,
    )
