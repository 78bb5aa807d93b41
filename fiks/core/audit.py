"""The audit log: append only, sealed into a hash chain by the sweeper, deleted by age only.

The app's database role has INSERT and SELECT on both tables, nothing else. A seal is a row of its own, so the
log is never updated and the hot path never waits for the chain. A seal keeps the digest of its row and the
row's retention time, so the chain can be verified after expired rows have been deleted.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Identity,
    Index,
    Integer,
    and_,
    exists,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from fiks.core.actor import Aktor
from fiks.core.db import Base, session, transaction
from fiks.core.environment import current
from fiks.core.values.calendar import months_after

GENESIS = b"\x00" * 32
SEAL_LOCK = 7_340_001

LOGIN_ACTS = frozenset({"INNLOGGET", "INNLOGGING_FEILET", "UTLOGGET", "NIVAAHEVING", "AKTOR_VALGT"})
"""Acts of logging in and out: kept for 12 months; all others for 5 years. Settings may extend both
(konfigurasjon.md 9.5).
"""


LOOK_BACK = 100_000
"""`seal` looks for unsealed rows only this many ids below the newest sealed row.

A row gets its id before its transaction commits, so rows appear late. Rows further behind are found by the
walk along the chain and sealed by `fiks audit verify`.
"""


class Utfall(StrEnum):
    """Outcome of an audited act: done, refused, failed."""

    OK = "OK"
    AVVIST = "AVVIST"
    FEIL = "FEIL"


class Audit(Base):
    """One act of a person, an integrasjon or the house. `detaljer` never holds a personal number or an
    address.

    `gjelder` is the blind index of the person whose data the act was about; `hjemmel` the legal basis of the
    look-up.
    """

    __tablename__ = "audit"
    __table_args__ = (
        CheckConstraint("utfall IN ('OK', 'AVVIST', 'FEIL')", name="utfall"),
        Index("ix_audit_organisasjon_id_id", "organisasjon_id", "id"),
        Index("ix_audit_gjelder", "gjelder", "id", postgresql_where=text("gjelder IS NOT NULL")),
        Index("ix_audit_handling", "handling", "tid"),
        Index("ix_audit_objekt_id", "objekt_id", "handling"),
        Index("ix_audit_tid", "tid"),
    )
    id: Mapped[int] = mapped_column(BigInteger(), Identity(always=True), primary_key=True)
    tid: Mapped[datetime] = mapped_column(server_default=func.now())
    organisasjon_id: Mapped[UUID | None]
    aktor: Mapped[str]
    aktor_navn: Mapped[str]
    aktor_type: Mapped[str] = mapped_column(server_default="SYSTEM")
    integrasjon_id: Mapped[UUID | None]
    paa_vegne_av: Mapped[str | None]
    sikkerhetsniva: Mapped[int | None] = mapped_column(Integer())
    kanal: Mapped[str] = mapped_column(server_default="")
    request_id: Mapped[str | None]
    handling: Mapped[str]
    utfall: Mapped[str] = mapped_column(server_default="OK")
    tjeneste: Mapped[str | None]
    ressurs_id: Mapped[UUID | None]
    objekt_type: Mapped[str]
    objekt_id: Mapped[str]
    gjelder: Mapped[bytes | None]
    hjemmel: Mapped[str | None]
    detaljer: Mapped[dict[str, Any]] = mapped_column(JSONB(), server_default="{}")


class AuditSegl(Base):
    """The seal of one audit row: `hash` = SHA-256(previous hash, row digest, retention time). `nr` orders the
    chain.
    """

    __tablename__ = "audit_segl"
    __table_args__ = (Index("ix_audit_segl_bevares_til", "bevares_til"),)
    nr: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    audit_id: Mapped[int] = mapped_column(BigInteger(), unique=True)
    rad_hash: Mapped[bytes]
    bevares_til: Mapped[datetime]
    hash: Mapped[bytes]


def record(
    aktor: Aktor,
    handling: str,
    objekt_type: str,
    objekt_id: object,
    *,
    organisasjon_id: UUID | None = None,
    tjeneste: str | None = None,
    ressurs_id: UUID | None = None,
    gjelder: bytes | None = None,
    hjemmel: str | None = None,
    utfall: Utfall = Utfall.OK,
    **detaljer: object,
) -> None:
    """Add one audit entry in the present transaction. Details are plain values without personal data."""
    session().add(
        Audit(
            organisasjon_id=organisasjon_id or aktor.organisasjon_id,
            aktor=aktor.ref,
            aktor_navn=aktor.navn,
            aktor_type=str(aktor.type),
            integrasjon_id=aktor.integrasjon_id,
            paa_vegne_av=aktor.paa_vegne_av,
            sikkerhetsniva=aktor.acr or None,
            kanal=aktor.kanal,
            request_id=aktor.request_id,
            handling=handling,
            utfall=utfall,
            tjeneste=tjeneste,
            ressurs_id=ressurs_id,
            objekt_type=objekt_type,
            objekt_id=str(objekt_id),
            gjelder=gjelder,
            hjemmel=hjemmel,
            detaljer=detaljer,
        )
    )


def row_digest(row: Audit) -> bytes:
    """Return the SHA-256 of the row in one canonical form; every column counts.

    The chain holds digests made by every earlier release. A new column is therefore appended at the end, and
    only when it is not None: rows from before it keep their digest.
    """
    fields = [
        row.id,
        row.tid.timestamp(),
        str(row.organisasjon_id),
        [row.aktor, row.aktor_navn, row.aktor_type, str(row.integrasjon_id), row.paa_vegne_av],
        [row.sikkerhetsniva, row.kanal, row.request_id],
        [row.handling, row.utfall, row.tjeneste, str(row.ressurs_id)],
        [row.objekt_type, row.objekt_id],
        row.gjelder.hex() if row.gjelder else None,
        row.hjemmel,
        row.detaljer,
    ]
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).digest()


def _link(previous: bytes, digest: bytes, kept_until: datetime) -> bytes:
    return hashlib.sha256(previous + digest + str(kept_until.timestamp()).encode()).digest()


def _kept_until(row: Audit) -> datetime:
    env = current()
    months = env.revisjon_innlogging_maaneder if row.handling in LOGIN_ACTS else 12 * env.revisjon_aar
    return months_after(row.tid, months)


def newest_sealed() -> int:
    """Return the highest id among sealed rows; 0 when no row is sealed."""
    return session().scalar(select(func.max(AuditSegl.audit_id))) or 0


def is_unsealed(after: int | None = None, upto: int | None = None) -> ColumnElement[bool]:
    """Return the SQL condition that an `Audit` row has no seal, limited to `after` < id <= `upto` where
    given.

    The bounds also limit how many seals the query reads.
    """

    def within(column: InstrumentedAttribute[int]) -> list[ColumnElement[bool]]:
        low = [] if after is None else [column > after]
        return low if upto is None else [*low, column <= upto]

    sealed = exists().where(AuditSegl.audit_id == Audit.id, *within(AuditSegl.audit_id))
    return and_(~sealed, *within(Audit.id))


def first_missed_row(after: int, upto: int) -> int | None:
    """Return the first unsealed row with `after` < id <= `upto` that is too old for `seal` to look at; None
    when there is none.
    """
    old = min(upto, newest_sealed() - LOOK_BACK)
    return (
        session().scalar(select(func.min(Audit.id)).where(is_unsealed(after, old))) if old > after else None
    )


def seal(limit: int = 5_000, *, whole: bool = False) -> int:
    """Seal up to `limit` unsealed rows; return how many. Only one sealer works at a time; a second one
    returns 0.

    `whole`: search the whole log for unsealed rows; otherwise only the newest LOOK_BACK ids.
    """
    with transaction() as tx:
        if not tx.execute(select(func.pg_try_advisory_xact_lock(SEAL_LOCK))).scalar_one():
            return 0
        last = tx.execute(select(AuditSegl.nr, AuditSegl.hash).order_by(AuditSegl.nr.desc()).limit(1)).first()
        nr, previous = (last.nr, last.hash) if last else (0, GENESIS)
        unsealed = is_unsealed() if whole else is_unsealed(newest_sealed() - LOOK_BACK)
        rows = tx.scalars(select(Audit).where(unsealed).order_by(Audit.id).limit(limit)).all()
        seals = []
        for row in rows:
            nr += 1
            digest, until = row_digest(row), _kept_until(row)
            previous = _link(previous, digest, until)
            seals.append(
                {"nr": nr, "audit_id": row.id, "rad_hash": digest, "bevares_til": until, "hash": previous}
            )
        if seals:
            tx.execute(insert(AuditSegl), seals)
        return len(seals)


@dataclass(frozen=True, slots=True)
class ChainPosition:
    """A position of a walk along the chain: number and hash of the last valid seal, and the highest row id
    passed so far.
    """

    nr: int
    hash: bytes
    rad: int = 0


CHAIN_START = ChainPosition(0, GENESIS)


def is_still_on_chain(place: ChainPosition) -> bool:
    """Return whether the chain still holds this seal with the same hash as when the walk passed it."""
    seal = select(AuditSegl.hash).where(AuditSegl.nr == place.nr)
    found = session().scalar(seal)
    session().rollback()
    return found == place.hash


def verify() -> int | None:
    """Verify the whole chain; return the number of the first broken seal, or None when the chain is whole."""
    return verify_from(CHAIN_START)[1]


def verify_from(place: ChainPosition, limit: int | None = None) -> tuple[ChainPosition, int | None]:
    """Verify the chain from `place`, at most `limit` seals; return the last valid position and the first
    broken number.

    The number is None when nothing is broken. At the end of the chain the position stays the same. A missing
    row is valid only when the retention time in its seal has passed.
    """
    # clock_timestamp(): a row that is over, and deleted, between the transaction's now() and its snapshot is no break.
    rows = (
        select(AuditSegl, Audit, AuditSegl.bevares_til < func.clock_timestamp())
        .outerjoin(Audit, Audit.id == AuditSegl.audit_id)
        .order_by(AuditSegl.nr)
        .limit(limit)
    )
    if place != CHAIN_START:  # from there also a seal is met that stands before the first
        rows = rows.where(AuditSegl.nr > place.nr)
    for segl, row, over in session().execute(rows.execution_options(yield_per=2_000)):
        link = _link(place.hash, segl.rad_hash, segl.bevares_til)
        whole = over if row is None else row_digest(row) == segl.rad_hash
        if segl.nr != place.nr + 1 or link != segl.hash or not whole:
            return place, place.nr + 1
        place = ChainPosition(segl.nr, link, max(place.rad, segl.audit_id))
    return place, None
