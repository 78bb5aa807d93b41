"""Reads about organisations: progress of the set-up, stored data, the ressurs tree.

Access is checked beforehand, by the route or the use case that reads.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, select

from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.authorization import valid_now
from fiks.konfigurasjon.models import Avtalekontakt, Faktura, Konto, Organisasjon, Person, Ressurs, Tilgang
from fiks.konfigurasjon.organisasjon.rules import (
    Fakturaopplysninger,
    Innbyggerkontakt,
    Kontakt,
    Oppsett,
    Oppsettstrinn,
)
from fiks.konfigurasjon.rules import P

PAGE = 50
CONTACT_FIELDS = ("tittel", "epost", "telefon")
"""The contact fields an organisation writes for its agreement administrator."""


def setup(organisasjon_id: UUID) -> Oppsett:
    """Return the progress of the first-time set-up; IkkeFunnet for an unknown organisation."""
    invoice = select(Faktura.organisasjon_id).where(Faktura.organisasjon_id == Organisasjon.id)
    row = (
        session()
        .execute(
            select(
                Organisasjon.epost.is_not(None) & (func.cardinality(Organisasjon.varsel_epost) > 0),
                invoice.correlate(Organisasjon).exists(),
                Organisasjon.innbygger_epost.is_not(None),
                Organisasjon.avtaleadmin_id.is_not(None),
                Organisasjon.konfigurert.is_not(None),
            ).where(Organisasjon.id == organisasjon_id)
        )
        .first()
    )
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    done = frozenset(step for step, there in zip(Oppsettstrinn, row[:4], strict=False) if there)
    return Oppsett(done, bool(row[4]))


def is_configured(organisasjon_id: UUID) -> bool:
    """Return whether the first-time set-up is finished; once finished it stays so."""
    found = select(Organisasjon.konfigurert.is_not(None)).where(Organisasjon.id == organisasjon_id)
    return bool(session().execute(found).scalar_one_or_none())


def is_orgnr_of_another(orgnr: str, organisasjon_id: UUID) -> bool:
    """Return whether the orgnr belongs to another open organisation on the platform, and so must not be used
    as sender.
    """
    other = (
        select(Organisasjon.id)
        .join(Ressurs, Ressurs.id == Organisasjon.id)
        .where(Organisasjon.orgnr == orgnr, Organisasjon.id != organisasjon_id, Ressurs.slettet.is_(None))
    )
    return session().execute(other).first() is not None


@dataclass(frozen=True, slots=True)
class Avtaleadministrator:
    """The person responsible for the agreements, with the number masked.

    `tittel`, `epost` and `telefon` are as the organisation itself wrote them.
    """

    navn: str
    fnr_maskert: str
    tittel: str | None
    epost: str | None
    telefon: str | None


def agreement_administrator(organisasjon_id: UUID) -> Avtaleadministrator | None:
    """Return the appointed person, or None."""
    row = (
        session()
        .execute(
            select(
                Person.navn,
                Person.fnr_maskert,
                Avtalekontakt.tittel,
                Avtalekontakt.epost,
                Avtalekontakt.telefon,
            )
            .join(Organisasjon, Organisasjon.avtaleadmin_id == Person.id)
            .outerjoin(
                Avtalekontakt,
                and_(
                    Avtalekontakt.organisasjon_id == Organisasjon.id,
                    Avtalekontakt.person_id == Organisasjon.avtaleadmin_id,
                ),
            )
            .where(Organisasjon.id == organisasjon_id)
        )
        .first()
    )
    return None if row is None else Avtaleadministrator(*row)


def invoice_of(organisasjon_id: UUID) -> Faktura | None:
    """Return the invoice data as a row to read, never to change; None if there is none."""
    return session().get(Faktura, organisasjon_id)


def current_values(organisasjon_id: UUID, part: Oppsettstrinn) -> dict[str, object]:
    """Return the stored values of one part of the organisation's data, by field; None for an empty field."""
    org = session().get_one(Organisasjon, organisasjon_id)
    if part is Oppsettstrinn.FAKTURA:
        return _fields_of(invoice_of(organisasjon_id), Fakturaopplysninger)
    if part is not Oppsettstrinn.AVTALEADMINISTRATOR:
        return _fields_of(org, Kontakt if part is Oppsettstrinn.KONTAKT else Innbyggerkontakt)
    reached = session().get(Avtalekontakt, organisasjon_id)
    about = reached if reached is not None and reached.person_id == org.avtaleadmin_id else None
    said = {name: getattr(about, name, None) for name in CONTACT_FIELDS}
    return {"avtaleadmin_id": org.avtaleadmin_id} | said


