"""Tables of SMS: the kontoer that send, the sendings (one text to many), and each SMS with its history."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from fiks.core.db import Base
from fiks.sms.rules import Grunn, Koding, Status


def _one_of(column: str, values: type[Grunn] | type[Koding] | type[Status]) -> str:
    names = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({names})"


class Smskonto(Base):
    """A konto that sends SMS; its id is also the id of its ressurs. `avsender` is the name telephones show."""

    __tablename__ = "smskonto"
    __table_args__ = (CheckConstraint("avsender ~ '^[A-Za-z0-9 ]{1,11}$'", name="avsender"),)
    id: Mapped[UUID] = mapped_column(ForeignKey("ressurs.id"), primary_key=True)
    organisasjon_id: Mapped[UUID] = mapped_column(ForeignKey("organisasjon.id"), index=True)
    visningsnavn: Mapped[str]
    avsender: Mapped[str]
    aktivert: Mapped[bool] = mapped_column(server_default=text("true"))


class Smsutsendelse(Base):
    """One text to one or many. `avtrykk` is the digest of text and receivers, by which a repeated sending is
    recognised.

    The text is deleted together with the numbers when no longer needed; `deler` and `antall` stay for
    billing. `request_id` is the request that created it.
    """

    __tablename__ = "smsutsendelse"
    __table_args__ = (
        CheckConstraint(_one_of("koding", Koding), name="koding"),
        CheckConstraint("antall BETWEEN 1 AND 1000", name="antall"),
        UniqueConstraint("konto_id", "nokkel"),
        Index("ix_smsutsendelse_konto", "konto_id", "opprettet", "id"),
        Index("ix_smsutsendelse_innhold", "opprettet", postgresql_where=text("tekst_kryptert IS NOT NULL")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    konto_id: Mapped[UUID] = mapped_column(ForeignKey("smskonto.id"))
    tekst_kryptert: Mapped[bytes | None]
    koding: Mapped[str]
    deler: Mapped[int] = mapped_column(Integer())
    antall: Mapped[int] = mapped_column(Integer())
    nokkel: Mapped[str | None]
    avtrykk: Mapped[bytes]
    aktor: Mapped[str]
    request_id: Mapped[str | None]
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())


class Sms(Base):
    """One SMS to one number, or to the number KRR has for a person (`er_fnr`).

    `neste_forsok` is also its claim: whoever takes it moves it forward first. `kall_startet`: its only call
    may have left the house. `nummer_indeks`: the number called, from the first call on; a sending has one SMS
    per number, whoever has it. `konto_id` is its sending's, by which kontoer take turns; None when an earlier
    release created it, and then the sending has a turn of its own.
    """

    __tablename__ = "sms"
    __table_args__ = (
        CheckConstraint(_one_of("status", Status), name="status"),
        CheckConstraint("grunn IS NULL OR " + _one_of("grunn", Grunn), name="grunn"),
        CheckConstraint("(status = 'IKKE_SENDT') = (grunn IS NOT NULL)", name="grunn_gitt"),
        CheckConstraint(
            "status = 'OPPRETTET' OR status = 'IKKE_SENDT' OR kall_startet IS NOT NULL", name="kall"
        ),
        UniqueConstraint("utsendelse_id", "til_indeks"),
        Index(
            "uq_sms_nummer",
            "utsendelse_id",
            "nummer_indeks",
            unique=True,
            postgresql_where=text("nummer_indeks IS NOT NULL"),
        ),
        Index("ix_sms_klar", "neste_forsok", "id", postgresql_where=text("status = 'OPPRETTET'")),
        Index(
            "ix_sms_tur",
            text("coalesce(konto_id, utsendelse_id)"),
            "neste_forsok",
            "id",
            postgresql_where=text("status = 'OPPRETTET'"),
        ),
        Index("ix_sms_sender", "kall_startet", postgresql_where=text("status = 'SENDER'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    utsendelse_id: Mapped[UUID] = mapped_column(ForeignKey("smsutsendelse.id", ondelete="CASCADE"))
    konto_id: Mapped[UUID | None]
    til_kryptert: Mapped[bytes | None]
    til_indeks: Mapped[bytes]
    er_fnr: Mapped[bool] = mapped_column(server_default=text("false"))
    nummer_indeks: Mapped[bytes | None]
    status: Mapped[str] = mapped_column(server_default=Status.OPPRETTET)
    grunn: Mapped[str | None]
    forsok: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    neste_forsok: Mapped[datetime] = mapped_column(server_default=func.now())
    kall_startet: Mapped[datetime | None]
    leverandor_ref: Mapped[str | None]
    endret: Mapped[datetime] = mapped_column(server_default=func.now())


class Smshendelse(Base):
    """The history of an SMS, numbered 1..n, written in the same transaction as the change."""

    __tablename__ = "smshendelse"
    sms_id: Mapped[UUID] = mapped_column(ForeignKey("sms.id", ondelete="CASCADE"), primary_key=True)
    lopenr: Mapped[int] = mapped_column(Integer(), primary_key=True)
    fra: Mapped[str | None]
    til: Mapped[str]
    kode: Mapped[str | None]
    tid: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
