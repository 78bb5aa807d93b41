"""All tables of SvarUt.

Letters with documents, leveringer and history; attempts, early receipts and circuit breakers of the channels;
reserved ids and idempotency keys; signing orders; and letters that wait for a mottakersystem.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from fiks.core.db import Base
from fiks.core.queue.delivery_attempts import Handover
from fiks.svarut.rules import OPEN, Kanal, Leveringsstatus, Mottakertype, Opphav, Signeringsstatus, Status


def one_of(column: str, values: object) -> str:
    """SQL text that limits a column to the values of an enum, for a CHECK."""
    names = ", ".join(f"'{value}'" for value in values)  # type: ignore[attr-defined]
    return f"{column} IN ({names})"


class Forsendelse(Base):
    """A letter to one mottaker. `mottaker_kryptert` is JSON: navn, digital_id and the postal address.

    `innhold_kryptert` is JSON of seldom needed facts: where answers go, links, Noark facts, extra metadata.
    `ekstern_indeks` is the blind index of the sender's own reference; `ekstern_referanse` is its displayable
    form. `avtrykk` is the digest of everything the sender sent, which recognises a repeated submission.
    `kontroll_neste` and `kontroll_forsok`: when a MOTTATT letter is inspected next, and the number of tries.
    `originaler_venter`: the sender has deleted the originals, and a worker has yet to make the combined PDF.
    `printleverandor`: the print house of this letter; None means the konto's choice when it is ordered.
    """

    __tablename__ = "forsendelse"
    __table_args__ = (
        CheckConstraint(one_of("status", Status), name="status"),
        CheckConstraint(one_of("mottakertype", Mottakertype), name="mottakertype"),
        UniqueConstraint("utsending_id", "radnr"),
        Index("ix_forsendelse_konto_id_id", "konto_id", "id"),
        Index("ix_forsendelse_logg", "konto_id", "opprettet", "id"),
        Index("ix_forsendelse_utsending_id_status", "utsending_id", "status", "kanal"),
        Index("ix_forsendelse_innboks", "mottaker_indeks", "opprettet", "id"),
        Index("ix_forsendelse_status_endret", "status_endret"),
        Index(
            "ix_forsendelse_lesefrist",
            "lesefrist",
            postgresql_where=text("lesefrist_utlopt IS NULL AND status IN ('SENDT_ALTINN', 'LEVERT_ALTINN')"),
        ),
        Index(
            "ix_forsendelse_ekstern_indeks",
            "konto_id",
            "ekstern_indeks",
            postgresql_where=text("ekstern_indeks IS NOT NULL"),
        ),
        Index(
            "ix_forsendelse_kontroll",
            "konto_id",
            "kontroll_neste",
            "id",
            postgresql_where=text("status = 'MOTTATT'"),
        ),
        Index("ix_forsendelse_print", "overlevert", postgresql_where=text("status = 'SENDT_PRINT'")),
        Index(
            "ix_forsendelse_print_konto",
            "konto_id",
            "overlevert",
            "id",
            postgresql_where=text("status = 'SENDT_PRINT'"),
        ),
        Index(
            "ix_forsendelse_overlevert_tid",
            "overlevert",
            postgresql_where=text("overlevert IS NOT NULL"),
        ),
        Index(
            "ix_forsendelse_konto_overlevert",
            "konto_id",
            "overlevert",
            postgresql_where=text("overlevert IS NOT NULL"),
        ),
        Index(
            "ix_forsendelse_ubekreftet",
            "status",
            "overlevert",
            postgresql_where=text("status IN ('SENDT_ALTINN', 'SENDT_SDP')"),
        ),
        Index(
            "ix_forsendelse_egne_tapte",
            "opphav",
            "status_endret",
            postgresql_where=text(
                "opphav IN ('EDIALOG', 'SIGNERING')"
                " AND status IN ('AVVIST', 'FEILET_UNDER_MOTTAK', 'IKKE_LEVERT', 'MANUELT_HANDTERT')"
            ),
        ),
        Index("ix_forsendelse_originaler", "id", postgresql_where=text("originaler_venter")),
        Index(
            "ix_forsendelse_innhold",
            "konto_id",
            "opprettet",
            postgresql_where=text("mottaker_kryptert IS NOT NULL"),
        ),
        CheckConstraint(one_of("opphav", Opphav), name="opphav"),
        CheckConstraint("printleverandor IN ('MANUELL_PRINT', 'GRAFISK_DIGITAL')", name="printleverandor"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    konto_id: Mapped[UUID] = mapped_column(ForeignKey("konto.id"))
    organisasjon_id: Mapped[UUID] = mapped_column(ForeignKey("organisasjon.id"))
    utsending_id: Mapped[UUID | None]
    radnr: Mapped[int | None] = mapped_column(Integer())
    ekstern_referanse: Mapped[str | None]
    korrelasjonsid: Mapped[str | None] = mapped_column(index=True)
    tittel: Mapped[str]
    mottakertype: Mapped[str]
    mottaker_kryptert: Mapped[bytes | None]
    mottaker_indeks: Mapped[bytes | None]
    status: Mapped[str] = mapped_column(server_default=Status.MOTTATT)
    status_endret: Mapped[datetime] = mapped_column(server_default=func.now())
    siste_lopenr: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    kanal: Mapped[str | None]
    kanalregel: Mapped[str | None]
    kun_digital: Mapped[bool] = mapped_column(server_default=text("false"))
    sikkerhetsniva: Mapped[str] = mapped_column(server_default="BETYDELIG")
    tosidig: Mapped[bool] = mapped_column(server_default=text("false"))
    farger: Mapped[bool] = mapped_column(server_default=text("false"))
    konteringskode: Mapped[str | None]
    prove: Mapped[bool] = mapped_column(server_default=text("false"))
    forsendelsestype: Mapped[str | None]
    lesefrist: Mapped[datetime | None]
    lesefrist_utlopt: Mapped[datetime | None]
    overlevert: Mapped[datetime | None]
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())
    opphav: Mapped[str] = mapped_column(server_default=Opphav.UTSENDING)
    ekstern_indeks: Mapped[bytes | None]
    avgivende_system: Mapped[str | None]
    avgivende_aktor: Mapped[str | None]
    kryptert: Mapped[bool] = mapped_column(server_default=text("false"))
    strengt_digital: Mapped[bool] = mapped_column(server_default=text("false"))
    taushetsbelagt: Mapped[bool] = mapped_column(server_default=text("false"))
    uten_adresse: Mapped[bool] = mapped_column(server_default=text("false"))
    svar_pa_id: Mapped[UUID | None]
    kan_svares: Mapped[bool] = mapped_column(server_default=text("false"))
    innhold_kryptert: Mapped[bytes | None]
    avtrykk: Mapped[bytes | None]
    kontroll_neste: Mapped[datetime] = mapped_column(server_default=func.now())
    kontroll_forsok: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    originaler_slettet: Mapped[datetime | None]
    originaler_venter: Mapped[bool] = mapped_column(server_default=text("false"))
    status_for_sletting: Mapped[str | None]
    printleverandor: Mapped[str | None]


class Dokument(Base):
    """One file of a letter, encrypted in the object store: a whole object or a part of a segment.

    Number 0 is the cover sheet; `rules.FORSENDELSESFIL` is the combined PDF that stays when the others are
    deleted.
    """

    __tablename__ = "dokument"
    __table_args__ = (UniqueConstraint("forsendelse_id", "nr"), Index("ix_dokument_objekt", "objekt"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    forsendelse_id: Mapped[UUID] = mapped_column(ForeignKey("forsendelse.id", ondelete="CASCADE"))
    nr: Mapped[int] = mapped_column(Integer())
    filnavn: Mapped[str]
    mime_type: Mapped[str] = mapped_column(server_default="application/pdf")
    storrelse: Mapped[int]
    sha256: Mapped[bytes]
    objekt: Mapped[str | None]
    fra: Mapped[int | None]
    lengde: Mapped[int | None]
    nokkel: Mapped[bytes | None]
    sider: Mapped[int | None] = mapped_column(Integer())
    giroark: Mapped[list[int]] = mapped_column(ARRAY(Integer()), server_default="{}")
    kryptert: Mapped[bool] = mapped_column(server_default=text("false"))
    ekskluderes: Mapped[bool] = mapped_column(server_default=text("false"))
    skal_signeres: Mapped[bool] = mapped_column(server_default=text("false"))
    sensitiv: Mapped[bool] = mapped_column(server_default=text("false"))
    dokument_type: Mapped[str | None]


class Eksponering(Base):
    """A reader besides the receiver, by the blind index of the reader's number."""

    __tablename__ = "eksponering"
    __table_args__ = (Index("ix_eksponering_indeks", "indeks"),)
    forsendelse_id: Mapped[UUID] = mapped_column(
        ForeignKey("forsendelse.id", ondelete="CASCADE"), primary_key=True
    )
    indeks: Mapped[bytes] = mapped_column(primary_key=True)


