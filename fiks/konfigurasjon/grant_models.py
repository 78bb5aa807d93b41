"""Tables of authorisation: the privilege catalogue, groups, grants (tilganger), and the half-yearly review."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from fiks.core.db import Base


class Privilegium(Base):
    """The catalogue of privileges: which can be held on which type of ressurs (konfigurasjon.md 3)."""

    __tablename__ = "privilegium"
    __table_args__ = (CheckConstraint("navn ~ '^[0-9A-Z_.]+$'", name="navn_form"),)
    ressurs_type: Mapped[str] = mapped_column(primary_key=True)
    navn: Mapped[str] = mapped_column(primary_key=True)
    aktorer: Mapped[list[str]] = mapped_column(ARRAY(Text()))


class Gruppe(Base):
    """A group: persons of one organisation who hold the same privileges. Groups do not nest."""

    __tablename__ = "gruppe"
    __table_args__ = (
        Index(
            "uq_gruppe_navn",
            "organisasjon_id",
            "navn",
            unique=True,
            postgresql_where=text("slettet IS NULL"),
        ),
        CheckConstraint("kilde IN ('INTERN', 'EKSTERN')", name="kilde"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisasjon_id: Mapped[UUID] = mapped_column(ForeignKey("organisasjon.id"))
    navn: Mapped[str]
    kilde: Mapped[str] = mapped_column(server_default="INTERN")
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())
    opprettet_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    slettet: Mapped[datetime | None]


class Gruppemedlem(Base):
    """A present member of a group. The audit has who joined and left when."""

    __tablename__ = "gruppemedlem"
    __table_args__ = (Index("ix_gruppemedlem_person_id", "person_id"),)
    gruppe_id: Mapped[UUID] = mapped_column(ForeignKey("gruppe.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    lagt_til: Mapped[datetime] = mapped_column(server_default=func.now())
    lagt_til_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))


class Tilgang(Base):
    """A grant: a person, integrasjon or group holds a privilege on a ressurs and everything below it, for a
    period.
    """

    __tablename__ = "tilgang"
    __table_args__ = (
        CheckConstraint("gyldig_til IS NULL OR gyldig_til > gyldig_fra", name="periode"),
        CheckConstraint("num_nonnulls(person_id, integrasjon_id, gruppe_id) = 1", name="en_innehaver"),
        CheckConstraint("(avsluttet IS NULL) = (avsluttet_grunn IS NULL)", name="avsluttet"),
        CheckConstraint(
            "avsluttet_grunn IN ('FJERNET', 'UTLOPT', 'SLUTTET', 'GJENNOMGANG', 'INTEGRASJON_SLETTET',"
            " 'GRUPPE_SLETTET', 'RESSURS_SLETTET')",
            name="avsluttet_grunn",
        ),
        Index(
            "uq_tilgang_gjeldende",
            "person_id",
            "privilegium",
            "ressurs_id",
            unique=True,
            postgresql_where=text("avsluttet IS NULL AND person_id IS NOT NULL"),
        ),
        Index(
            "uq_tilgang_integrasjon",
            "integrasjon_id",
            "privilegium",
            "ressurs_id",
            unique=True,
            postgresql_where=text("avsluttet IS NULL AND integrasjon_id IS NOT NULL"),
        ),
        Index(
            "uq_tilgang_gruppe",
            "gruppe_id",
            "privilegium",
            "ressurs_id",
            unique=True,
            postgresql_where=text("avsluttet IS NULL AND gruppe_id IS NOT NULL"),
        ),
        Index("ix_tilgang_ressurs_id", "ressurs_id"),
        Index(
            "ix_tilgang_gyldig_til",
            "gyldig_til",
            postgresql_where=text("avsluttet IS NULL AND gyldig_til IS NOT NULL"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    integrasjon_id: Mapped[UUID | None] = mapped_column(ForeignKey("integrasjon.id"))
    gruppe_id: Mapped[UUID | None] = mapped_column(ForeignKey("gruppe.id"))
    privilegium: Mapped[str]
    ressurs_id: Mapped[UUID] = mapped_column(ForeignKey("ressurs.id"))
    gyldig_fra: Mapped[datetime] = mapped_column(server_default=func.now())
    gyldig_til: Mapped[datetime | None]
    gitt_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    begrunnelse: Mapped[str | None]
    sist_brukt: Mapped[datetime | None]
    avsluttet: Mapped[datetime | None]
    avsluttet_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    avsluttet_grunn: Mapped[str | None]


class Gjennomgang(Base):
    """One review of an organisation's grants; an administrator keeps or removes every row."""

    __tablename__ = "gjennomgang"
    __table_args__ = (
        Index(
            "uq_gjennomgang_apen",
            "organisasjon_id",
            unique=True,
            postgresql_where=text("fullfort IS NULL"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisasjon_id: Mapped[UUID] = mapped_column(ForeignKey("organisasjon.id"))
    startet: Mapped[datetime] = mapped_column(server_default=func.now())
    frist: Mapped[datetime]
    paaminnet: Mapped[datetime | None]
    fullfort: Mapped[datetime | None]
    fullfort_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))


class Gjennomgangsrad(Base):
    """The answer for one grant of a review. A grant that ended meanwhile needs none."""

    __tablename__ = "gjennomgangsrad"
    __table_args__ = (
        CheckConstraint("svar IN ('BEHOLD', 'FJERN')", name="svar"),
        CheckConstraint("(svar IS NULL) = (besvart IS NULL)", name="besvart"),
    )
    gjennomgang_id: Mapped[UUID] = mapped_column(
        ForeignKey("gjennomgang.id", ondelete="CASCADE"), primary_key=True
    )
    tilgang_id: Mapped[UUID] = mapped_column(ForeignKey("tilgang.id"), primary_key=True)
    svar: Mapped[str | None]
    besvart: Mapped[datetime | None]
    besvart_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
