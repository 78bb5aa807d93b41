"""Tables of Fiks-konfigurasjon: organisasjon, ressurs tree, konto, person, privilegium, tilgang, sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text, Uuid

from fiks.core.db import Base


class Organisasjon(Base):
    """A kommune or another body that uses the platform (konfigurasjon.md 2.1)."""

    __tablename__ = "organisasjon"
    __table_args__ = (
        CheckConstraint("kommunenr ~ '^[0-9]{4}$'", name="kommunenr_form"),
        CheckConstraint("orgnr ~ '^[0-9]{9}$'", name="orgnr_form"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    navn: Mapped[str]
    type: Mapped[str]
    orgnr: Mapped[str] = mapped_column(unique=True)
    kommunenr: Mapped[str | None]
    adresselinje1: Mapped[str] = mapped_column(server_default="")
    postnr: Mapped[str] = mapped_column(server_default="")
    poststed: Mapped[str] = mapped_column(server_default="")
    epost: Mapped[str | None]
    telefon: Mapped[str | None]
    nettsted: Mapped[str | None]
    apningstid: Mapped[str | None]
    logo: Mapped[bytes | None]
    logo_type: Mapped[str | None]
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())


class Ressurs(Base):
    """A node of the tree that privileges are held on; `sti` is every id from the root to this node."""

    __tablename__ = "ressurs"
    __table_args__ = (Index("ix_ressurs_sti", "sti", postgresql_using="gin"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    forelder_id: Mapped[UUID | None] = mapped_column(ForeignKey("ressurs.id"))
    type: Mapped[str]
    navn: Mapped[str]
    organisasjon_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisasjon.id"), index=True)
    sti: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid(as_uuid=True)))
    slettet: Mapped[datetime | None]


class Konto(Base):
    """A SvarUt konto: one sender inside an organisation. Its id is also the id of its ressurs."""

    __tablename__ = "konto"
    __table_args__ = (
        CheckConstraint(
            "printleverandor IN ('MANUELL_PRINT', 'GRAFISK_DIGITAL')",
            name="printleverandor",
        ),
        CheckConstraint("lagringsdager BETWEEN 1 AND 3650", name="lagringsdager"),
    )
    id: Mapped[UUID] = mapped_column(ForeignKey("ressurs.id"), primary_key=True)
    organisasjon_id: Mapped[UUID] = mapped_column(ForeignKey("organisasjon.id"), index=True)
    visningsnavn: Mapped[str]
    avsender: Mapped[str] = mapped_column(unique=True)
    aktivert: Mapped[bool] = mapped_column(server_default=text("true"))
    sdp_aktiv: Mapped[bool] = mapped_column(server_default=text("true"))
    send_med_dokumenter: Mapped[bool] = mapped_column(server_default=text("true"))
    ettersending_virksomheter: Mapped[bool] = mapped_column(server_default=text("false"))
    printleverandor: Mapped[str] = mapped_column(server_default="GRAFISK_DIGITAL")
    altinn_avsendertekst: Mapped[str | None]
    angrefrist_sekunder: Mapped[int | None]
    lagringsdager: Mapped[int] = mapped_column(server_default=text("90"))
    kontonummer: Mapped[str | None]
    kid_type: Mapped[str] = mapped_column(server_default="MOD10")


class Person(Base):
    """Somebody who can log in. The number is encrypted; `fnr_indeks` is its keyed blind index."""

    __tablename__ = "person"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    fnr_kryptert: Mapped[bytes]
    fnr_indeks: Mapped[bytes] = mapped_column(unique=True)
    fnr_maskert: Mapped[str]
    navn: Mapped[str]
    epost: Mapped[str | None]
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())


class Privilegium(Base):
    """The catalogue of privileges: what one may hold on which type of ressurs (konfigurasjon.md 3)."""

    __tablename__ = "privilegium"
    __table_args__ = (CheckConstraint("navn ~ '^[0-9A-Z_.]+$'", name="navn_form"),)
    ressurs_type: Mapped[str] = mapped_column(primary_key=True)
    navn: Mapped[str] = mapped_column(primary_key=True)
    aktorer: Mapped[list[str]] = mapped_column(ARRAY(Text()))


class Tilgang(Base):
    """A grant: this person holds this privilege on this ressurs and everything below it, from and to."""

    __tablename__ = "tilgang"
    __table_args__ = (
        CheckConstraint("gyldig_til IS NULL OR gyldig_til > gyldig_fra", name="periode"),
        Index(
            "uq_tilgang_gjeldende",
            "person_id",
            "privilegium",
            "ressurs_id",
            unique=True,
            postgresql_where=text("avsluttet IS NULL"),
        ),
        Index("ix_tilgang_ressurs_id", "ressurs_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    privilegium: Mapped[str]
    ressurs_id: Mapped[UUID] = mapped_column(ForeignKey("ressurs.id"))
    gyldig_fra: Mapped[datetime] = mapped_column(server_default=func.now())
    gyldig_til: Mapped[datetime | None]
    gitt_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    begrunnelse: Mapped[str | None]
    avsluttet: Mapped[datetime | None]
    avsluttet_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))


class Sesjon(Base):
    """One login session; only the SHA-256 of the cookie's value is stored."""

    __tablename__ = "sesjon"
    __table_args__ = (
        Index("ix_sesjon_idporten_sid", "idporten_sid"),
        Index("ix_sesjon_sist_sett", "sist_sett"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    organisasjon_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisasjon.id"))
    acr: Mapped[int] = mapped_column(server_default=text("0"))
    auth_time: Mapped[datetime | None]
    idporten_iss: Mapped[str | None]
    idporten_sid: Mapped[str | None]
    id_token_kryptert: Mapped[bytes | None]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB(), server_default="{}")
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())
    sist_sett: Mapped[datetime] = mapped_column(server_default=func.now())
    avsluttet: Mapped[datetime | None]
    avsluttet_grunn: Mapped[str | None]


class Innlogging(Base):
    """A login under way: what must be remembered between the redirect to ID-porten and the callback. Single use."""

    __tablename__ = "innlogging"
    state_hash: Mapped[bytes] = mapped_column(primary_key=True)
    data_kryptert: Mapped[bytes]
    utloper: Mapped[datetime]
