"""Reads of Fiks-konfigurasjon: who may do what, and which organisations and kontoer a person sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import aliased

from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.decision import (
    Rettigheter,
    below_held,
    is_authorised,
    is_open,
    may,
    of_integrasjon,
    of_person,
    require,
    rettigheter,
    valid_now,
)
from fiks.konfigurasjon.grant_models import Tilgang
from fiks.konfigurasjon.models import Konto, Organisasjon, Person, Ressurs
from fiks.konfigurasjon.rules import P, Ressurstype, inherited_by, norwegian_order, satisfying

PAGE = 50
MOST_GRANTS = 5_000

__all__ = [
    "PAGE",
    "Kontorad",
    "Kontovalg",
    "Organisasjonsvalg",
    "Rettigheter",
    "Tilgangsrad",
    "is_authorised",
    "konto",
    "kontoer_of",
    "kontoer_with",
    "may",
    "of_integrasjon",
    "of_person",
    "organisasjon",
    "organisations_of",
    "privileges_in",
    "require",
    "rettigheter",
    "tilganger",
]


@dataclass(frozen=True, slots=True)
class Organisasjonsvalg:
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


@dataclass(frozen=True, slots=True)
class Tilgangsrad:
    """One grant on one ressurs as the read-only administration pages show it; `arvet_fra` is the ressurs above that
    it is held on, None for the one it was given for."""

    person: str
    fnr_maskert: str
    privilegium: str
    ressurs: str
    ressurs_type: str
    arvet_fra: str | None
    gyldig_fra: datetime
    gyldig_til: datetime | None
    gitt_av: str | None
    begrunnelse: str | None


def privileges_in(person_id: UUID, organisasjon_id: UUID) -> frozenset[P]:
    """Every privilege the person holds somewhere in the organisation, with what ADMIN includes."""
    rows = session().scalars(
        select(Tilgang.privilegium)
        .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
        .where(
            of_person(person_id),
            Ressurs.organisasjon_id == organisasjon_id,
            valid_now(),
            is_open(Ressurs),
        )
        .distinct()
        .limit(100)
    )
    held = {P(name) for name in rows if name in set(P)}
    return frozenset(p for p in P if satisfying(p) & held)


def organisations_of(person_id: UUID, limit: int = 200) -> list[Organisasjonsvalg]:
    """The organisations where the person holds at least one privilege, by name."""
    rows = session().execute(
        select(Organisasjon.id, Organisasjon.navn, Organisasjon.orgnr)
        .join(Ressurs, Ressurs.organisasjon_id == Organisasjon.id)
        .join(Tilgang, Tilgang.ressurs_id == Ressurs.id)
        .where(of_person(person_id), valid_now(), is_open(Ressurs))
        .distinct()
        .limit(limit)
    )
    return sorted((Organisasjonsvalg(*row) for row in rows), key=lambda o: o.navn)


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


def kontoer_with(person_id: UUID, organisasjon_id: UUID, privilegium: P, limit: int = 500) -> list[Kontovalg]:
    """The active kontoer of the organisation where the person holds `privilegium`, directly or inherited."""
    node = aliased(Ressurs)
    rows = session().execute(
        select(*_konto_columns())
        .join(node, node.id == Konto.id)
        .where(Konto.organisasjon_id == organisasjon_id, Konto.aktivert, is_open(node))
        .where(below_held(node, of_person(person_id), satisfying(privilegium)))
        .order_by(Konto.visningsnavn)
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
    """Every konto of the organisation, also those not active, by name."""
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
        .order_by(Konto.visningsnavn)
        .limit(limit)
    )
    return [Kontorad(*row) for row in rows]


def konto(konto_id: UUID) -> Kontovalg:
    """One konto; IkkeFunnet if there is none."""
    row = session().execute(select(*_konto_columns()).where(Konto.id == konto_id)).first()
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    return Kontovalg(*row)


def organisasjon(organisasjon_id: UUID) -> Organisasjon:
    """The organisation with letterhead data, as a row to read (never to change)."""
    row = session().get(Organisasjon, organisasjon_id)
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    return row


def tilganger(organisasjon_id: UUID, *, after: int = 0, limit: int = PAGE) -> list[Tilgangsrad]:
    """What everybody may in an organisation, by name, service and ressurs; `after` is how many rows to pass over.

    A grant on a ressurs is followed through the tree: what it opens below stands as rows of its own, `arvet_fra` it.
    """
    giver = aliased(Person)
    query = (
        select(
            Person.id,
            Person.navn,
            Person.fnr_maskert,
            Tilgang.privilegium,
            Tilgang.ressurs_id,
            Tilgang.gyldig_fra,
            Tilgang.gyldig_til,
            giver.navn,
            Tilgang.begrunnelse,
        )
        .join(Person, Person.id == Tilgang.person_id)
        .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
        .outerjoin(giver, giver.id == Tilgang.gitt_av)
        .where(Ressurs.organisasjon_id == organisasjon_id, Tilgang.avsluttet.is_(None))
        .limit(MOST_GRANTS)
    )
    tree = (
        select(Ressurs.id, Ressurs.navn, Ressurs.type, Ressurs.sti)
        .where(Ressurs.organisasjon_id == organisasjon_id)
        .limit(MOST_GRANTS)
    )
    nodes = {row.id: row for row in session().execute(tree)}
    found = [
        (row[0], _granted(row, nodes, node.id))
        for row in session().execute(query)
        for node in nodes.values()
        if node.id == row.ressurs_id or (row.ressurs_id in node.sti and node.type in inherited_by(row[3]))
    ]
    return [row for _, row in sorted(found, key=_by_person)][after : after + limit]


def _granted(
    row: Row[*tuple[Any, ...]], nodes: dict[UUID, Row[*tuple[Any, ...]]], node_id: UUID
) -> Tilgangsrad:
    """The grant as it stands on one node: its own, or one below it."""
    node, held = nodes[node_id], nodes[row[4]]
    return Tilgangsrad(
        person=row[1],
        fnr_maskert=row[2],
        privilegium=row[3],
        ressurs=node.navn,
        ressurs_type=node.type,
        arvet_fra=None if node is held else held.navn,
        gyldig_fra=row[5],
        gyldig_til=row[6],
        gitt_av=row[7],
        begrunnelse=row[8],
    )


def _by_person(found: tuple[UUID, Tilgangsrad]) -> tuple[str, ...]:
    """By name (two of one name apart), service, ressurs, privilege; one's own grant before an inherited one."""
    person_id, row = found
    service = "" if row.ressurs_type == Ressurstype.FIKS_ORG else "SVARUT"
    return (
        norwegian_order(row.person),
        str(person_id),
        service,
        "" if row.ressurs_type == Ressurstype.SVARUT else norwegian_order(row.ressurs),
        row.privilegium,
        row.arvet_fra or "",
    )
