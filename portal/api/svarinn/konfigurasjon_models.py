"""Models of the configuration API of mottakersystemer (svarut.md 5.1)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from fiks.svarinn.rules import Sertifikatstatus
from portal.api.model import Krevd, Modell, Svarmodell, Svartid, beskrevet

MOST = 1_000
DEFAULT = 20


class Koblingsniva(StrEnum):
    ALLE = "ALLE"
    HOYESTE = "HOYESTE"
    BETYDELIG = "BETYDELIG"


class NyttSystem(Modell):
    """Et mottakersystem slik det skal være."""

    navn: Krevd[str] = ""
    eposter: Krevd[tuple[str, ...]] = beskrevet("Hvem som varsles når brev ikke blir hentet.", ())


class Systemsok(Modell):
    """Hvilke mottakersystemer det spørres om."""

    sidenummer: Annotated[int, Field(ge=0, le=100_000)] = 0
    antallPerSide: Annotated[int, Field(ge=1, le=MOST)] = DEFAULT
    sokebegrep: Annotated[str, Field(max_length=200)] = beskrevet("Del av navnet, id-en eller et orgnr.", "")


class Koblingssok(Modell):
    """Hvilken kobling det gjelder."""

    organisasjonskoblingsId: Krevd[UUID | None] = None


class NyKobling(Modell):
    """Hva som skal mottas for et organisasjonsnummer."""

    organisasjonsnummer: Krevd[str] = ""
    navn: str = ""
    forsendelsestyper: tuple[str, ...] = beskrevet("Tomt betyr alle typer.", ())
    sikkerhetsniva: Koblingsniva = Koblingsniva.ALLE


class Aktivstatus(Modell):
    """Om nye brev skal komme til mottakersystemet."""

    aktiv: Krevd[bool] = False


class Sertifikat(Modell):
    """Det offentlige sertifikatet, som PEM."""

    sertifikat: Krevd[str] = ""


class Sok(Modell):
    """Et organisasjonsnummer."""

    sokebegrep: Krevd[Annotated[str, Field(max_length=200)]] = ""


class Sertifikatstand(Svarmodell):
    """Hvordan det står til med sertifikatet."""

    status: Sertifikatstatus
    utlopsDato: Svartid | None


class System(Svarmodell):
    """Et mottakersystem."""

    mottakersystemId: UUID
    navn: str
    eposter: tuple[str, ...]
    aktiv: bool
    sertifikatStatus: Sertifikatstand
    antallTilknyttedeOrganisasjoner: int


class Systemer(Svarmodell):
    """En side med mottakersystemer."""

    sidenummer: int
    antallPerSide: int
    totaltAntallTreff: int
    antallTreff: int
    treff: tuple[System, ...]


class Kobling(Svarmodell):
    """Hva som mottas for et organisasjonsnummer."""

    organisasjonskoblingsId: UUID
    organisasjonsnummer: str
    navn: str
    forsendelsestyper: tuple[str, ...]
    sikkerhetsniva: Koblingsniva


class Opprettet(Svarmodell):
    """Id-en til det som ble laget."""

    id: UUID


class Organisasjon(Svarmodell):
    """En organisasjon personen har tilgangen «Post/arkiv» for."""

    organisasjonsnummer: str
    navn: str


class Oppslagsstatus(StrEnum):
    FUNNET = "FUNNET"
    IKKE_FUNNET = "IKKE_FUNNET"
    SLETTET = "SLETTET"


class Oppslag(Svarmodell):
    """Hva Enhetsregisteret sier."""

    status: Oppslagsstatus
    organisasjonsnummer: str | None
    navn: str | None
