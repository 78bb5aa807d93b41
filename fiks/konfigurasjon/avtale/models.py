"""Tables for taking a service into use: services, agreement versions, signatures, activation state."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from fiks.core.db import Base


class Tjeneste(Base):
    """A Fiks service that organisations can take into use (konfigurasjon.md 2.3)."""

    __tablename__ = "tjeneste"
    __table_args__ = (CheckConstraint("kode ~ '^[0-9A-Z_.]+$'", name="kode_form"),)
    kode: Mapped[str] = mapped_column(primary_key=True)
    ressurs_type: Mapped[str]
    tilgjengelig_for: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    aktivert: Mapped[bool] = mapped_column(server_default=text("true"))


class Avtale(Base):
    """One version of an agreement: the hovedavtale (no service) or the tjenestevedlegg of a service.

    The version with the highest number of those that are published is the one in force.
    """

    __tablename__ = "avtale"
    __table_args__ = (
        UniqueConstraint("tjeneste_kode", "versjon", postgresql_nulls_not_distinct=True),
        CheckConstraint("versjon >= 1", name="versjon"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    tjeneste_kode: Mapped[str | None] = mapped_column(ForeignKey("tjeneste.kode"))
    versjon: Mapped[int] = mapped_column(Integer())
    tittel: Mapped[str]
    tekst: Mapped[str]
    sha256: Mapped[bytes]
    publisert: Mapped[datetime] = mapped_column(server_default=func.now())


class Avtalesignatur(Base):
    """An organisation's signature on one agreement version: who, when, and the digest of the text shown."""

    __tablename__ = "avtalesignatur"
    __table_args__ = (
        UniqueConstraint("organisasjon_id", "avtale_id"),
        Index("ix_avtalesignatur_avtale_id", "avtale_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisasjon_id: Mapped[UUID] = mapped_column(ForeignKey("organisasjon.id"))
    avtale_id: Mapped[UUID] = mapped_column(ForeignKey("avtale.id"))
    signert: Mapped[datetime] = mapped_column(server_default=func.now())
    signert_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    signert_navn: Mapped[str]
    sha256: Mapped[bytes]


class Tjenesteaktivering(Base):
    """Activation state of a service in an organisation: initialised (its ressurs exists), then configured."""

    __tablename__ = "tjenesteaktivering"
    __table_args__ = (
        CheckConstraint("konfigurert IS NULL OR konfigurert >= initialisert", name="rekkefolge"),
    )
    organisasjon_id: Mapped[UUID] = mapped_column(ForeignKey("organisasjon.id"), primary_key=True)
    tjeneste_kode: Mapped[str] = mapped_column(ForeignKey("tjeneste.kode"), primary_key=True)
    ressurs_id: Mapped[UUID] = mapped_column(ForeignKey("ressurs.id"), unique=True)
    initialisert: Mapped[datetime] = mapped_column(server_default=func.now())
    initialisert_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    konfigurert: Mapped[datetime | None]
    konfigurert_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
