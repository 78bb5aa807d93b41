"""Looking in the audit log is itself audited: which filters were used, never what stood in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import transaction
from fiks.core.errors import Konflikt
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.audit_queries import Utvalg, matches
from fiks.konfigurasjon.rules import P

QUIET = timedelta(minutes=1)
EXPORT_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Eksport:
    """An export that is begun: how many rows it has, and the id of its newest."""

    antall: int
    newest: int


def note_search(organisasjon_id: UUID, utvalg: Utvalg, *, actor: Aktor) -> None:
    """Audit that `actor` looks. Without a filter at most once a minute, so that turning pages does not fill the log."""
    queries.require(actor, P.AUDIT_LES, organisasjon_id)
    with transaction() as tx:
        if not utvalg.names and tx.execute(select(_noted_just_now(organisasjon_id, actor))).scalar_one():
            return
        audit.record(
            actor,
            "AUDIT_SOKT",
            "revisjonslogg",
            organisasjon_id,
            organisasjon_id=organisasjon_id,
            filtre=utvalg.names,
        )


def _noted_just_now(organisasjon_id: UUID, actor: Aktor) -> ColumnElement[bool]:
    return (
        select(Audit.id)
        .where(
            Audit.handling == "AUDIT_SOKT",
            Audit.tid > func.now() - QUIET,
            Audit.aktor == actor.ref,
            Audit.organisasjon_id == organisasjon_id,
            Audit.detaljer["filtre"] == [],
        )
        .exists()
    )


def begin_export(organisasjon_id: UUID, utvalg: Utvalg, *, actor: Aktor, limit: int = EXPORT_ROWS) -> Eksport:
    """Audit the export with its number of rows. Konflikt("REVISJON_FOR_MANGE") when there are more than `limit`."""
    queries.require(actor, P.AUDIT_LES, organisasjon_id)
    with transaction() as tx:
        found = select(Audit.id).where(matches(organisasjon_id, utvalg)).limit(limit + 1).subquery()
        antall, newest = tx.execute(select(func.count(), func.max(found.c.id)).select_from(found)).one()
        if antall > limit:
            raise Konflikt("REVISJON_FOR_MANGE", grense=limit)
        audit.record(
            actor,
            "DATA_EKSPORTERT",
            "revisjonslogg",
            organisasjon_id,
            organisasjon_id=organisasjon_id,
            antall=antall,
            filtre=utvalg.names,
        )
        return Eksport(antall, newest or 0)
