"""Tables of letters made elsewhere: a mailing's files, their rows, the konto's last settings (ADR 0020)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger

from fiks.core.db import Base


class Brevfil(Base):
    """One finished PDF of a mailing: uploaded, or cut from the big PDF, pages `fra_side` to `til_side`.

    ADR 0020. The name may hold a personal number: it is encrypted, found by `navn_indeks` (exact, NFC) and
    `navnelikhet` (case-insensitive), shown masked as `vist_navn`. `form["bilder"]`: its pictures.
    """

    __tablename__ = "brevfil"
    __table_args__ = (
        UniqueConstraint("utsending_id", "nr"),
        CheckConstraint("status IN ('MOTTATT', 'LEST', 'FEILET')", name="status"),
        Index("ix_brevfil_navn_indeks", "utsending_id", "navn_indeks"),
        Index("ix_brevfil_navnelikhet", "utsending_id", "navnelikhet"),
        Index("ix_brevfil_objekt", "objekt"),
        Index("ix_brevfil_bilder", "utsending_id", postgresql_where=text("form ? 'bilder'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    utsending_id: Mapped[UUID] = mapped_column(ForeignKey("utsending.id", ondelete="CASCADE"))
    nr: Mapped[int] = mapped_column(Integer())
    navn_kryptert: Mapped[bytes | None]
    navn_indeks: Mapped[bytes | None]
    navnelikhet: Mapped[bytes | None]
    vist_navn: Mapped[str]
    storrelse: Mapped[int] = mapped_column(BigInteger())
    sha256: Mapped[bytes]
    objekt: Mapped[str | None]
    fra: Mapped[int | None]
    lengde: Mapped[int | None]
    nokkel: Mapped[bytes | None]
    fra_side: Mapped[int | None] = mapped_column(Integer())
    til_side: Mapped[int | None] = mapped_column(Integer())
    sider: Mapped[int | None] = mapped_column(Integer())
    giroark: Mapped[list[Any]] = mapped_column(JSONB(), server_default="[]")
    status: Mapped[str] = mapped_column(server_default="MOTTATT")
    feilkode: Mapped[str | None]
    funn: Mapped[list[Any]] = mapped_column(JSONB(), server_default="[]")
    form: Mapped[dict[str, Any]] = mapped_column(JSONB(), server_default="{}")
    opprettet_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())


class Radfil(Base):
    """Link: a row sends a file as its document number `nr` (from 1)."""

    __tablename__ = "radfil"
    __table_args__ = (
        ForeignKeyConstraint(
            ["utsending_id", "radnr"],
            ["utsendingsrad.utsending_id", "utsendingsrad.radnr"],
            name="fk_radfil_rad",
            ondelete="CASCADE",
        ),
        Index("ix_radfil_brevfil_id", "brevfil_id"),
    )
    utsending_id: Mapped[UUID] = mapped_column(primary_key=True)
    radnr: Mapped[int] = mapped_column(Integer(), primary_key=True)
    nr: Mapped[int] = mapped_column(Integer(), primary_key=True)
    brevfil_id: Mapped[UUID] = mapped_column(ForeignKey("brevfil.id", ondelete="CASCADE"))


class Brevoppsett(Base):
    """The konto's last settings for cutting a big PDF or marking giro pages, by way of sending (`art`)."""

    __tablename__ = "brevoppsett"
    konto_id: Mapped[UUID] = mapped_column(ForeignKey("konto.id"), primary_key=True)
    art: Mapped[str] = mapped_column(primary_key=True)
    oppsett: Mapped[dict[str, Any]] = mapped_column(JSONB())
    brukt: Mapped[datetime] = mapped_column(server_default=func.now())
