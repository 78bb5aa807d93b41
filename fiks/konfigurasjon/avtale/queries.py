"""Reads about agreements and services: versions in force, signatures, services taken into use.

Access is checked beforehand, by the route or the use case that reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.avtale.models import Avtale, Avtalesignatur, Tjeneste, Tjenesteaktivering
from fiks.konfigurasjon.models import Organisasjon


@dataclass(frozen=True, slots=True)
class Avtalestand:
    """An agreement in force and one organisation's signature on it. `tjeneste_kode` None is the hovedavtale.

    `signert_versjon` is the newest version the organisation has signed; when it is lower than
    `versjon`, a new signature is needed.
    """

    avtale_id: UUID
    tjeneste_kode: str | None
    versjon: int
    tittel: str
    publisert: datetime
    signert_versjon: int | None
    signert: datetime | None
    signert_navn: str | None

    @property
    def er_signert(self) -> bool:
        """Return whether the version in force is signed."""
        return self.signert_versjon == self.versjon

    @property
    def ny_versjon(self) -> bool:
        """Return whether an older version is signed and the version in force is not."""
        return self.signert_versjon is not None and not self.er_signert


def agreements_of(organisasjon_id: UUID) -> list[Avtalestand]:
    """Return the agreements in force that apply to this organisation: the hovedavtale first, then by service."""
    newest = (
        select(Avtale.tjeneste_kode, func.max(Avtale.versjon).label("versjon"))
        .group_by(Avtale.tjeneste_kode)
        .subquery()
    )
    signed = _newest_signatures(organisasjon_id)
    kind = select(Organisasjon.type).where(Organisasjon.id == organisasjon_id).scalar_subquery()
    rows = session().execute(
        select(
            Avtale.id,
            Avtale.tjeneste_kode,
            Avtale.versjon,
            Avtale.tittel,
            Avtale.publisert,
            signed.c.versjon,
            signed.c.signert,
            signed.c.signert_navn,
        )
        .join(newest, _same_service(newest.c.tjeneste_kode) & (newest.c.versjon == Avtale.versjon))
        .outerjoin(Tjeneste, Tjeneste.kode == Avtale.tjeneste_kode)
        .outerjoin(signed, _same_service(signed.c.tjeneste_kode))
        .where(or_(Avtale.tjeneste_kode.is_(None), kind == func.any(Tjeneste.tilgjengelig_for)))
        .order_by(Avtale.tjeneste_kode.nulls_first())
        .limit(200)
    )
    return [Avtalestand(*row) for row in rows]


def _same_service(column: ColumnElement[str | None]) -> ColumnElement[bool]:
    return Avtale.tjeneste_kode.is_not_distinct_from(column)


def _newest_signatures(organisasjon_id: UUID) -> Subquery:
    """Subquery: the newest signed version of each agreement, with signer and time."""
    return (
        select(
            Avtale.tjeneste_kode,
            Avtale.versjon,
            Avtalesignatur.signert,
            Avtalesignatur.signert_navn,
        )
        .join(Avtalesignatur, Avtalesignatur.avtale_id == Avtale.id)
        .where(Avtalesignatur.organisasjon_id == organisasjon_id)
        .ext(distinct_on(Avtale.tjeneste_kode))
        .order_by(Avtale.tjeneste_kode, Avtale.versjon.desc())
        .subquery()
    )


@dataclass(frozen=True, slots=True)
class Avtaletekst:
    """One agreement version with its text, and this organisation's signature on it, if any."""

    id: UUID
    tjeneste_kode: str | None
    versjon: int
    tittel: str
    tekst: str
    sha256: bytes
    publisert: datetime
    signert: datetime | None
    signert_navn: str | None


def agreement(avtale_id: UUID, organisasjon_id: UUID) -> Avtaletekst:
    """Return one agreement version to read and perhaps sign; IkkeFunnet if it does not exist. Published texts
    are open to everybody.
    """
    row = (
        session()
        .execute(
            select(
                Avtale.id,
                Avtale.tjeneste_kode,
                Avtale.versjon,
                Avtale.tittel,
                Avtale.tekst,
                Avtale.sha256,
                Avtale.publisert,
                Avtalesignatur.signert,
                Avtalesignatur.signert_navn,
            )
            .outerjoin(
                Avtalesignatur,
                and_(
                    Avtalesignatur.avtale_id == Avtale.id, Avtalesignatur.organisasjon_id == organisasjon_id
                ),
            )
            .where(Avtale.id == avtale_id)
        )
        .first()
    )
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    return Avtaletekst(*row)


@dataclass(frozen=True, slots=True)
class Tjenestestand:
    """A service and how far one organisation has come in taking it into use."""

    kode: str
    initialisert: datetime | None
    konfigurert: datetime | None
    ressurs_id: UUID | None


def services_of(organisasjon_id: UUID) -> list[Tjenestestand]:
    """Return the services available to this type of organisation (konfigurasjon.md 17.14), by code."""
    here = and_(
        Tjenesteaktivering.tjeneste_kode == Tjeneste.kode,
        Tjenesteaktivering.organisasjon_id == organisasjon_id,
    )
    kind = select(Organisasjon.type).where(Organisasjon.id == organisasjon_id).scalar_subquery()
    rows = session().execute(
        select(
            Tjeneste.kode,
            Tjenesteaktivering.initialisert,
            Tjenesteaktivering.konfigurert,
            Tjenesteaktivering.ressurs_id,
        )
        .outerjoin(Tjenesteaktivering, here)
        .where(Tjeneste.aktivert, kind == func.any(Tjeneste.tilgjengelig_for))
        .order_by(Tjeneste.kode)
        .limit(200)
    )
    return [Tjenestestand(*row) for row in rows]
