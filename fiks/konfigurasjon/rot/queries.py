"""Reads of the root plane: all organisations with their progress, the agreements, and the global
integrasjoner.

Nothing here reveals what an organisation does: no letters, no persons, and of grants only how many hold
ADMIN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, literal, or_, select, true

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.authorization import valid_now
from fiks.konfigurasjon.avtale.models import Avtale, Avtalesignatur, Tjeneste
from fiks.konfigurasjon.avtale.queries import Tjenestestand, services_of
from fiks.konfigurasjon.avtale.service import version_in_force, versions_in_force
from fiks.konfigurasjon.integrasjon.queries import Integrasjonsdetalj, detail_of, is_deleted_among
from fiks.konfigurasjon.models import Integrasjon, Organisasjon, Person, Ressurs, Tilgang
from fiks.konfigurasjon.name_order import by_name
from fiks.konfigurasjon.operators import is_operator_grant, require_root
from fiks.konfigurasjon.rules import P

PAGE = 50


@dataclass(frozen=True, slots=True)
class Organisasjonsrad:
    """An organisation in the root plane's list. `administratorer`: persons who themselves hold ADMIN on it
    now.
    """

    id: UUID
    navn: str
    type: str
    orgnr: str
    opprettet: datetime
    konfigurert: datetime | None
    administratorer: int


@dataclass(frozen=True, slots=True)
class Operatorrad:
    """An operator of the platform, and since when."""

    id: UUID
    navn: str
    fnr_maskert: str
    siden: datetime


def operators(*, actor: Aktor, limit: int = 200) -> list[Operatorrad]:
    """Return the present operators of the platform, by name."""
    require_root(actor)
    rows = session().execute(
        select(Person.id, Person.navn, Person.fnr_maskert, Tilgang.gyldig_fra)
        .join(Tilgang, Tilgang.person_id == Person.id)
        .where(is_operator_grant())
        .order_by(by_name(Person.navn), Person.id)
        .limit(limit)
    )
    return [Operatorrad(*row) for row in rows]


def _administrators() -> ScalarSelect[int]:
    return (
        select(func.count(Tilgang.person_id.distinct()))
        .where(Tilgang.ressurs_id == Organisasjon.id, Tilgang.privilegium == P.ADMIN, valid_now())
        .correlate(Organisasjon)
        .scalar_subquery()
    )


def _rows() -> Select[UUID, str, str, str, datetime, datetime | None, int]:
    return select(
        Organisasjon.id,
        Organisasjon.navn,
        Organisasjon.type,
        Organisasjon.orgnr,
        Organisasjon.opprettet,
        Organisasjon.konfigurert,
        _administrators(),
    )


def organisations(
    *, sok: str = "", after: tuple[str, UUID] | None = None, limit: int = PAGE, actor: Aktor
) -> list[Organisasjonsrad]:
    """Return organisations by name, keyset paged by (navn, id); `sok` is part of the name or the start of the
    orgnr.
    """
    require_root(actor)
    query = _rows()
    if sok:
        part = sok.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        query = query.where(or_(Organisasjon.navn.ilike(f"%{part}%"), Organisasjon.orgnr.like(f"{part}%")))
    if after is not None:
        query = query.where(
            func.row(by_name(Organisasjon.navn), Organisasjon.id)
            > func.row(by_name(literal(after[0])), after[1])
        )
    rows = session().execute(query.order_by(by_name(Organisasjon.navn), Organisasjon.id).limit(limit))
    return [Organisasjonsrad(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Organisasjonsdetalj:
    """What the root plane knows of one organisation. `varsel_epost`: addresses operators write to."""

    rad: Organisasjonsrad
    kommunenr: str | None
    intern: bool
    tjenester: tuple[Tjenestestand, ...]
    varsel_epost: tuple[str, ...]


def organisation(organisasjon_id: UUID, *, actor: Aktor) -> Organisasjonsdetalj:
    """Return one organisation and the services available to it; IkkeFunnet when there is none."""
    require_root(actor)
    query = _rows().add_columns(Organisasjon.kommunenr, Organisasjon.intern, Organisasjon.varsel_epost)
    row = session().execute(query.where(Organisasjon.id == organisasjon_id)).first()
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    services = tuple(services_of(organisasjon_id))
    return Organisasjonsdetalj(Organisasjonsrad(*row[:7]), row[7], row[8], services, tuple(row[9]))


@dataclass(frozen=True, slots=True)
class Avtaleutgave:
    """An agreement and its version in force; `versjon` 0 when nothing is published.

    `signert` counts organisations that have signed the version in force, `eldre` those that have signed only
    an earlier one and must sign again.
    """

    tjeneste_kode: str | None
    versjon: int
    tittel: str
    tekst: str
    publisert: datetime | None
    signert: int
    eldre: int

    @property
    def berort(self) -> int:
        """Return how many organisations must sign again if a new version is published."""
        return self.signert + self.eldre


def agreements(*, actor: Aktor) -> list[Avtaleutgave]:
    """Return the hovedavtale and the tjenestevedlegg of every service, published or not."""
    require_root(actor)
    codes = session().scalars(select(Tjeneste.kode).order_by(Tjeneste.kode).limit(200)).all()
    newest, signed = versions_in_force(), _signature_counts(true())
    return [_edition(kode, newest.get(kode), signed) for kode in (None, *codes)]


def agreement(tjeneste_kode: str | None, *, actor: Aktor) -> Avtaleutgave:
    """Return one agreement; IkkeFunnet("TJENESTE_UKJENT") when there is no such service."""
    require_root(actor)
    if tjeneste_kode is not None and session().get(Tjeneste, tjeneste_kode) is None:
        raise IkkeFunnet("TJENESTE_UKJENT")
    signed = _signature_counts(Avtale.tjeneste_kode.is_not_distinct_from(tjeneste_kode))
    return _edition(tjeneste_kode, version_in_force(tjeneste_kode), signed)


Signert = Mapping[tuple[str | None, int], int]
"""(Service, version) to the number of organisations whose newest signature is on that version."""


def _signature_counts(which: ColumnElement[bool]) -> Signert:
    last = (
        select(Avtale.tjeneste_kode, func.max(Avtale.versjon).label("versjon"))
        .join(Avtalesignatur, Avtalesignatur.avtale_id == Avtale.id)
        .where(which)
        .group_by(Avtale.tjeneste_kode, Avtalesignatur.organisasjon_id)
        .subquery()
    )
    counts = select(last.c.tjeneste_kode, last.c.versjon, func.count())
    rows = session().execute(counts.group_by(last.c.tjeneste_kode, last.c.versjon))
    return {(row[0], row[1]): row[2] for row in rows}


def _edition(kode: str | None, newest: Avtale | None, signed: Signert) -> Avtaleutgave:
    if newest is None:
        return Avtaleutgave(kode, 0, "", "", None, 0, 0)
    every = sum(count for (service, _), count in signed.items() if service == kode)
    now = signed.get((kode, newest.versjon), 0)
    return Avtaleutgave(kode, newest.versjon, newest.tittel, newest.tekst, newest.publisert, now, every - now)


@dataclass(frozen=True, slots=True)
class Globalrad:
    """A global integrasjon with the number of organisations that have approved it, never which."""

    id: UUID
    kode: str
    navn: str
    autorisert_orgnr: str
    organisasjoner: int
    sist_brukt: datetime | None


def global_integrasjoner(*, actor: Aktor, limit: int = 200) -> list[Globalrad]:
    """Every global integrasjon, by code."""
    require_root(actor)
    let_in = (
        select(func.count(Ressurs.organisasjon_id.distinct()))
        .join(Tilgang, Tilgang.ressurs_id == Ressurs.id)
        .where(Tilgang.integrasjon_id == Integrasjon.id, valid_now())
        .correlate(Integrasjon)
        .scalar_subquery()
    )
    rows = session().execute(
        select(
            Integrasjon.id,
            Integrasjon.kode,
            Integrasjon.navn,
            Integrasjon.autorisert_orgnr,
            let_in,
            Integrasjon.sist_brukt,
        )
        .where(Integrasjon.organisasjon_id.is_(None), Integrasjon.slettet.is_(None))
        .order_by(Integrasjon.kode)
        .limit(limit)
    )
    return [Globalrad(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Globaldetalj:
    """One global integrasjon, with the number of organisations that have approved it and of their tilganger."""

    integrasjon: Integrasjonsdetalj
    organisasjoner: int
    tilganger: int


def is_deleted(integrasjon_id: UUID, *, actor: Aktor) -> bool:
    """Return whether this was a global integrasjon and is deleted, to answer a form sent twice."""
    require_root(actor)
    return is_deleted_among(integrasjon_id, Integrasjon.organisasjon_id.is_(None))


def global_integrasjon(integrasjon_id: UUID, *, actor: Aktor) -> Globaldetalj:
    """Return one global integrasjon; IkkeFunnet for any other."""
    require_root(actor)
    detail = detail_of(integrasjon_id, Integrasjon.organisasjon_id.is_(None))
    organisations, grants = (
        session()
        .execute(
            select(func.count(Ressurs.organisasjon_id.distinct()), func.count())
            .join(Tilgang, Tilgang.ressurs_id == Ressurs.id)
            .where(Tilgang.integrasjon_id == integrasjon_id, valid_now())
        )
        .one()
    )
    return Globaldetalj(detail, organisations, grants)