def _fields_of(
    row: object, kind: type[Kontakt | Innbyggerkontakt | Fakturaopplysninger]
) -> dict[str, object]:
    return {field.name: getattr(row, field.name, None) for field in fields(kind)}


@dataclass(frozen=True, slots=True)
class Arv:
    """Grants that apply to a node from an ancestor: how many, and from which node."""

    ressurs_id: UUID
    navn: str
    antall: int


@dataclass(frozen=True, slots=True)
class Node:
    """A ressurs in the tree. `dybde` 0 is the organisation; `direkte` grants are given here, `arvet` come
    from ancestors.

    `aktiv` is False for a closed konto; `avsender` is set only for a konto.
    """

    id: UUID
    navn: str
    type: str
    dybde: int
    sti: tuple[UUID, ...]
    aktiv: bool
    avsender: str | None
    direkte: int
    arvet: tuple[Arv, ...]


def ressurs_tree(organisasjon_id: UUID, limit: int = 1_000) -> list[Node]:
    """Return the organisation's ressurser, each below its parent and by name, with the valid grants on and
    above it.
    """
    valid = and_(
        Tilgang.ressurs_id == Ressurs.id,
        valid_now(),
    )
    held = select(func.count()).select_from(Tilgang).where(valid).correlate(Ressurs).scalar_subquery()
    rows = (
        session()
        .execute(
            select(Ressurs.id, Ressurs.navn, Ressurs.type, Ressurs.sti, Konto.aktivert, Konto.avsender, held)
            .outerjoin(Konto, Konto.id == Ressurs.id)
            .where(Ressurs.organisasjon_id == organisasjon_id, Ressurs.slettet.is_(None))
            .limit(limit)
        )
        .all()
    )
    named = {row.id: (row.navn, row[6]) for row in rows}
    paths = {row.id: tuple(row.sti) for row in rows}
    ordered = sorted(rows, key=lambda row: [(named[i][0], str(i)) for i in paths[row.id] if i in named])
    return [_node(row, named) for row in ordered]


def _node(row: Row[*tuple[object, ...]], named: dict[UUID, tuple[str, int]]) -> Node:
    path = tuple(row.sti)
    above = [i for i in path[:-1] if i in named]
    return Node(
        id=row.id,
        navn=row.navn,
        type=row.type,
        dybde=len(path) - 1,
        sti=path,
        aktiv=row.aktivert is not False,
        avsender=row.avsender,
        direkte=named[row.id][1],
        arvet=tuple(Arv(i, *named[i]) for i in above if named[i][1]),
    )


def administered_ressurser(tilganger: ColumnElement[bool], organisasjon_id: UUID) -> frozenset[UUID]:
    """Return the organisation's ressurser on which one of `tilganger` (see `queries.grants_of_person`) is
    ADMIN now.
    """
    rows = session().scalars(
        select(Tilgang.ressurs_id)
        .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
        .where(
            tilganger,
            Tilgang.privilegium == P.ADMIN,
            Ressurs.organisasjon_id == organisasjon_id,
            valid_now(),
        )
        .limit(1_000)
    )
    return frozenset(rows)
