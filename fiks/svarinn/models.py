"""Tables of SvarInn: the mottakersystem that fetch letters, and which organisations they receive for."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from fiks.core.db import Base


class Mottakersystem(Base):
    """One receiving system (svarut.md 5.1)."""

    __tablename__ = "mottakersystem"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    navn: Mapped[str]
    aktiv: Mapped[bool] = mapped_column(server_default=text("true"))


class Organisasjonskobling(Base):
    """An organisation number a mottakersystem receives for; no types means all types."""

    __tablename__ = "organisasjonskobling"
    __table_args__ = (
        CheckConstraint("sikkerhetsniva IN ('ALLE', 'HOYESTE', 'BETYDELIG')", name="sikkerhetsniva"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    mottakersystem_id: Mapped[UUID] = mapped_column(ForeignKey("mottakersystem.id"), index=True)
    organisasjonsnummer: Mapped[str] = mapped_column(index=True)
    forsendelsestyper: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default="{}")
    sikkerhetsniva: Mapped[str] = mapped_column(server_default="ALLE")
