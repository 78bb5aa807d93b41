"""Tables of letters that wait for a mottakersystem, and of its failure reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from fiks.core.db import Base


class SvarinnMottak(Base):
    """A letter waiting for the mottakersystem that it was routed to.

    `lukket`: it waits no longer; `avvist`: because the system refused it for good. `klarfiler`: digest and
    size in clear, by document number, of documents that the sender encrypted. `advarsel`: when its system was
    first reminded. For manual reception: the assignee (`tildelt_person_id` or the unit `tildelt_enhet`) and
    the encrypted note (`notat_kryptert`).
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
    """The receiver's report that it could not take a letter; belongs to event `lopenr`. It may name persons."""

    __tablename__ = "svarinn_feil"
    forsendelse_id: Mapped[UUID] = mapped_column(
        ForeignKey("forsendelse.id", ondelete="CASCADE"), primary_key=True
    )
    lopenr: Mapped[int] = mapped_column(Integer(), primary_key=True)
    feilmelding_kryptert: Mapped[bytes]
