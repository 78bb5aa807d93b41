"""Tables of Manuell utsending: mailings, uploads, rows, templates and pieces of work."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger

from fiks.core.db import Base
from fiks.core.telemetry import trace
from fiks.svarut.models import one_of
from fiks.utsending.rules import Art, Delart, Delstatus, Radstatus, Utsendingstatus


class Mal(Base):
    """A letter template of an organisation, or of the house for all (`organisasjon_id` NULL)."""

    __tablename__ = "mal"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisasjon_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisasjon.id"), index=True)
    navn: Mapped[str]
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())


class Malversjon(Base):
    """One version of a template; its text never changes. `kilde_nn` empty: everybody gets bokmål.

    `hurtig`: its letters may be stamped (ADR 0025); withdrawn for good when a stamped letter differed.
    """

    __tablename__ = "malversjon"
    __table_args__ = (UniqueConstraint("mal_id", "versjon"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    mal_id: Mapped[UUID] = mapped_column(ForeignKey("mal.id"))
    versjon: Mapped[int] = mapped_column(Integer())
    kilde_nb: Mapped[str]
    kilde_nn: Mapped[str | None]
    tittel_nb: Mapped[str]
    tittel_nn: Mapped[str | None]
    hurtig: Mapped[bool] = mapped_column(server_default=text("false"))
    opprettet_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())


class Utsending(Base):
    """A mass mailing. Only `transitions` changes its status; a preparer can never be its approver.

    `klargjort_tidligere`: preparers of its letters before `klargjort_av` gave them another date.
    `overstyrt_for`: the earlier mailings that `overstyrt_grunn` justifies to repeat.
    """

    __tablename__ = "utsending"
    __table_args__ = (
        CheckConstraint(one_of("status", Utsendingstatus), name="status"),
        CheckConstraint(one_of("art", Art), name="art"),
        CheckConstraint("godkjent_av IS NULL OR godkjent_av <> klargjort_av", name="to_personer"),
        CheckConstraint(
            "godkjent_av IS NULL OR godkjent_av <> ALL (klargjort_tidligere)", name="to_personer_hele_veien"
        ),
        CheckConstraint(
            "konteringskode IS NULL OR konteringskode ~ '^[a-zA-Z0-9_.øæåØÆÅ-]{0,20}$'",
            name="kontering",
        ),
        Index("ix_utsending_organisasjon_id_nr", "organisasjon_id", "nr"),
        Index(
            "ix_utsending_i_arbeid",
            "status",
            postgresql_where=text("status IN ('FRIGITT', 'SENDES', 'PRODUSERES')"),
        ),
        Index("ix_utsending_liste_digest", "konto_id", "liste_digest"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    nr: Mapped[int] = mapped_column(BigInteger(), Identity(always=True), unique=True)
    organisasjon_id: Mapped[UUID] = mapped_column(ForeignKey("organisasjon.id"))
    konto_id: Mapped[UUID] = mapped_column(ForeignKey("konto.id"))
    tittel: Mapped[str]
    art: Mapped[str]
    brevdato: Mapped[date] = mapped_column(Date())
    kunngjoringsdato: Mapped[date | None] = mapped_column(Date())
    kun_digital: Mapped[bool] = mapped_column(server_default=text("false"))
    sikkerhetsniva: Mapped[str] = mapped_column(server_default="BETYDELIG")
    tosidig: Mapped[bool] = mapped_column(server_default=text("true"))
    farger: Mapped[bool] = mapped_column(server_default=text("false"))
    konteringskode: Mapped[str | None]
    status: Mapped[str] = mapped_column(server_default=Utsendingstatus.UTKAST)
    malversjon_id: Mapped[UUID | None] = mapped_column(ForeignKey("malversjon.id"))
    antall_rader: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    liste_digest: Mapped[bytes | None]
    innhold_digest: Mapped[bytes | None]
    parker_feil: Mapped[bool] = mapped_column(server_default=text("false"))
    overstyrt_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    overstyrt_grunn: Mapped[str | None]
    overstyrt_for: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default="{}")
    opprettet_av: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())
    endret: Mapped[datetime] = mapped_column(server_default=func.now())
    klargjort_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    klargjort: Mapped[datetime | None]
    klargjort_tidligere: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default="{}")
    godkjent_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    godkjent: Mapped[datetime | None]
    avvist_grunn: Mapped[str | None]
    frigis_tid: Mapped[datetime | None]
    frigitt_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    stoppet: Mapped[datetime | None]
    stoppet_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    fullfort: Mapped[datetime | None]
    forrige_id: Mapped[UUID | None] = mapped_column(ForeignKey("utsending.id"))
    innhold_slettet: Mapped[datetime | None]
    oppsett: Mapped[dict[str, Any]] = mapped_column(JSONB(), server_default="{}")


class Utsendingshendelse(Base):
    """History of a mailing's status, written in the transaction of each change."""

    __tablename__ = "utsendingshendelse"
    utsending_id: Mapped[UUID] = mapped_column(
        ForeignKey("utsending.id", ondelete="CASCADE"), primary_key=True
    )
    lopenr: Mapped[int] = mapped_column(Integer(), primary_key=True)
    fra: Mapped[str | None]
    til: Mapped[str]
    aktor: Mapped[str]
    aktor_navn: Mapped[str]
    detaljer: Mapped[dict[str, Any]] = mapped_column(JSONB(), server_default="{}")
    tid: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class Opplasting(Base):
    """An uploaded file of a mailing.

    LISTE: the list of receivers. DOKUMENT: the document to all. SAMLET: one PDF with every letter.
    TILLEGGSLISTE: the list that ties the letters of SAMLET to numbers. ZIP: PDFs, until unpacked.
    """

    __tablename__ = "opplasting"
    __table_args__ = (
        UniqueConstraint("utsending_id", "art"),
        CheckConstraint("art IN ('LISTE', 'DOKUMENT', 'SAMLET', 'TILLEGGSLISTE', 'ZIP')", name="art"),
        CheckConstraint("status IN ('MOTTATT', 'LESES', 'LEST', 'FEILET')", name="status"),
        Index("ix_opplasting_objekt", "objekt"),
        Index("ix_opplasting_bilder", "utsending_id", postgresql_where=text("form ? 'bilder'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    utsending_id: Mapped[UUID] = mapped_column(ForeignKey("utsending.id", ondelete="CASCADE"))
    art: Mapped[str]
    filnavn: Mapped[str]
    storrelse: Mapped[int]
    sha256: Mapped[bytes]
    objekt: Mapped[str | None]
    nokkel: Mapped[bytes | None]
    status: Mapped[str] = mapped_column(server_default="MOTTATT")
    feilkode: Mapped[str | None]
    feilparams: Mapped[dict[str, Any]] = mapped_column(JSONB(), server_default="{}")
    form: Mapped[dict[str, Any]] = mapped_column(JSONB(), server_default="{}")
    kolonner: Mapped[list[Any]] = mapped_column(JSONB(), server_default="[]")
    kobling: Mapped[dict[str, Any]] = mapped_column(JSONB(), server_default="{}")
    lest_til: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    antall: Mapped[int | None] = mapped_column(Integer())
    sider: Mapped[int | None] = mapped_column(Integer())
    funn: Mapped[list[Any]] = mapped_column(JSONB(), server_default="[]")
    opprettet_av: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())


class Utsendingsrad(Base):
    """One row of the list. `data_kryptert` is JSON of its values; `funn` holds codes and fields, no values.

    `radnr` is the spreadsheet's row number. `rad_hash` and `duplikat_indeks` (receiver + property) are keyed
    hashes that stay as proof when the data is deleted. The letter is part of a segment object. The table's
    pages are filled less than half, so that a row need not move when its letter is made.
    """

    __tablename__ = "utsendingsrad"
    __table_args__ = (
        CheckConstraint(one_of("status", Radstatus), name="status"),
        Index("ix_utsendingsrad_duplikat_indeks", "duplikat_indeks"),
        Index("ix_utsendingsrad_status", "utsending_id", "status", "radnr"),
        Index(
            "ix_utsendingsrad_uten_forsendelse",
            "utsending_id",
            "radnr",
            postgresql_where=text("forsendelse_id IS NULL AND status IN ('OK', 'ADVARSEL')"),
        ),
    )
    utsending_id: Mapped[UUID] = mapped_column(
        ForeignKey("utsending.id", ondelete="CASCADE"), primary_key=True
    )
    radnr: Mapped[int] = mapped_column(Integer(), primary_key=True)
    linje: Mapped[int | None] = mapped_column(Integer())
    data_kryptert: Mapped[bytes | None]
    rad_hash: Mapped[bytes]
    mottakertype: Mapped[str]
    mottaker_indeks: Mapped[bytes | None]
    duplikat_indeks: Mapped[bytes | None]
    status: Mapped[str]
    funn: Mapped[list[Any]] = mapped_column(JSONB(), server_default="[]")
    reparasjon_kryptert: Mapped[bytes | None]
    skjermet: Mapped[bool] = mapped_column(server_default=text("false"))
    sperret: Mapped[bool] = mapped_column(server_default=text("false"))
    kanal: Mapped[str | None]
    kanalregel: Mapped[str | None]
    kanalgrunn: Mapped[str | None]
    portosone: Mapped[str | None]
    konteringskode: Mapped[str | None]
    eksternref: Mapped[str | None]
    malform: Mapped[str] = mapped_column(server_default="nb")
    sider: Mapped[int | None] = mapped_column(Integer())
    objekt: Mapped[str | None]
    fra: Mapped[int | None]
    lengde: Mapped[int | None]
    storrelse: Mapped[int | None]
    nokkel: Mapped[bytes | None]
    brev_sha256: Mapped[bytes | None]
    forsendelse_id: Mapped[UUID | None] = mapped_column(ForeignKey("forsendelse.id"), unique=True)


class Arbeidsdel(Base):
    """A piece of background work on a mailing, claimed with SKIP LOCKED.

    Idempotent, so after a lost owner it is claimed again. `resultat` lists where a preview's PDF and page
    pictures are stored. `request_id`: the request it comes from, by default the one being traced.
    """

    __tablename__ = "arbeidsdel"
    __table_args__ = (
        UniqueConstraint("utsending_id", "art", "nr"),
        CheckConstraint(one_of("art", Delart), name="art"),
        CheckConstraint(one_of("status", Delstatus), name="status"),
        CheckConstraint("(status = 'TATT') = (eier IS NOT NULL)", name="eier"),
        Index("ix_arbeidsdel_klar", "art", "id", postgresql_where=text("status = 'KLAR'")),
        Index("ix_arbeidsdel_tatt", "eier", postgresql_where=text("status = 'TATT'")),
    )
    id: Mapped[int] = mapped_column(BigInteger(), Identity(always=True), primary_key=True)
    utsending_id: Mapped[UUID] = mapped_column(ForeignKey("utsending.id", ondelete="CASCADE"))
    art: Mapped[str]
    nr: Mapped[int] = mapped_column(Integer())
    fra: Mapped[int | None] = mapped_column(Integer())
    til: Mapped[int | None] = mapped_column(Integer())
    status: Mapped[str] = mapped_column(server_default=Delstatus.KLAR)
    eier: Mapped[int | None]
    forsok: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    feilkode: Mapped[str | None]
    bestilt_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    request_id: Mapped[str | None] = mapped_column(default=trace.current_request_id)
    resultat: Mapped[list[Any]] = mapped_column(JSONB(), server_default="[]")
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())


class Kolonnekobling(Base):
    """A column mapping that a konto has used, remembered by the digest of the header row."""

    __tablename__ = "kolonnekobling"
    konto_id: Mapped[UUID] = mapped_column(ForeignKey("konto.id"), primary_key=True)
    overskrift_digest: Mapped[bytes] = mapped_column(primary_key=True)
    kobling: Mapped[dict[str, Any]] = mapped_column(JSONB())
    brukt: Mapped[datetime] = mapped_column(server_default=func.now())


class Pris(Base):
    """Price in øre of one kind of sheet or postage, per organisation and year (svarut.md 6.3)."""

    __tablename__ = "pris"
    organisasjon_id: Mapped[UUID] = mapped_column(ForeignKey("organisasjon.id"), primary_key=True)
    aar: Mapped[int] = mapped_column(Integer(), primary_key=True)
    slag: Mapped[str] = mapped_column(primary_key=True)
    ore: Mapped[int] = mapped_column(Integer())
