"""Models of SvarUt's REST queries and answers, besides sending (svarut.md 3.2 and 3.3)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from fiks.svarut.rules import Signeringsstatus, Slettetype
from fiks.svarut.sender.status_queries import MOST
from portal.api.model import Krevd, Modell, Svarmodell, Svartid, Tidspunkt, beskrevet, grense


class StatusV2(StrEnum):
    """The statuses that v2 knows; newer ones are shown as one of these."""

    MOTTATT = "MOTTATT"
    AKSEPTERT = "AKSEPTERT"
    AVVIST = "AVVIST"
    VARSLET = "VARSLET"
    LEST = "LEST"
    SENDT_PRINT = "SENDT_PRINT"
    PRINTET = "PRINTET"
    MANUELT_HANDTERT = "MANUELT_HANDTERT"
    SENDT_DIGITALT = "SENDT_DIGITALT"
    SENDT_SDP = "SENDT_SDP"
    LEVERT_SDP = "LEVERT_SDP"
    KLAR_FOR_MOTTAK = "KLAR_FOR_MOTTAK"
    IKKE_LEVERT = "IKKE_LEVERT"


class StatusV3(StrEnum):
    """The statuses that v3 knows. Those of Norsk Helsenett are never reached here."""

    MOTTATT = "MOTTATT"
    AKSEPTERT = "AKSEPTERT"
    AVVIST = "AVVIST"
    FEILET_UNDER_MOTTAK = "FEILET_UNDER_MOTTAK"
    SENDT_ALTINN = "SENDT_ALTINN"
    LEVERT_ALTINN = "LEVERT_ALTINN"
    LEST = "LEST"
    SENDT_PRINT = "SENDT_PRINT"
    PRINTET = "PRINTET"
    MANUELT_HANDTERT = "MANUELT_HANDTERT"
    SENDT_DIGITALT = "SENDT_DIGITALT"
    SENDT_SDP = "SENDT_SDP"
    LEVERT_SDP = "LEVERT_SDP"
    KLAR_FOR_MOTTAK = "KLAR_FOR_MOTTAK"
    IKKE_LEVERT = "IKKE_LEVERT"
    SLETTET = "SLETTET"
    SENDT_NHN_MOTTAKER = "SENDT_NHN_MOTTAKER"
    LEVERT_NHN_MOTTAKER = "LEVERT_NHN_MOTTAKER"


Ider = Annotated[tuple[UUID, ...], grense(maxItems=MOST)]


class StatusSok(Modell):
    """Brevene det spørres om."""

    forsendelseIds: Krevd[Ider] = ()


class Forsendelser(Modell):
    """Brevene det spørres om."""

    id: Krevd[Ider] = ()


class Referansesok(Modell):
    """Referansen det spørres om."""

    eksternRef: Krevd[Annotated[str, Field(max_length=1_000)]] = beskrevet(
        "Avsenderens egen referanse, slik den ble sendt.", ""
    )


class Slettetypesok(Modell):
    """Hvilke dokumenter som skal slettes."""

    slettetype: Slettetype = Slettetype.ORIGINALDOKUMENTER


class Mottakersystemsok(Modell):
    """Det som ikke er med, spørres det ikke om."""

    organisasjonsnummer: Annotated[str, Field(pattern="^[0-9]{9}$")] = ""
    forsendelseType: Annotated[
        str, Field(max_length=100, pattern=r"^[a-zA-ZæøåÆØÅ0-9]+(\.[a-zA-ZæøåÆØÅ0-9]+)*$")
    ] = ""
    niva: Annotated[int, Field(ge=0, le=9)] | None = beskrevet("3 eller 4.")


class LestAv(Modell):
    """Hvem som leste brevet, når, og i hvilket system."""

    fnr: Krevd[Annotated[str, Field(pattern="^[0-9]{11}$")]] = ""
    tidspunkt: Krevd[Tidspunkt | None] = None
    eksterntSystemnavn: Annotated[str, grense(maxLength=100)] = beskrevet("Vises i historikken.", "")


class Sendt(Svarmodell):
    """Id-en til det mottatte brevet."""

    id: UUID


class BrevstatusV2(Svarmodell):
    """Hvor ett brev er."""

    id: UUID
    sisteStatusEndring: Svartid
    status: StatusV2


class StatuserV2(Svarmodell):
    """Hvor brevene er. Brev som ikke finnes, er ikke med."""

    statuser: tuple[BrevstatusV2, ...]


class BrevstatusV3(Svarmodell):
    """Hvor ett brev er."""

    id: UUID
    sisteStatusEndring: Svartid
    status: StatusV3


class StatuserV3(Svarmodell):
    """Hvor brevene er. Brev som ikke finnes, er ikke med."""

    statuser: tuple[BrevstatusV3, ...]


class Hendelse(Svarmodell):
    """Noe som har skjedd med brevet."""

    tidspunkt: Svartid
    hendelse: str


class Hendelser(Svarmodell):
    """Alt som har skjedd med brevet, eldst først."""

    hendelser: tuple[Hendelse, ...]


class Signeringshendelse(Svarmodell):
    """Noe som har skjedd med signeringen."""

    tidspunkt: Svartid
    status: Signeringsstatus
    hendelse: str


class Signeringshendelser(Svarmodell):
    """Alt som har skjedd med signeringen, eldst først."""

    hendelser: tuple[Signeringshendelse, ...]


class Oppforing(Svarmodell):
    """Ett navn med verdi."""

    key: str
    value: str


class DokumentMetadata(Svarmodell):
    """Opplysninger om ett dokument."""

    filnavn: str
    mimeType: str
    dokumentType: str
    storrelse: Annotated[int, Field(json_schema_extra={"format": "int64"})]
    sha256Hash: str
    nedlasningUrl: str
    kanSigneres: bool
    signeringUrl: str | None = None
    ekstraMetadata: tuple[Oppforing, ...] = ()
    inneholderPersonsensitivInformasjon: bool = False


class ForsendelseMetadata(Svarmodell):
    """Dokumentene i brevet, i dets rekkefølge."""

    dokumenter: tuple[DokumentMetadata, ...]


class EksternRefSvar(Svarmodell):
    """Brevene som har referansen, nyeste først."""

    forsendelseIds: tuple[UUID, ...]


class Funnet(Svarmodell):
    """Ett brev som har referansen."""

    id: UUID
    dato: Svartid
    avgivendeSystem: str | None = None


class EksternRefMetadataSvar(Svarmodell):
    """Brevene som har referansen, nyeste først."""

    forsendelser: tuple[Funnet, ...]


class Forsendelsestyper(Svarmodell):
    """Typene som kan rutes til et mottakersystem."""

    forsendelsestyper: tuple[str, ...]


class Mottakersystem(Svarmodell):
    """Noe et mottakersystem tar imot. Uten `forsendelseType` gjelder det alle typer."""

    id: UUID
    navn: str
    organisasjonsnummer: str
    forsendelseType: str
    niva: int


class Mottakersystemer(Svarmodell):
    """Det som tas imot, av dem det ble spurt om."""

    mottakersystemer: tuple[Mottakersystem, ...]


class ErrorMessage(Svarmodell):
    """Det alle avslag svarer med. `errorJson` har en setning for hvert felt det er noe galt med.

    Er brevet mottatt før, står id-en til det i `forsendelseId` i `errorJson`.
    """

    timestamp: Annotated[int, Field(json_schema_extra={"format": "int64"})]
    status: int
    error: str
    errorId: UUID
    path: str
    originalPath: str | None
    message: str
    errorCode: str | None
    errorJson: dict[str, str] | None
