"""The table of e-mails: the row is the queue, and its receiver is encrypted."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, Integer, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from fiks.core.db import Base
from fiks.core.telemetry import trace
from fiks.epost.rules import Mal, Sprak, Status


def _one_of(column: str, values: type[Mal] | type[Sprak] | type[Status]) -> str:
    names = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({names})"


class Epost(Base):
    """One e-mail to one address. `nokkel` and `til_indeks` together are unique, so it is written once.

    `neste_forsok` is also its claim: whoever takes it moves it forward first. `til_kryptert` is deleted with
    the row. `request_id` is the request that was followed when it was written.
    """

    __tablename__ = "epost"
    __table_args__ = (
        CheckConstraint(_one_of("mal", Mal), name="mal"),
        CheckConstraint(_one_of("sprak", Sprak), name="sprak"),
        CheckConstraint(_one_of("status", Status), name="status"),
        CheckConstraint("(status = 'KLAR') = (avsluttet IS NULL)", name="avsluttet"),
        UniqueConstraint("nokkel", "til_indeks"),
        Index("ix_epost_klar", "neste_forsok", "id", postgresql_where=text("status = 'KLAR'")),
        Index("ix_epost_avsluttet", "avsluttet", postgresql_where=text("avsluttet IS NOT NULL")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    nokkel: Mapped[str]
    mal: Mapped[str]
    sprak: Mapped[str]
    til_kryptert: Mapped[bytes]
    til_indeks: Mapped[bytes]
    verdier: Mapped[dict[str, Any]] = mapped_column(JSONB())
    status: Mapped[str] = mapped_column(server_default=Status.KLAR)
    forsok: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    neste_forsok: Mapped[datetime] = mapped_column(server_default=func.now())
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())
    avsluttet: Mapped[datetime | None]
    feilkode: Mapped[str | None]
    request_id: Mapped[str | None] = mapped_column(default=trace.current_request_id)
