"""Tables of SvarInn: the mottakersystemer that fetch letters, and what each of them receives."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from fiks.core.db import Base


class Mottakersystem(Base):
    """One receiving system (svarut.md 5.1). Its id is also the id of its ressurs, and its user name.

    `sertifikat` is the PEM that its letters are encrypted to. `eposter` are warned when letters are not
    fetched. `sertifikat_varslet`: the last expiry warning sent, in days before expiry.
    """

    __tablename__ = "mottakersystem"
    id: Mapped[UUID] = mapped_column(ForeignKey("ressurs.id"), primary_key=True)
    organisasjon_id: Mapped[UUID] = mapped_column(ForeignKey("organisasjon.id"), index=True)
    navn: Mapped[str]
    aktiv: Mapped[bool] = mapped_column(server_default=text("true"))
    eposter: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default="{}")
    sertifikat: Mapped[bytes | None]
    sertifikat_utloper: Mapped[datetime | None]
    sertifikat_endret: Mapped[datetime | None]
    sertifikat_varslet: Mapped[int | None] = mapped_column(Integer())
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())


class Mottakersystempassord(Base):
    """The service password of a mottakersystem, as a keyed hash."""

    __tablename__ = "mottakersystempassord"
    mottakersystem_id: Mapped[UUID] = mapped_column(ForeignKey("mottakersystem.id"), primary_key=True)
    passord_hash: Mapped[bytes]
    laget: Mapped[datetime] = mapped_column(server_default=func.now())
    laget_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    sist_brukt: Mapped[datetime | None]


class Organisasjonskobling(Base):
    """An organisation number that a mottakersystem receives for; no types means all types."""

    __tablename__ = "organisasjonskobling"
    __table_args__ = (
        CheckConstraint("sikkerhetsniva IN ('ALLE', 'HOYESTE', 'BETYDELIG')", name="sikkerhetsniva"),
        CheckConstraint("organisasjonsnummer ~ '^[0-9]{9}$'", name="orgnr_form"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    mottakersystem_id: Mapped[UUID] = mapped_column(ForeignKey("mottakersystem.id"), index=True)
    organisasjonsnummer: Mapped[str] = mapped_column(index=True)
    navn: Mapped[str] = mapped_column(server_default="")
    forsendelsestyper: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default="{}")
    sikkerhetsniva: Mapped[str] = mapped_column(server_default="ALLE")


class Mottaksplass(Base):
    """Routing table: at most one system gets an organisation's letters of one type ('': every other type) at
    one level.

    It holds the koblinger of active systems, expanded; letters are routed by this table alone.
    """

    __tablename__ = "mottaksplass"
    __table_args__ = (
        CheckConstraint("sikkerhetsniva IN ('HOYESTE', 'BETYDELIG')", name="sikkerhetsniva"),
        Index("ix_mottaksplass_kobling_id", "kobling_id"),
    )
    organisasjonsnummer: Mapped[str] = mapped_column(primary_key=True)
    forsendelsestype: Mapped[str] = mapped_column(primary_key=True)
    sikkerhetsniva: Mapped[str] = mapped_column(primary_key=True)
    kobling_id: Mapped[UUID] = mapped_column(ForeignKey("organisasjonskobling.id", ondelete="CASCADE"))
    mottakersystem_id: Mapped[UUID] = mapped_column(ForeignKey("mottakersystem.id"))
