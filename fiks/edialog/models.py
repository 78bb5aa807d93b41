"""Tables of eDialog: mottakere, their forms, what citizens write, attachments and history."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from fiks.core.db import Base
from fiks.edialog.rules import Status


def _in_status(*statuses: Status) -> str:
    names = ", ".join(f"'{status}'" for status in statuses)
    return f"status IN ({names})"


class EdialogMottaker(Base):
    """An organisation number that can be written to. Letters to it are billed to the konto.

    `printleverandor`: who prints letters to it that end on paper.
    """

    __tablename__ = "edialog_mottaker"
    __table_args__ = (
        CheckConstraint("short_id ~ '^[A-Z]{4}$'", name="short_id"),
        CheckConstraint("orgnr ~ '^[0-9]{9}$'", name="orgnr"),
        CheckConstraint("postnr ~ '^[0-9]{4}$'", name="postnr"),
        CheckConstraint("char_length(navn) BETWEEN 1 AND 60", name="navn"),
        CheckConstraint("printleverandor IN ('MANUELL_PRINT', 'GRAFISK_DIGITAL')", name="printleverandor"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    short_id: Mapped[str] = mapped_column(unique=True)
    organisasjon_id: Mapped[UUID] = mapped_column(ForeignKey("organisasjon.id"), index=True)
    konto_id: Mapped[UUID] = mapped_column(ForeignKey("konto.id"), unique=True)
    orgnr: Mapped[str] = mapped_column(unique=True)
    navn: Mapped[str]
    adresselinje1: Mapped[str]
    adresselinje2: Mapped[str] = mapped_column(server_default="")
    adresselinje3: Mapped[str] = mapped_column(server_default="")
    postnr: Mapped[str]
    poststed: Mapped[str]
    aktiv: Mapped[bool] = mapped_column(server_default=text("true"))
    printleverandor: Mapped[str]
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())
    endret: Mapped[datetime] = mapped_column(server_default=func.now())


class EdialogSkjematype(Base):
    """A form that citizens fill in to write to a mottaker, numbered 1..n within the mottaker.

    Only a form made for its purpose has name and title. A removed form (`slettet`) stays for drafts begun
    with it.
    """

    __tablename__ = "edialog_skjematype"
    __table_args__ = (
        CheckConstraint("type IN ('STANDARD', 'TILPASSET')", name="type"),
        CheckConstraint("(type = 'TILPASSET') = (tittel IS NOT NULL AND navn IS NOT NULL)", name="tilpasset"),
        UniqueConstraint("mottaker_id", "nr"),
        Index(
            "uq_edialog_skjematype_standard",
            "mottaker_id",
            unique=True,
            postgresql_where=text("type = 'STANDARD' AND slettet IS NULL"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    mottaker_id: Mapped[UUID] = mapped_column(ForeignKey("edialog_mottaker.id"))
    nr: Mapped[int] = mapped_column(Integer())
    type: Mapped[str]
    navn: Mapped[str | None]
    tittel: Mapped[str | None]
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())
    slettet: Mapped[datetime | None]


class EdialogSkjema(Base):
    """A person's letter to a mottaker, or reply to the letter `svar_pa_id`, for themselves or another party.

    `eier_indeks` is the blind index of the number they act for. `innhold_kryptert` is JSON: text,
    sender and receiver; after sending only what identifies it. `konto_id` is the konto billed, and
    `request_id` the request that sent it, both set when it is sent. `neste_forsok` is also a worker's
    claim.
    """

    __tablename__ = "edialog_skjema"
    __table_args__ = (
        CheckConstraint(_in_status(*Status), name="status"),
        CheckConstraint("(mottaker_id IS NULL) <> (svar_pa_id IS NULL)", name="maal"),
        CheckConstraint("(mottaker_id IS NULL) = (skjematype_id IS NULL)", name="skjematype"),
        CheckConstraint("(status = 'INNSENDT') = (forsendelse_id IS NOT NULL)", name="forsendelse"),
        CheckConstraint("(status = 'INNSENDING_FEILET') = (feilkode IS NOT NULL)", name="feilkode"),
        CheckConstraint("spraak IN ('nb', 'nn')", name="spraak"),
        Index("ix_edialog_skjema_eier", "person_id", "eier_indeks", "opprettet", "id"),
        Index("ix_edialog_skjema_endret", "endret"),
        Index(
            "ix_edialog_skjema_sendes",
            "neste_forsok",
            "id",
            postgresql_where=text("status = 'UNDER_INNSENDING'"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    eier_indeks: Mapped[bytes]
    mottaker_id: Mapped[UUID | None] = mapped_column(ForeignKey("edialog_mottaker.id"))
    skjematype_id: Mapped[UUID | None] = mapped_column(ForeignKey("edialog_skjematype.id"))
    svar_pa_id: Mapped[UUID | None]
    konto_id: Mapped[UUID | None] = mapped_column(ForeignKey("konto.id"))
    status: Mapped[str] = mapped_column(server_default=Status.IKKE_INNSENDT)
    sensitivt: Mapped[bool] = mapped_column(server_default=text("false"))
    spraak: Mapped[str] = mapped_column(server_default="nb")
    innhold_kryptert: Mapped[bytes]
    forsendelse_id: Mapped[UUID | None] = mapped_column(unique=True)
    feilkode: Mapped[str | None]
    forsok: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    neste_forsok: Mapped[datetime] = mapped_column(server_default=func.now())
    innsendt: Mapped[datetime | None]
    # Until `release` has run only sending needs the column: docs/drift/utrulling.md.
    request_id: Mapped[str | None] = mapped_column(deferred=True)
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())
    endret: Mapped[datetime] = mapped_column(server_default=func.now())


class EdialogFil(Base):
    """An attached PDF, encrypted in the object store. After sending, the letter's document owns the object."""

    __tablename__ = "edialog_fil"
    __table_args__ = (UniqueConstraint("skjema_id", "nr"), Index("ix_edialog_fil_objekt", "objekt"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    skjema_id: Mapped[UUID] = mapped_column(ForeignKey("edialog_skjema.id", ondelete="CASCADE"))
    nr: Mapped[int] = mapped_column(Integer())
    filnavn: Mapped[str]
    storrelse: Mapped[int]
    sha256: Mapped[bytes]
    objekt: Mapped[str]
    nokkel: Mapped[bytes]


class EdialogHendelse(Base):
    """The history of a skjema, numbered 1..n, written in the same transaction as the change."""

    __tablename__ = "edialog_hendelse"
    skjema_id: Mapped[UUID] = mapped_column(
        ForeignKey("edialog_skjema.id", ondelete="CASCADE"), primary_key=True
    )
    lopenr: Mapped[int] = mapped_column(Integer(), primary_key=True)
    fra: Mapped[str | None]
    til: Mapped[str]
    kode: Mapped[str]
    aktor: Mapped[str]
    tid: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