class Levering(Handover, Base):
    """Handing one letter to one channel. `kanal` is chosen at hand-over, by rule `kanalregel`."""

    __tablename__ = "levering"
    __table_args__ = (
        CheckConstraint(one_of("status", Leveringsstatus), name="status"),
        CheckConstraint("kanal IS NULL OR " + one_of("kanal", Kanal), name="kanal"),
        CheckConstraint("(status = 'SENDER') = (eier IS NOT NULL)", name="eier"),
        Index(
            "uq_levering_apen",
            "forsendelse_id",
            unique=True,
            postgresql_where=text(one_of("status", OPEN)),
        ),
        Index(
            "ix_levering_klar",
            "bane",
            "neste_forsok",
            "id",
            postgresql_where=text("status = 'KLAR'"),
        ),
        Index(
            "ix_levering_apen_status",
            "status",
            "neste_forsok",
            postgresql_where=text("status IN ('SENDER', 'VENTER', 'UAVKLART', 'TIL_BEHANDLING')"),
        ),
        Index(
            "ix_levering_venter",
            "feilkode",
            "neste_forsok",
            postgresql_where=text("status = 'VENTER'"),
        ),
        Index("ix_levering_forsendelse_id", "forsendelse_id"),
        Index("ix_levering_utsending_id", "utsending_id", "status"),
        Index(
            "uq_levering_ref",
            "kanal",
            "leverandor_ref",
            unique=True,
            postgresql_where=text("leverandor_ref IS NOT NULL"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    forsendelse_id: Mapped[UUID] = mapped_column(ForeignKey("forsendelse.id", ondelete="CASCADE"))
    utsending_id: Mapped[UUID | None]
    kanal: Mapped[str | None]
    kanalregel: Mapped[str | None]
    bane: Mapped[str]
    stopp_onsket: Mapped[bool] = mapped_column(server_default=text("false"))


class Hendelse(Base):
    """One row of a letter's history, numbered 1..n without gaps, written in the transaction of the change.

    `art`: FORSENDELSE and LEVERING are state changes (`fra`, `til`); MERKNAD is a remark (`kode`).
    """

    __tablename__ = "hendelse"
    forsendelse_id: Mapped[UUID] = mapped_column(
        ForeignKey("forsendelse.id", ondelete="CASCADE"), primary_key=True
    )
    lopenr: Mapped[int] = mapped_column(Integer(), primary_key=True)
    art: Mapped[str]
    levering_id: Mapped[UUID | None]
    fra: Mapped[str | None]
    til: Mapped[str | None]
    kode: Mapped[str]
    detaljer: Mapped[dict[str, Any]] = mapped_column(JSONB(), server_default="{}")
    aktor: Mapped[str]
    tid: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class Leveringsforsok(Base):
    """The ledger of delivery attempts: a row is committed before its call is made."""

    __tablename__ = "leveringsforsok"
    __table_args__ = (Index("ix_leveringsforsok_kanal", "kanal", "avsluttet"),)
    levering_id: Mapped[UUID] = mapped_column(ForeignKey("levering.id", ondelete="CASCADE"), primary_key=True)
    nr: Mapped[int] = mapped_column(Integer(), primary_key=True)
    kanal: Mapped[str]
    startet: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    avsluttet: Mapped[datetime | None]
    utfall: Mapped[str | None]
    detalj: Mapped[str | None]


class TidligKvittering(Base):
    """A receipt that arrived before our own record of the call it answers; applied and deleted with that
    record.
    """

    __tablename__ = "tidlig_kvittering"
    levering_id: Mapped[UUID] = mapped_column(ForeignKey("levering.id", ondelete="CASCADE"), primary_key=True)
    art: Mapped[str] = mapped_column(primary_key=True)
    kanal: Mapped[str]
    tidspunkt: Mapped[datetime]
    detaljer: Mapped[dict[str, Any]] = mapped_column(JSONB(), server_default="{}")


class Kanalavvik(Base):
    """A reference on which a channel's books and ours disagree, until a person has looked into it.

    `art`: UKJENT_HOS_OSS, the channel reports a letter that is not ours; UKJENT_HOS_DEM, the channel does not
    know a letter that we handed over.
    """

    __tablename__ = "kanalavvik"
    __table_args__ = (CheckConstraint("art IN ('UKJENT_HOS_OSS', 'UKJENT_HOS_DEM')", name="art"),)
    kanal: Mapped[str] = mapped_column(primary_key=True)
    referanse: Mapped[str] = mapped_column(primary_key=True)
    art: Mapped[str] = mapped_column(primary_key=True)
    funnet: Mapped[datetime] = mapped_column(server_default=func.now())


class Kanaloppslag(Base):
    """When a channel was last asked about a levering it has sent no receipt for.

    Deleted when the receipt comes, or after a month. No foreign key: each look-up would lock the levering,
    and a receipt would have to wait for it.
    """

    __tablename__ = "kanaloppslag"
    levering_id: Mapped[UUID] = mapped_column(primary_key=True)
    spurt: Mapped[datetime] = mapped_column(server_default=func.now())


class Banestatus(Base):
    """The circuit breaker of a lane, channel or register: whether it is paused, and why (many failures,
    frozen by a person).
    """

    __tablename__ = "banestatus"
    navn: Mapped[str] = mapped_column(primary_key=True)
    stengt: Mapped[bool] = mapped_column(server_default=text("false"))
    grunn: Mapped[str | None]
    apnes: Mapped[datetime | None]
    endret: Mapped[datetime] = mapped_column(server_default=func.now())


class Innsendingsnokkel(Base):
    """An idempotency key that a fagsystem sent with a letter. It is valid for as long as the letter exists."""

    __tablename__ = "innsendingsnokkel"
    konto_id: Mapped[UUID] = mapped_column(ForeignKey("konto.id"), primary_key=True)
    nokkel: Mapped[str] = mapped_column(primary_key=True)
    forsendelse_id: Mapped[UUID] = mapped_column(ForeignKey("forsendelse.id", ondelete="CASCADE"), index=True)


class KryptertAvtrykk(Base):
    """The digest of an encrypted letter's facts and sizes, which recognises it when it is encrypted anew.

    It stands beside `Forsendelse.avtrykk`, the digest of every letter's bytes: older releases compare only
    that.
    """

    __tablename__ = "kryptert_avtrykk"
    forsendelse_id: Mapped[UUID] = mapped_column(
        ForeignKey("forsendelse.id", ondelete="CASCADE"), primary_key=True
    )
    avtrykk: Mapped[bytes]


class ReservertId(Base):
    """An id that only one konto may send a letter under (v1 and SOAP).

    Its fagsystem asked for it by `startNyForsendelse`, or made it itself and it was reserved with the letter.
    It is deleted after thirty days; from then on the letter itself guards its id.
    """

    __tablename__ = "reservert_id"
    __table_args__ = (Index("ix_reservert_id_opprettet", "opprettet"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    konto_id: Mapped[UUID] = mapped_column(ForeignKey("konto.id"))
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())


class Signeringsoppdrag(Base):
    """An order to have one document of a letter signed by its receiver (svarut.md 1.7).

    `referanse` is the signing service's own id, once it has the order. `signert`: the receiver has signed,
    and the copy is yet to be fetched and sent back. `neste_forsok` and `forsok`: when the next call
    (registration or fetching the copy) is due, and how often it has been tried.
    """

    __tablename__ = "signeringsoppdrag"
    __table_args__ = (
        CheckConstraint(one_of("status", Signeringsstatus), name="status"),
        Index(
            "ix_signeringsoppdrag_registreres",
            "neste_forsok",
            postgresql_where=text("status = 'VENTER_SIGNERING' AND referanse IS NULL AND signert IS NULL"),
        ),
        Index(
            "ix_signeringsoppdrag_hentes",
            "neste_forsok",
            postgresql_where=text("status IN ('VENTER_SIGNERING', 'UTLOPT') AND signert IS NOT NULL"),
        ),
        Index(
            "ix_signeringsoppdrag_utloper",
            "utloper",
            postgresql_where=text("status = 'VENTER_SIGNERING'"),
        ),
    )
    forsendelse_id: Mapped[UUID] = mapped_column(
        ForeignKey("forsendelse.id", ondelete="CASCADE"), primary_key=True
    )
    type: Mapped[str]
    utloper: Mapped[datetime]
    status: Mapped[str] = mapped_column(server_default=Signeringsstatus.VENTER_SIGNERING)
    referanse: Mapped[str | None] = mapped_column(unique=True)
    signert: Mapped[datetime | None]
    neste_forsok: Mapped[datetime] = mapped_column(server_default=func.now())
    forsok: Mapped[int] = mapped_column(Integer(), server_default=text("0"))


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
