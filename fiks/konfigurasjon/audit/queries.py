"""Reads of the audit log: one organisation's rows, filtered, newest first. Needs AUDIT.LES there.

`audit.search` writes the audit row for looking; the doors call it before they read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.audit.names import HOLDER_DETAILS, ID_DETAILS, Navn, concerns, names_of, parse_id
from fiks.konfigurasjon.models import Integrasjon, Person, Ressurs
from fiks.konfigurasjon.queries import PAGE
from fiks.konfigurasjon.rules import P

PORTION = 1_000
LONGEST_TRANSACTION = timedelta(days=1)
"""Longer than any transaction that writes an audit row."""
MAX_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Utvalg:
    """Search criteria; an empty field does not filter. `sok` matches part of an actor's name or of an
    object's id.

    When `sok` is a whole id, acts by that id and grants it got or lost match too. `fra` and `til` are days in
    Oslo, both inclusive.
    """

    sok: str = ""
    fra: date | None = None
    til: date | None = None
    handling: str = ""
    tjeneste: str = ""
    aktor_type: str = ""
    utfall: str = ""
    request_id: str = ""

    @property
    def names(self) -> list[str]:
        """Return the names of the fields that filter, never their values."""
        return [f.name for f in fields(self) if getattr(self, f.name)]


@dataclass(frozen=True, slots=True)
class Auditrad:
    """One audited act, with names looked up. `gjelder` is the masked number of the person whose data it
    concerned, if the house knows that person.

    `ressurs` and `integrasjon` are names; None when absent or another organisation's. `aktor_fnr` is the
    masked number of the person who acted, "" for other actors and for a citizen who acted for an
    organisation. `objekt` names the object of the act, and `navn` the ids in `detaljer`, by detail, where
    known.
    """

    id: int
    tid: datetime
    aktor_navn: str
    aktor_type: str
    paa_vegne_av: str | None
    integrasjon: str | None
    kanal: str
    request_id: str | None
    handling: str
    utfall: str
    tjeneste: str | None
    ressurs: str | None
    objekt_type: str
    objekt_id: str
    gjelder: str | None
    hjemmel: str | None
    detaljer: dict[str, Any]
    integrasjon_id: UUID | None
    aktor_fnr: str
    objekt: Navn | None
    navn: Mapping[str, Navn]


def audit_log(
    organisasjon_id: UUID, utvalg: Utvalg, *, actor: Aktor, before: int | None = None, limit: int = PAGE
) -> list[Auditrad]:
    """Return the organisation's audit rows that match `utvalg`, newest first, keyset paged by id."""
    queries.require(actor, P.AUDIT_LES, organisasjon_id)
    query = _rows(organisasjon_id).where(matches(organisasjon_id, utvalg)).limit(limit)
    if before is not None:
        query = query.where(Audit.id < before)
    return _with_names(organisasjon_id, session().execute(query).all())


def _with_names(organisasjon_id: UUID, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Auditrad]:
    """Add names to the rows; all ids are looked up together."""
    mentioned = [_ids_of(row.aktor, row.objekt_type, row.objekt_id, row.detaljer) for row in rows]
    names = names_of(organisasjon_id, (one for ids in mentioned for one in ids.values()))
    found = []
    for row, ids in zip(rows, mentioned, strict=True):
        known = {name: names[one] for name, one in ids.items() if one in names}
        actor, objekt = known.pop("", None), known.pop("objekt_id", None)
        for_another = row.paa_vegne_av is not None and row.integrasjon_id is None
        number = "" if actor is None or for_another else actor.fnr_maskert
        found.append(Auditrad(*(*row[1:], number, objekt, known)))
    return found


def _ids_of(aktor: str, objekt_type: str, objekt_id: str, detaljer: Mapping[str, Any]) -> dict[str, UUID]:
    """Return the ids a row mentions, by detail name; the acting person under "" and the object under
    `objekt_id`.
    """
    told = {"": aktor, "objekt_id": objekt_id if objekt_type in HOLDER_DETAILS else None}
    told |= {name: detaljer.get(name) for name in ID_DETAILS}
    return {name: one for name, value in told.items() if (one := parse_id(value)) is not None}


