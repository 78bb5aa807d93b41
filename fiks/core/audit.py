"""The audit log: append only, sealed into a hash chain by the sweeper.

The app's database role may INSERT and SELECT both tables, nothing else. Sealing is a row of its own, so the log
itself is never updated and the hot path never waits for the chain.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from fiks.core.actor import Aktor
from fiks.core.db import Base, session, transaction

GENESIS = b"\x00" * 32
SEAL_LOCK = 7_340_001


class Audit(Base):
    """One act of a person, an integrasjon or the house. `detaljer` never holds a personal number or an address."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_organisasjon_id_id", "organisasjon_id", "id"),)
    id: Mapped[int] = mapped_column(BigInteger(), Identity(always=True), primary_key=True)
    tid: Mapped[datetime] = mapped_column(server_default=func.now())
    organisasjon_id: Mapped[UUID | None]
    aktor: Mapped[str]
    aktor_navn: Mapped[str]
    handling: Mapped[str]
    objekt_type: Mapped[str]
    objekt_id: Mapped[str]
    detaljer: Mapped[dict[str, Any]] = mapped_column(JSONB(), server_default="{}")


class AuditSegl(Base):
    """The seal of one audit row: `hash` = SHA-256(previous hash, canonical row). `nr` is the order of the chain."""

    __tablename__ = "audit_segl"
    nr: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audit.id"), unique=True)
    hash: Mapped[bytes]


def record(
    aktor: Aktor,
    handling: str,
    objekt_type: str,
    objekt_id: object,
    *,
    organisasjon_id: UUID | None = None,
    **detaljer: object,
) -> None:
    """Write one audit row in the present transaction. Details are plain values without personal data."""
    session().add(
        Audit(
            organisasjon_id=organisasjon_id or aktor.organisasjon_id,
            aktor=aktor.ref,
            aktor_navn=aktor.navn,
            handling=handling,
            objekt_type=objekt_type,
            objekt_id=str(objekt_id),
            detaljer=detaljer,
        )
    )


def _canonical(row: Audit) -> bytes:
    fields = [
        row.id,
        row.tid.timestamp(),
        str(row.organisasjon_id),
        row.aktor,
        row.aktor_navn,
        row.handling,
        row.objekt_type,
        row.objekt_id,
        row.detaljer,
    ]
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def seal(limit: int = 5_000) -> int:
    """Seal up to `limit` unsealed rows; return how many. Only one sealer works at a time, others return 0."""
    with transaction() as tx:
        if not tx.execute(select(func.pg_try_advisory_xact_lock(SEAL_LOCK))).scalar_one():
            return 0
        last = tx.execute(select(AuditSegl.nr, AuditSegl.hash).order_by(AuditSegl.nr.desc()).limit(1)).first()
        nr, previous = (last.nr, last.hash) if last else (0, GENESIS)
        unsealed = select(Audit).outerjoin(AuditSegl, AuditSegl.audit_id == Audit.id)
        rows = tx.scalars(unsealed.where(AuditSegl.nr.is_(None)).order_by(Audit.id).limit(limit)).all()
        for row in rows:
            nr += 1
            previous = hashlib.sha256(previous + _canonical(row)).digest()
            tx.add(AuditSegl(nr=nr, audit_id=row.id, hash=previous))
        return len(rows)


def verify() -> int | None:
    """Walk the whole chain; return the first `nr` that does not fit, or None when all of it holds."""
    previous = GENESIS
    rows = select(AuditSegl, Audit).outerjoin(Audit, Audit.id == AuditSegl.audit_id).order_by(AuditSegl.nr)
    for expected, (segl, row) in enumerate(session().execute(rows.execution_options(yield_per=2_000)), 1):
        if segl.nr != expected or row is None:
            return expected
        previous = hashlib.sha256(previous + _canonical(row)).digest()
        if previous != segl.hash:
            return expected
    return None
