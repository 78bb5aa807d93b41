"""Tables of machines: integrasjoner with their password hashes, and what a global one requests
(konfigurasjon.md 5).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from fiks.core.db import Base


class Integrasjon(Base):
    """A machine that works for one organisation, or a global one (no organisation) that each organisation
    must approve.

    Only keyed hashes of passwords are stored. The old password works until `gammelt_gyldig_til`, if set.
    """

    __tablename__ = "integrasjon"
    __table_args__ = (
        CheckConstraint("autorisert_orgnr ~ '^[0-9]{9}$'", name="orgnr_form"),
        CheckConstraint("kode ~ '^[0-9A-Z_.]+$'", name="kode_form"),
        CheckConstraint("(organisasjon_id IS NULL) = (kode IS NOT NULL)", name="global"),
        CheckConstraint(
            "(gammelt_passord_hash IS NULL) = (gammelt_gyldig_til IS NULL)", name="gammelt_passord"
        ),
        Index("ix_integrasjon_organisasjon_id", "organisasjon_id"),
        Index("uq_integrasjon_kode", "kode", unique=True, postgresql_where=text("slettet IS NULL")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisasjon_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisasjon.id"))
    kode: Mapped[str | None]
    navn: Mapped[str]
    beskrivelse: Mapped[str] = mapped_column(server_default="")
    autorisert_orgnr: Mapped[str]
    tjenester: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default="{}")
    passord_hash: Mapped[bytes | None]
    passord_laget: Mapped[datetime | None]
    gammelt_passord_hash: Mapped[bytes | None]
    gammelt_gyldig_til: Mapped[datetime | None]
    sist_brukt: Mapped[datetime | None]
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())
    opprettet_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    slettet: Mapped[datetime | None]
    slettet_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))


class ForespurtPrivilegium(Base):
    """A privilege that a global integrasjon requests of every organisation. A request gives no access."""

    __tablename__ = "forespurt_privilegium"
    integrasjon_id: Mapped[UUID] = mapped_column(
        ForeignKey("integrasjon.id", ondelete="CASCADE"), primary_key=True
    )
    ressurs_type: Mapped[str] = mapped_column(primary_key=True)
    privilegium: Mapped[str] = mapped_column(primary_key=True)
