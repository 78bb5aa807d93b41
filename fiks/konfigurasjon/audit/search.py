"""Audit of the audit: each search and export is recorded with the filters used, never their values."""

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
from fiks.konfigurasjon.audit.queries import Utvalg, matches
from fiks.konfigurasjon.rules import P

AUDIT_INTERVAL = timedelta(minutes=1)
EXPORT_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Eksport:
    """An export that has begun: its number of rows and the id of the newest."""

    antall: int
    newest: int


def note_search(organisasjon_id: UUID, utvalg: Utvalg, *, actor: Aktor) -> None:
    """Audit that `actor` searches. Without filters at most once a minute, so that paging does not fill the
    log.
    """
    queries.require(actor, P.AUDIT_LES, organisasjon_id)
    with transaction() as tx:
        if not utvalg.names and tx.execute(select(_audited_just_now(organisasjon_id, actor))).scalar_one():
            return
        audit.record(
            actor,
            "AUDIT_SOKT",
            "revisjonslogg",
            organisasjon_id,
            organisasjon_id=organisasjon_id,
            filtre=utvalg.names,
        )


def _audited_just_now(organisasjon_id: UUID, actor: Aktor) -> ColumnElement[bool]:
    return (
        select(Audit.id)
        .where(
            Audit.handling == "AUDIT_SOKT",
            Audit.tid > func.now() - AUDIT_INTERVAL,
            Audit.aktor == actor.ref,
            Audit.organisasjon_id == organisasjon_id,
            Audit.detaljer["filtre"] == [],
        )
        .exists()
    )


def begin_export(organisasjon_id: UUID, utvalg: Utvalg, *, actor: Aktor, limit: int = EXPORT_ROWS) -> Eksport:
    """Audit an export with its number of rows. Raises Konflikt("REVISJON_FOR_MANGE") for more than `limit`
    rows.
    """
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