def export_rows(
    organisasjon_id: UUID, utvalg: Utvalg, newest: int, *, actor: Aktor, portion: int = PORTION
) -> Iterator[Auditrad]:
    """Yield every matching row up to the id `newest`, newest first, in portions; access is checked again for
    each portion.
    """
    before = newest + 1
    while rows := audit_log(organisasjon_id, utvalg, actor=actor, before=before, limit=portion):
        session().rollback()
        before = rows[-1].id
        yield from rows


def _rows(organisasjon_id: UUID) -> Select[*tuple[Any, ...]]:
    own = and_(Ressurs.id == Audit.ressurs_id, Ressurs.organisasjon_id == organisasjon_id)
    machine = and_(
        Integrasjon.id == Audit.integrasjon_id,
        or_(Integrasjon.organisasjon_id == organisasjon_id, Integrasjon.organisasjon_id.is_(None)),
    )
    return (
        select(
            Audit.aktor,
            Audit.id,
            Audit.tid,
            Audit.aktor_navn,
            Audit.aktor_type,
            Audit.paa_vegne_av,
            Integrasjon.navn,
            Audit.kanal,
            Audit.request_id,
            Audit.handling,
            Audit.utfall,
            Audit.tjeneste,
            Ressurs.navn,
            Audit.objekt_type,
            Audit.objekt_id,
            Person.fnr_maskert,
            Audit.hjemmel,
            Audit.detaljer,
            Audit.integrasjon_id,
        )
        .select_from(Audit)
        .outerjoin(Ressurs, own)
        .outerjoin(Integrasjon, machine)
        .outerjoin(Person, Person.fnr_indeks == Audit.gjelder)
        .order_by(Audit.id.desc())
    )


def matches(organisasjon_id: UUID, utvalg: Utvalg) -> ColumnElement[bool]:
    """SQL: the audit row belongs to the organisation and matches `utvalg`."""
    wanted: list[ColumnElement[bool]] = [Audit.organisasjon_id == organisasjon_id]
    exact = {
        Audit.handling: utvalg.handling,
        Audit.tjeneste: utvalg.tjeneste,
        Audit.aktor_type: utvalg.aktor_type,
        Audit.utfall: utvalg.utfall,
        Audit.request_id: utvalg.request_id,
    }
    wanted += [column == value for column, value in exact.items() if value]
    if utvalg.sok:
        found = [
            column.icontains(utvalg.sok, autoescape=True) for column in (Audit.aktor_navn, Audit.objekt_id)
        ]
        sought = parse_id(utvalg.sok)
        wanted.append(or_(*found, *([concerns(sought)] if sought else ())))
    if utvalg.fra:
        wanted += _since(_midnight(utvalg.fra))
    if utvalg.til:
        wanted += _until(_midnight(utvalg.til + timedelta(days=1)))
    return and_(*wanted)


def _since(first: datetime) -> list[ColumnElement[bool]]:
    """SQL: rows from `first` on. Limited by id as well as by time, so that the id index bounds the scan.

    A row gets its id before its transaction commits, and its time is the start of the transaction. Ids
    therefore follow the time to within LONGEST_TRANSACTION, and rows further away on either side can be
    skipped.
    """
    earlier = (
        select(Audit.id).where(Audit.tid < first - LONGEST_TRANSACTION).order_by(Audit.tid.desc()).limit(1)
    )
    return [Audit.tid >= first, Audit.id > func.coalesce(earlier.scalar_subquery(), 0)]


def _until(end: datetime) -> list[ColumnElement[bool]]:
    later = select(Audit.id).where(Audit.tid >= end + LONGEST_TRANSACTION).order_by(Audit.tid).limit(1)
    return [Audit.tid < end, Audit.id < func.coalesce(later.scalar_subquery(), MAX_ID)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), OSLO)
