"""Models of eDialog's configuration API (svarut.md 8.3), spelled as KS spells them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fiks.edialog.rules import MAX_LINE, MAX_RECEIVER_NAME, Mottakeroppsett, tidy_text
from fiks.konfigurasjon.konto.rules import Printleverandor
from portal.api.model import Krevd, Modell, Svarmodell, beskrevet, grense

Linje = Annotated[str, grense(maxLength=MAX_LINE)]
FORELDER = "SvarUt-kontoen som faktureres, eller det den ligger under. Trengs når flere kontoer er mulige."


class MottakerRequestV1(Modell):
    """Hvem som kan skrives til, slik innbyggerne ser det og brevene adresseres."""

    orgnr: Krevd[Annotated[str, grense(pattern="^[0-9]{9}$")]] = ""
    navn: Krevd[Annotated[str, grense(maxLength=MAX_RECEIVER_NAME)]] = ""
    adresselinje1: Linje = ""
    adresselinje2: Linje = ""
    adresselinje3: Linje = ""
    postnummer: Krevd[Annotated[str, grense(pattern="^[0-9]{4}$")]] = ""
    poststed: Krevd[Linje] = ""
    forelderRessurs: UUID | None = beskrevet(FORELDER)

    def oppsett(self, *, aktiv: bool | None) -> Mottakeroppsett:
        """The request as the domain's Mottakeroppsett. Omitted fields are empty; who prints is not changed."""
        lines = self.adresselinje1, self.adresselinje2, self.adresselinje3
        said = (self.orgnr, self.navn, *lines, self.postnummer, self.poststed)
        return Mottakeroppsett(*(tidy_text(text) for text in said), aktiv=aktiv)


class NyMottakerRequestV1(Modell):
    """En ny mottaker."""

    fiksOrganisasjonId: Krevd[UUID | None] = None
    mottaker: Krevd[MottakerRequestV1 | None] = None
    aktiv: bool = beskrevet("Om innbyggerne kan skrive til mottakeren fra nå av.", False)


class StatusRequestV1(Modell):
    """Om innbyggerne kan skrive til mottakeren."""

    aktiv: Krevd[bool] = False


class OppdaterPrintleverandorRequestV1(Modell):
    """Hvem som skriver ut henvendelser som går på papir."""

    printleverandor: Krevd[Printleverandor] = Printleverandor.GRAFISK_DIGITAL


class Mottakersok(Modell):
    """Hvilke mottakere det spørres om."""

    forelderRessurs: UUID | None = beskrevet("Bare mottakere på denne kontoen, eller på kontoer under den.")


class MottakerV1(Svarmodell):
    """En mottaker. `shortId` kan brukes i lenker i stedet for orgnr."""

    id: UUID
    shortId: str
    fiksOrganisasjonId: UUID
    orgnr: str
    navn: str
    adresselinje1: str | None
    adresselinje2: str | None
    adresselinje3: str | None
    postnummer: str
    poststed: str
    aktiv: bool
    printleverandor: Printleverandor


class MottakereV1(Svarmodell):
    """Mottakerne, etter navn. Høyst 1000."""

    mottakere: tuple[MottakerV1, ...]


class Enhetsoppslagsstatus(StrEnum):
    FUNNET = "FUNNET"
    IKKE_FUNNET = "IKKE_FUNNET"
    UGYLDIG_IDENTIFIKATOR = "UGYLDIG_IDENTIFIKATOR"


class Enhetspostadresse(Svarmodell):
    """Adressen i Enhetsregisteret. `land` mangler for adresser i Norge."""

    navn: str
    adresselinje1: str | None = None
    adresselinje2: str | None = None
    adresselinje3: str | None = None
    postnummer: str | None = None
    poststed: str | None = None
    land: str | None = None


class Enhetsadresse(Svarmodell):
    """Hva Enhetsregisteret sier. En slettet virksomhet er ikke funnet."""

    organisasjonsnummer: str | None = None
    postadresse: Enhetspostadresse | None = None
    status: Enhetsoppslagsstatus
