"""Models of SvarInn REST v2 (svarut.md 4.3)."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from portal.api.model import Krevd, Modell, Svarmodell, Svartid, beskrevet


class Niva(StrEnum):
    BETYDELIG = "BETYDELIG"
    HOYESTE = "HOYESTE"


class Mottaksstatus(StrEnum):
    MOTTATT = "MOTTATT"
    FEILET = "FEILET"


class Feil(Modell):
    """Hvorfor brevet ikke kunne tas imot."""

    feilmelding: Krevd[str] = beskrevet("Vises for avsenderen.", "")
    permanent: Krevd[bool] = beskrevet("Om brevet skal gå videre til neste kanal.", False)


class Statusendring(Modell):
    """Svaret fra mottakersystemet."""

    status: Krevd[Mottaksstatus | None] = None
    feil: Feil | None = beskrevet("Må være med når status er FEILET.")


class Metadata(Svarmodell):
    """Ett navn med verdi."""

    key: str
    value: str


class Fil(Svarmodell):
    """En fil i pakken. Hash og størrelse er for filen slik den er når pakken er åpnet."""

    filnavn: str
    mimeType: str
    hash: str
    storrelse: int
    type: str | None
    ekstraMetadata: tuple[Metadata, ...]


class Postadresse(Svarmodell):
    navn: str
    adresselinje1: str | None
    adresselinje2: str | None
    adresselinje3: str | None
    postnummer: str | None
    poststed: str | None
    land: str | None


class Part(Svarmodell):
    """Avsender, mottaker eller den svar skal til."""

    organisasjonsnummer: str | None
    fodselsnummer: str | None = None
    postadresse: Postadresse


class Lenke(Svarmodell):
    lenke: str
    tekst: str
    ledetekst: str | None


class Mappe(Svarmodell):
    mappeId: str | None
    systemId: str | None
    saksaar: int | None
    sakssekvensnummer: int | None


class Journalpost(Svarmodell):
    systemId: str | None
    registreringsId: str | None
    journalaar: int | None
    journalpostnummer: int | None
    journalsekvensnummer: int | None


class NoarkTil(Svarmodell):
    """Saken og journalposten brevet skal legges på."""

    mappeId: Mappe
    journalpostId: Journalpost
    journalposttype: str | None
    journalstatus: str | None
    dokumentetsDato: Svartid | None
    tittel: str | None


class NoarkFra(NoarkTil):
    """Saken og journalposten i systemet brevet kommer fra."""

    journaldato: Svartid | None
    saksbehandler: str | None
    virksomhetsspesifikkeMetadata: tuple[Metadata, ...]


class Forsendelse(Svarmodell):
    """Et brev som venter på mottakersystemet."""

    id: UUID
    tittel: str
    dato: Svartid
    status: str
    sikkerhetsniva: Niva
    avsender: Part
    mottaker: Part
    svarSendesTil: Part
    svarPaForsendelse: UUID | None
    metadataFraAvleverendeSystem: NoarkFra | None
    metadataForImport: NoarkTil | None
    filer: tuple[Fil, ...]
    lenker: tuple[Lenke, ...]
    type: str | None
    eksternReferanse: str | None
    avgivendeSystem: str | None
    taushetsbelagtPost: bool
    nedlastingslenke: str
