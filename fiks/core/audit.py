"""The audit log: append only, sealed into a hash chain by the sweeper, and deleted by age only.

The app's database role may INSERT and SELECT both tables, nothing else. Sealing is a row of its own, so the log
itself is never updated and the hot path never waits for the chain. A seal keeps the digest of its row and how long
the row must be kept, so the chain can still be verified when rows whose time is over have been deleted.
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
from fiks.core.calendar import months_after
from fiks.core.db import Base, session, transaction
from fiks.core.environment import current

GENESIS = b"\x00" * 32
SEAL_LOCK = 7_340_001

LOGIN_ACTS = frozenset({"INNLOGGET", "INNLOGGING_FEILET", "UTLOGGET", "NIVAAHEVING", "AKTOR_VALGT"})
"""Acts of logging in and out: kept 12 months, all others 5 years, or longer by setting (konfigurasjon.md 9.5)."""


LOOK_BACK = 100_000
"""So many ids before the newest that has a seal may a row still get one: it has its id before its transaction commits.
What is left further behind, the walk along the chain finds, and `fiks audit verify` seals."""


class Utfall(StrEnum):
    OK = "OK"
    AVVIST = "AVVIST"
    FEIL = "FEIL"


class Audit(Base):
    """One act of a person, an integrasjon or the house. `detaljer` never holds a personal number or an address.

    `gjelder` is the blind index of the person whose data it was about; `hjemmel` the legal basis of the look-up.
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
    """The seal of one audit row: `hash` = SHA-256(previous hash, row digest, kept until). `nr` orders the chain."""

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
    """Write one audit row in the present transaction. Details are plain values without personal data."""
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
    """SHA-256 of the row in one canonical form; every column counts.

    The chain has the digests of rows of every release there has been. A new column therefore enters at the end, and
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
    """The highest id of a row that has a seal; 0 when none has."""
    return session().scalar(select(func.max(AuditSegl.audit_id))) or 0


def without_seal(after: int | None = None, upto: int | None = None) -> ColumnElement[bool]:
    """The condition on `Audit` that a row has no seal; with `after` and `upto`, of ids above the one and not above the
    other, and then only what lies between is read."""

    def within(column: InstrumentedAttribute[int]) -> list[ColumnElement[bool]]:
        low = [] if after is None else [column > after]
        return low if upto is None else [*low, column <= upto]

    sealed = exists().where(AuditSegl.audit_id == Audit.id, *within(AuditSegl.audit_id))
    return and_(~sealed, *within(Audit.id))


def left_behind(after: int, upto: int) -> int | None:
    """The first row, of ids above `after` and not above `upto`, that has no seal and that `seal` no longer looks at."""
    old = min(upto, newest_sealed() - LOOK_BACK)
    return (
        session().scalar(select(func.min(Audit.id)).where(without_seal(after, old))) if old > after else None
    )


def seal(limit: int = 5_000, *, whole: bool = False) -> int:
    """Seal up to `limit` unsealed rows; return how many. Only one sealer works at a time, others return 0.

    Rows are looked for among the newest; `whole`: in all of the log.
    """
    with transaction() as tx:
        if not tx.execute(select(func.pg_try_advisory_xact_lock(SEAL_LOCK))).scalar_one():
            return 0
        last = tx.execute(select(AuditSegl.nr, AuditSegl.hash).order_by(AuditSegl.nr.desc()).limit(1)).first()
        nr, previous = (last.nr, last.hash) if last else (0, GENESIS)
        unsealed = without_seal() if whole else without_seal(newest_sealed() - LOOK_BACK)
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
class Place:
    """How far a walk along the chain has come: the number and the hash of the last seal that fitted, and the highest id
    of a row whose seal was passed."""

    nr: int
    hash: bytes
    rad: int = 0


START = Place(0, GENESIS)


def is_on_the_chain(place: Place) -> bool:
    """Whether the seal of this number is there, and still what it was when the walk came past it."""
    seal = select(AuditSegl.hash).where(AuditSegl.nr == place.nr)
    found = session().scalar(seal)
    session().rollback()
    return found == place.hash


def verify() -> int | None:
    """Walk the whole chain; return the first `nr` that does not fit, or None when all of it holds."""
    return walk(START)[1]


def walk(place: Place, limit: int | None = None) -> tuple[Place, int | None]:
    """Walk on from `place`, at most `limit` seals; return the place of the last that fits, and the first `nr` that does
    not. Where no seal is left, the place is the same and nothing is broken.

    A row may be missing only when the time its seal says it is kept is over.
    """
    # clock_timestamp(): a row that is over, and deleted, between the transaction's now() and its snapshot is no break.
    rows = (
        select(AuditSegl, Audit, AuditSegl.bevares_til < func.clock_timestamp())
        .outerjoin(Audit, Audit.id == AuditSegl.audit_id)
        .order_by(AuditSegl.nr)
        .limit(limit)
    )
    if place != START:  # from there also a seal is met that stands before the first
        rows = rows.where(AuditSegl.nr > place.nr)
    for segl, row, over in session().execute(rows.execution_options(yield_per=2_000)):
        link = _link(place.hash, segl.rad_hash, segl.bevares_til)
        whole = over if row is None else row_digest(row) == segl.rad_hash
        if segl.nr != place.nr + 1 or link != segl.hash or not whole:
            return place, place.nr + 1
        place = Place(segl.nr, link, max(place.rad, segl.audit_id))
    return place, None
