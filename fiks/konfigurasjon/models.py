"""Tables that all of Fiks-konfigurasjon shares: organisations, the ressurs tree, kontoer, persons and
sessions; groups, grants and reviews; machines.

Agreements and services are in `avtale.models`, a konto's set-up in `konto.models`.
"""

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
        CheckConstraint(
            "type IN ('KOMMUNE', 'FYLKESKOMMUNE', 'KOMMUNAL_VIRKSOMHET', 'STATLIG_VIRKSOMHET', 'LEVERANDOR',"
            " 'UKJENT')",
            name="type",
        ),
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
    intern: Mapped[bool] = mapped_column(server_default=text("false"))
    synlig: Mapped[bool] = mapped_column(server_default=text("true"))
    varsel_epost: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default="{}")
    innbygger_epost: Mapped[str | None]
    avtaleadmin_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", use_alter=True))
    konfigurert: Mapped[datetime | None]


class Avtalekontakt(Base):
    """Contact details of an organisation's agreement administrator, as it wrote them itself; visible only
    there.
    """

    __tablename__ = "avtalekontakt"
    organisasjon_id: Mapped[UUID] = mapped_column(ForeignKey("organisasjon.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    tittel: Mapped[str | None]
    epost: Mapped[str | None]
    telefon: Mapped[str | None]


class Faktura(Base):
    """Where and how an organisation is invoiced (konfigurasjon.md 2.1)."""

    __tablename__ = "faktura"
    __table_args__ = (
        CheckConstraint("orgnr ~ '^[0-9]{9}$'", name="orgnr_form"),
        CheckConstraint("postnummer ~ '^[0-9]{4}$'", name="postnummer_form"),
        CheckConstraint("endepunkt_id ~ '^[0-9]{9}$'", name="endepunkt_form"),
    )
    organisasjon_id: Mapped[UUID] = mapped_column(ForeignKey("organisasjon.id"), primary_key=True)
    orgnr: Mapped[str]
    navn: Mapped[str]
    juridisk_navn: Mapped[str | None]
    referanse: Mapped[str | None]
    epost: Mapped[str | None]
    telefon: Mapped[str | None]
    adresselinje1: Mapped[str]
    adresselinje2: Mapped[str | None]
    postnummer: Mapped[str]
    poststed: Mapped[str]
    kundenummer: Mapped[str | None]
    endepunkt_id: Mapped[str | None]
    sist_endret: Mapped[datetime] = mapped_column(server_default=func.now())


class Ressurs(Base):
    """A node of the tree that grants apply to; `sti` is every id from the root down to this node."""

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
    """A SvarUt konto: one sender in an organisation. Its id is also the id of its ressurs.

    `kid_type` is unused.
    """

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
    """A person who can log in. The number is encrypted; `fnr_indeks` is its keyed blind index.

    `epost`, `tittel` and `telefon` are unused and will be dropped in the next release (`Avtalekontakt`).
    """

    __tablename__ = "person"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    fnr_kryptert: Mapped[bytes]
    fnr_indeks: Mapped[bytes] = mapped_column(unique=True)
    fnr_maskert: Mapped[str]
    navn: Mapped[str]
    epost: Mapped[str | None] = mapped_column(deferred=True)
    tittel: Mapped[str | None] = mapped_column(deferred=True)
    telefon: Mapped[str | None] = mapped_column(deferred=True)
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())


class Sesjon(Base):
    """A login session; only the SHA-256 of the cookie's value is stored.

    `idporten_sub_indeks` is the keyed blind index of the provider's `sub`, which may be a personal number at
    some providers. `representerer` is the orgnr the person acts for as a citizen, None for themselves;
    `parter_kryptert` is Altinn's latest answer on whom they may represent.
    """

    __tablename__ = "sesjon"
    __table_args__ = (
        Index("ix_sesjon_idporten_sid", "idporten_sid"),
        Index("ix_sesjon_sist_sett", "sist_sett"),
        Index(
            "ix_sesjon_idporten_sub_indeks",
            "idporten_sub_indeks",
            postgresql_where=text("avsluttet IS NULL"),
        ),
        Index("ix_sesjon_person_id", "person_id", postgresql_where=text("avsluttet IS NULL")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    organisasjon_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisasjon.id"))
    acr: Mapped[int] = mapped_column(server_default=text("0"))
    auth_time: Mapped[datetime | None]
    idporten_iss: Mapped[str | None]
    idporten_sid: Mapped[str | None]
    idporten_sub_indeks: Mapped[bytes | None]
    id_token_kryptert: Mapped[bytes | None]
    parter_kryptert: Mapped[bytes | None]
    parter_hentet: Mapped[datetime | None]
    representerer: Mapped[str | None]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB(), server_default="{}")
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())
    sist_sett: Mapped[datetime] = mapped_column(server_default=func.now())
    avsluttet: Mapped[datetime | None]
    avsluttet_grunn: Mapped[str | None]


class Innlogging(Base):
    """A login in progress: what must be remembered between the redirect to ID-porten and the callback. Single
    use.
    """

    __tablename__ = "innlogging"
    state_hash: Mapped[bytes] = mapped_column(primary_key=True)
    data_kryptert: Mapped[bytes]
    utloper: Mapped[datetime]


class Utloggingsbevis(Base):
    """The jti of an accepted back-channel logout token, stored so that it is accepted only once."""

    __tablename__ = "utloggingsbevis"
    jti: Mapped[str] = mapped_column(primary_key=True)
    utloper: Mapped[datetime]


class Fullmaktkrav(Base):
    """An Altinn code that lets a person act for an organisation in a service; any one of a service's codes is
    enough.
    """

    __tablename__ = "fullmaktkrav"
    __table_args__ = (CheckConstraint("type IN ('ROLLE', 'TILGANGSPAKKE', 'RESSURS')", name="type"),)
    tjeneste: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(primary_key=True)
    kode: Mapped[str] = mapped_column(primary_key=True)


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
