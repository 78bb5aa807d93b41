"""Tables of letters that lie ready for a mottakersystem, and of what it reported when it could not take one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from fiks.core.db import Base


class SvarinnMottak(Base):
    """A letter laid ready for the mottakersystem that it was routed to at its hand-over.

    `lukket`: it waits no longer; `avvist`: because the system said for good that it cannot take it. `klarfiler` is,
    by document number, digest and size in clear of the documents that their sender had encrypted. `advarsel`: when
    somebody was first told that it is not fetched. Of those who receive by hand, `tildelt_person_id` or the unit
    `tildelt_enhet` is to do it, and `notat_kryptert` is what they note of it.
    """

    __tablename__ = "svarinn_mottak"
    __table_args__ = (
        CheckConstraint("tildelt_person_id IS NULL OR tildelt_enhet IS NULL", name="en_tildelt"),
        Index(
            "ix_svarinn_mottak_venter",
            "mottakersystem_id",
            "klar",
            "forsendelse_id",
            postgresql_where=text("lukket IS NULL"),
        ),
    )
    forsendelse_id: Mapped[UUID] = mapped_column(
        ForeignKey("forsendelse.id", ondelete="CASCADE"), primary_key=True
    )
    mottakersystem_id: Mapped[UUID] = mapped_column(ForeignKey("mottakersystem.id"))
    klar: Mapped[datetime]
    lukket: Mapped[datetime | None]
    avvist: Mapped[datetime | None]
    hentet_forste: Mapped[datetime | None]
    hentet_siste: Mapped[datetime | None]
    advarsel: Mapped[datetime | None]
    klarfiler: Mapped[dict[str, Any]] = mapped_column(JSONB(), server_default="{}")
    tildelt_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    tildelt_enhet: Mapped[str | None]
    notat_kryptert: Mapped[bytes | None]


class SvarinnFeil(Base):
    """What the receiver wrote when it could not take a letter; belongs to event `lopenr`. It may name persons."""

    __tablename__ = "svarinn_feil"
    forsendelse_id: Mapped[UUID] = mapped_column(
        ForeignKey("forsendelse.id", ondelete="CASCADE"), primary_key=True
    )
    lopenr: Mapped[int] = mapped_column(Integer(), primary_key=True)
    feilmelding_kryptert: Mapped[bytes]
