"""Reads of Fiks-konfigurasjon: who may do what, and which organisations and kontoer a person sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.orm import aliased

from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.authorization import (
    HOLDER,
    Rettigheter,
    below_held,
    grants_of_integrasjon,
    grants_of_person,
    is_authorised,
    is_open,
    may,
    require,
    require_each,
    rettigheter,
    valid_now,
)
from fiks.konfigurasjon.models import Konto, Organisasjon, Ressurs, Tilgang
from fiks.konfigurasjon.name_order import by_name
from fiks.konfigurasjon.rules import P, norwegian_order, satisfying

PAGE = 50

__all__ = [
    "PAGE",
    "Kontorad",
    "Kontovalg",
    "Organisasjonsvalg",
    "Rettigheter",
    "is_authorised",
    "konto",
    "kontoer_of",
    "kontoer_with",
    "may",
    "grants_of_integrasjon",
    "grants_of_person",
    "organisasjon",
    "organisations_of",
    "privileges_in",
    "privileges_on",
    "require",
    "require_each",
    "rettigheter",
]


@dataclass(frozen=True, slots=True)
class Organisasjonsvalg:
    """An organisation a person can choose to work for."""

    id: UUID
    navn: str
    orgnr: str


@dataclass(frozen=True, slots=True)
class Kontovalg:
    """A konto as the portal needs it."""

    id: UUID
    organisasjon_id: UUID
    visningsnavn: str
    sdp_aktiv: bool
    ettersending_virksomheter: bool
    send_med_dokumenter: bool
    angrefrist_sekunder: int | None
    lagringsdager: int
    kontonummer: str | None


_PRIVILEGES_IN = (
    select(Tilgang.privilegium)
    .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
    .where(
        grants_of_person(HOLDER),
        Ressurs.organisasjon_id == bindparam("organisasjon", type_=Uuid()),
        valid_now(),
        is_open(Ressurs),
    )
    .distinct()
    .limit(100)
)
_ORGANISATIONS_OF = (
    select(Organisasjon.id, Organisasjon.navn, Organisasjon.orgnr)
    .join(Ressurs, Ressurs.organisasjon_id == Organisasjon.id)
    .join(Tilgang, Tilgang.ressurs_id == Ressurs.id)
    .where(grants_of_person(HOLDER), valid_now(), is_open(Ressurs))
    .distinct()
)
"""Statements run for every page. Built once, because building them takes longer than running them."""


def privileges_in(person_id: UUID, organisasjon_id: UUID) -> frozenset[P]:
    """Return every privilege the person holds somewhere in the organisation, with what ADMIN includes."""
    rows = session().scalars(_PRIVILEGES_IN, {"holder": person_id, "organisasjon": organisasjon_id})
    held = {P(name) for name in rows if name in set(P)}
    return frozenset(p for p in P if satisfying(p) & held)


def privileges_on(person_id: UUID, ressurs_id: UUID) -> frozenset[P]:
    """Return every privilege the person holds on the ressurs or above it, with what ADMIN includes."""
    return rettigheter(Aktor(Aktortype.PERSON, "", person_id=person_id), ressurs_id).everything()


def organisations_of(person_id: UUID, limit: int = 200) -> list[Organisasjonsvalg]:
    """Return the organisations where the person holds at least one privilege, by name."""
    rows = session().execute(_ORGANISATIONS_OF.limit(limit), {"holder": person_id})
    return sorted((Organisasjonsvalg(*row) for row in rows), key=lambda o: (norwegian_order(o.navn), o.orgnr))


def _konto_columns() -> tuple[Any, ...]:
    return (
        Konto.id,
        Konto.organisasjon_id,
        Konto.visningsnavn,
        Konto.sdp_aktiv,
        Konto.ettersending_virksomheter,
        Konto.send_med_dokumenter,
        Konto.angrefrist_sekunder,
        Konto.lagringsdager,
        Konto.kontonummer,
    )


def kontoer_with(
    person_id: UUID, organisasjon_id: UUID, *privilegier: P, limit: int = 500
) -> list[Kontovalg]:
    """Return the organisation's active kontoer where the person holds one of these privileges, direct or
    inherited.
    """
    wanted = frozenset[P]().union(*map(satisfying, privilegier))
    node = aliased(Ressurs)
    rows = session().execute(
        select(*_konto_columns())
        .join(node, node.id == Konto.id)
        .where(Konto.organisasjon_id == organisasjon_id, Konto.aktivert, is_open(node))
        .where(below_held(node, grants_of_person(person_id), wanted))
        .order_by(by_name(Konto.visningsnavn), Konto.id)
        .limit(limit)
    )
    return [Kontovalg(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Kontorad:
    """A konto as the read-only administration page shows it."""

    visningsnavn: str
    avsender: str
    aktivert: bool
    sdp_aktiv: bool
    ettersending_virksomheter: bool
    angrefrist_sekunder: int | None
    lagringsdager: int


def kontoer_of(organisasjon_id: UUID, limit: int = 500) -> list[Kontorad]:
    """Return every konto of the organisation, closed ones included, by name."""
    rows = session().execute(
        select(
            Konto.visningsnavn,
            Konto.avsender,
            Konto.aktivert,
            Konto.sdp_aktiv,
            Konto.ettersending_virksomheter,
            Konto.angrefrist_sekunder,
            Konto.lagringsdager,
        )
        .where(Konto.organisasjon_id == organisasjon_id)
        .order_by(by_name(Konto.visningsnavn), Konto.id)
        .limit(limit)
    )
    return [Kontorad(*row) for row in rows]


def konto(konto_id: UUID) -> Kontovalg:
    """Return one konto; IkkeFunnet if there is none."""
    row = session().execute(select(*_konto_columns()).where(Konto.id == konto_id)).first()
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    return Kontovalg(*row)


def organisasjon(organisasjon_id: UUID) -> Organisasjon:
    """Return the organisation with its letterhead data, as a row to read, never to change."""
    row = session().get(Organisasjon, organisasjon_id)
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    return row
