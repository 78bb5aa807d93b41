"""Tables of print: print houses, orders with their history, packages, receipts to publish, and disagreements."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from fiks.core.db import Base
from fiks.core.queue.delivery_attempts import Handover
from fiks.print.rules import Konfidensialitetsklasse
from fiks.print.states import Avviksart, Ordrestatus, Pakkestatus


def _one_of(column: str, values: Any) -> str:
    names = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({names})"


class Leverandor(Base):
    """A print house, or (`manuell`) the senders themselves, whose orders are never packed.

    `klasser`: the classes it may be given; of several houses with a class, the lowest `prioritet` gets
    the orders. `sertifikat`: PEM that letters are encrypted to, before any in the settings.
    `brev_per_pakke`, `ventetid_sekunder`: a package is made of so many orders, or when the oldest has
    waited so long. `samlefil`: it takes one merged file a package. `pause_til`: it does not answer, and
    is not called before then.
    """

    __tablename__ = "printleverandor"
    __table_args__ = (
        CheckConstraint("brev_per_pakke BETWEEN 1 AND 1000", name="brev_per_pakke"),
        CheckConstraint("ventetid_sekunder BETWEEN 0 AND 86400", name="ventetid_sekunder"),
        CheckConstraint("c5_ark BETWEEN 1 AND c4_ark", name="konvolutter"),
        CheckConstraint("prioritet BETWEEN 1 AND 1000", name="prioritet"),
    )
    kode: Mapped[str] = mapped_column(primary_key=True)
    navn: Mapped[str]
    klasser: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default="{NORMAL}")
    manuell: Mapped[bool] = mapped_column(server_default=text("false"))
    aktiv: Mapped[bool] = mapped_column(server_default=text("true"))
    prioritet: Mapped[int] = mapped_column(Integer(), server_default=text("100"))
    sertifikat: Mapped[str | None]
    brev_per_pakke: Mapped[int] = mapped_column(Integer(), server_default=text("1"))
    ventetid_sekunder: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    samlefil: Mapped[bool] = mapped_column(server_default=text("true"))
    c5_ark: Mapped[int] = mapped_column(Integer(), server_default=text("8"))
    c4_ark: Mapped[int] = mapped_column(Integer(), server_default=text("80"))
    feil_pa_rad: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    pause_til: Mapped[datetime | None]
    sammenlignet: Mapped[datetime | None]


class Pakke(Handover, Base):
    """Orders handed over as one file, `<id>.zip`; the id is a function of the orders.

    `forste_kall`: when the first call began, never cleared. `spurt`: when it was last checked that its orders
    may be printed.
    """

    __tablename__ = "printpakke"
    __table_args__ = (
        CheckConstraint(_one_of("status", Pakkestatus), name="status"),
        CheckConstraint("(status = 'SENDER') = (eier IS NOT NULL)", name="eier"),
        CheckConstraint("antall BETWEEN 1 AND 1000", name="antall"),
        Index("ix_printpakke_klar", "neste_forsok", "id", postgresql_where=text("status = 'KLAR'")),
        Index(
            "ix_printpakke_apen",
            "status",
            "neste_forsok",
            postgresql_where=text("status IN ('SENDER', 'VENTER', 'UAVKLART', 'TIL_BEHANDLING')"),
        ),
    )
    leverandor: Mapped[str] = mapped_column(ForeignKey("printleverandor.kode"))
    klasse: Mapped[str]
    tosidig: Mapped[bool]
    farger: Mapped[bool]
    antall: Mapped[int] = mapped_column(Integer())
    forste_kall: Mapped[datetime | None]
    overlevert: Mapped[datetime | None]
    spurt: Mapped[datetime | None] = mapped_column(deferred=True)


class Ordre(Base):
    """One letter to print; the id is the caller's own reference. `sha256` is of the clear PDF, `pdf_bytes`
    its length.

    `objekt` and `nokkel`: the PDF, an encrypted object of the order's own; deleted when no longer needed.
    `pakke_id` is set once a round; `omgang` counts the rounds. `ressurs_id`: the ressurs whose privileges
    open the order's print queue.
    """

    __tablename__ = "printordre"
    __table_args__ = (
        CheckConstraint(_one_of("status", Ordrestatus), name="status"),
        CheckConstraint(_one_of("klasse", Konfidensialitetsklasse), name="klasse"),
        CheckConstraint("status <> 'AVBESTILT' OR pakke_id IS NULL", name="avbestilt"),
        Index(
            "ix_printordre_venter",
            "leverandor",
            "klasse",
            "tosidig",
            "farger",
            "opprettet",
            "id",
            postgresql_where=text("status = 'MOTTATT' AND pakke_id IS NULL"),
        ),
        Index(
            "ix_printordre_ko",
            "ressurs_id",
            "leverandor",
            postgresql_where=text("status = 'MOTTATT' AND pakke_id IS NULL"),
        ),
        Index(
            "ix_printordre_mottatt", "leverandor", "opprettet", postgresql_where=text("status = 'MOTTATT'")
        ),
        Index("ix_printordre_opprettet", "opprettet"),
        Index("ix_printordre_pakke_id", "pakke_id"),
        Index("ix_printordre_objekt", "objekt"),
        Index("ix_printordre_kilde_id", "kilde_id"),
        Index(
            "ix_printordre_usett",
            "leverandor",
            "overlevert",
            postgresql_where=text("sett_hos_leverandor IS NULL AND overlevert IS NOT NULL"),
        ),
        Index("ix_printordre_produsert", "overlevert", postgresql_where=text("status = 'PRODUSERT'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kilde: Mapped[str]
    kilde_id: Mapped[UUID]
    organisasjon_id: Mapped[UUID] = mapped_column(ForeignKey("organisasjon.id"))
    ressurs_id: Mapped[UUID] = mapped_column(ForeignKey("ressurs.id"))
    konteringskode: Mapped[str | None]
    klasse: Mapped[str]
    leverandor: Mapped[str] = mapped_column(ForeignKey("printleverandor.kode"))
    status: Mapped[str] = mapped_column(server_default=Ordrestatus.MOTTATT)
    sider: Mapped[int] = mapped_column(Integer())
    tosidig: Mapped[bool]
    farger: Mapped[bool]
    giroark: Mapped[list[int]] = mapped_column(ARRAY(Integer()), server_default="{}")
    sone: Mapped[str]
    sha256: Mapped[bytes]
    pdf_bytes: Mapped[int]
    objekt: Mapped[str | None]
    nokkel: Mapped[bytes | None]
    pakke_id: Mapped[UUID | None] = mapped_column(ForeignKey("printpakke.id"))
    omgang: Mapped[int] = mapped_column(Integer(), server_default=text("1"))
    siste_lopenr: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    ark: Mapped[int | None] = mapped_column(Integer())
    vekt_gram: Mapped[int | None] = mapped_column(Integer())
    porto_ore: Mapped[int | None]
    produksjon_ore: Mapped[int | None]
    postlagt: Mapped[datetime | None]
    retur: Mapped[datetime | None]
    feilkode: Mapped[str | None]
    overlevert: Mapped[datetime | None]
    sett_hos_leverandor: Mapped[datetime | None]
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())


class Ordrehendelse(Base):
    """The history of an order, numbered 1..n without gaps, written in the transaction of the change."""

    __tablename__ = "printordrehendelse"
    ordre_id: Mapped[UUID] = mapped_column(ForeignKey("printordre.id", ondelete="CASCADE"), primary_key=True)
    lopenr: Mapped[int] = mapped_column(Integer(), primary_key=True)
    fra: Mapped[str | None]
    til: Mapped[str]
    kode: Mapped[str]
    aktor: Mapped[str]
    tid: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class Kvittering(Base):
    """Receipts to publish to the owners of orders, in the order they became true (`receipt_feed`)."""

    __tablename__ = "printkvittering"
    __table_args__ = (Index("uq_printkvittering_ordre_id_art", "ordre_id", "omgang", "art", unique=True),)
    nr: Mapped[int] = mapped_column(BigInteger(), Identity(), primary_key=True)
    ordre_id: Mapped[UUID] = mapped_column(ForeignKey("printordre.id", ondelete="CASCADE"))
    omgang: Mapped[int] = mapped_column(Integer())
    art: Mapped[str]
    tidspunkt: Mapped[datetime]
    melding: Mapped[str | None]


class Avvik(Base):
    """A reference on which the print house's books and ours disagree, until a person has looked into it."""

    __tablename__ = "printavvik"
    __table_args__ = (
        PrimaryKeyConstraint("leverandor", "referanse", "art"),
        CheckConstraint(_one_of("art", Avviksart), name="art"),
    )
    leverandor: Mapped[str] = mapped_column(ForeignKey("printleverandor.kode"))
    referanse: Mapped[str]
    art: Mapped[str]
    detaljer: Mapped[dict[str, Any]] = mapped_column(JSONB(), server_default="{}")
    funnet: Mapped[datetime] = mapped_column(server_default=func.now())
