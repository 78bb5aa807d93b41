"""Tables of the channels: delivery attempts, early receipts, discrepancies, look-ups and circuit breakers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from fiks.core.db import Base


class Leveringsforsok(Base):
    """The ledger of delivery attempts: a row is committed before its call is made."""

    __tablename__ = "leveringsforsok"
    __table_args__ = (Index("ix_leveringsforsok_kanal", "kanal", "avsluttet"),)
    levering_id: Mapped[UUID] = mapped_column(ForeignKey("levering.id", ondelete="CASCADE"), primary_key=True)
    nr: Mapped[int] = mapped_column(Integer(), primary_key=True)
    kanal: Mapped[str]
    startet: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    avsluttet: Mapped[datetime | None]
    utfall: Mapped[str | None]
    detalj: Mapped[str | None]


class TidligKvittering(Base):
    """A receipt that arrived before our own record of the call it answers; applied and deleted with that
    record.
    """

    __tablename__ = "tidlig_kvittering"
    levering_id: Mapped[UUID] = mapped_column(ForeignKey("levering.id", ondelete="CASCADE"), primary_key=True)
    art: Mapped[str] = mapped_column(primary_key=True)
    kanal: Mapped[str]
    tidspunkt: Mapped[datetime]
    detaljer: Mapped[dict[str, Any]] = mapped_column(JSONB(), server_default="{}")


class Kanalavvik(Base):
    """A reference on which a channel's books and ours disagree, until a person has looked into it.

    `art`: UKJENT_HOS_OSS, the channel reports a letter that is not ours; UKJENT_HOS_DEM, the channel does not
    know a letter that we handed over.
    """

    __tablename__ = "kanalavvik"
    __table_args__ = (CheckConstraint("art IN ('UKJENT_HOS_OSS', 'UKJENT_HOS_DEM')", name="art"),)
    kanal: Mapped[str] = mapped_column(primary_key=True)
    referanse: Mapped[str] = mapped_column(primary_key=True)
    art: Mapped[str] = mapped_column(primary_key=True)
    funnet: Mapped[datetime] = mapped_column(server_default=func.now())


class Kanaloppslag(Base):
    """When a channel was last asked about a levering it has sent no receipt for.

    Deleted when the receipt comes, or after a month. No foreign key: each look-up would lock the levering,
    and a receipt would have to wait for it.
    """

    __tablename__ = "kanaloppslag"
    levering_id: Mapped[UUID] = mapped_column(primary_key=True)
    spurt: Mapped[datetime] = mapped_column(server_default=func.now())


class Banestatus(Base):
    """The circuit breaker of a lane, channel or register: whether it is paused, and why (many failures,
    frozen by a person).
    """

    __tablename__ = "banestatus"
    navn: Mapped[str] = mapped_column(primary_key=True)
    stengt: Mapped[bool] = mapped_column(server_default=text("false"))
    grunn: Mapped[str | None]
    apnes: Mapped[datetime | None]
    endret: Mapped[datetime] = mapped_column(server_default=func.now())
