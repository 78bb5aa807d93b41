"""Models of eDialog's skjema API (svarut.md 8.3), spelled as KS spells them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fiks.core.values.address import Adresse
from fiks.edialog.queries import Skjema
from fiks.edialog.rules import MAX_MESSAGE, MAX_TITLE, Avsender, Endring, Status, tidy_text
from portal.api.model import EllerNyere, Krevd, Modell, Svarmodell, Svartid, beskrevet, grense

LONGEST = 1_000
Felt = Annotated[str, grense(maxLength=LONGEST)]


class SkjemaMottakertype(StrEnum):
    MOTTAKER_ID = "MOTTAKER_ID"
    MOTTAKER_SHORT_ID = "MOTTAKER_SHORT_ID"
    MOTTAKER_ORGNR = "MOTTAKER_ORGNR"
    SVAR_PA_FORSENDELSE_ID = "SVAR_PA_FORSENDELSE_ID"


class SkjemaIdtype(StrEnum):
    SKJEMA_ID = "skjemaId"
    MOTTAKER_ID = "mottakerId"
    MOTTAKER_SHORT_ID = "mottakerShortId"
    MOTTAKER_ORGNR = "mottakerOrgnr"
    SVAR_PA_FORSENDELSE_ID = "svarPaForsendelseId"


class Avsendertype(StrEnum):
    PERSON = "PERSON"
    ORGANISASJON = "ORGANISASJON"


class Spraak(StrEnum):
    BOKMAL = "BOKMAL"
    NYNORSK = "NYNORSK"
    ENGELSK = "ENGELSK"
    NORDSAMISK = "NORDSAMISK"


class SkjemaMottakerV1Type(StrEnum):
    MOTTAKER = "MOTTAKER"
    SVAR_PA_FORSENDELSE = "SVAR_PA_FORSENDELSE"


class NyttSkjemaMottakerV1(Modell):
    """Hvem det skrives til, eller hvilket brev det er svar på."""

    type: Krevd[SkjemaMottakertype] = SkjemaMottakertype.MOTTAKER_ORGNR
    id: Krevd[str] = ""


class NyttSkjemaV1(Modell):
    """Et nytt skjema. Har innbyggeren et utkast til samme mottaker, er det dette som fortsetter."""

    mottaker: Krevd[NyttSkjemaMottakerV1 | None] = None
    slettEksisterende: bool = beskrevet("Slett utkastet som finnes, og begynn på nytt.", False)


class OppdaterAvsenderidV1(Modell):
    """Hvem skjemaet er fra. Gjennom API-et kan innbyggeren bare skrive for seg selv."""

    type: Krevd[Avsendertype] = Avsendertype.PERSON
    id: Krevd[str] = ""


class OppdaterAvsenderadresseV1(Modell):
    """Navn og adresse, og hvordan innbyggeren kan nås. Det som utelates, blir tomt."""

    navn: Felt = ""
    adresselinje1: Felt = ""
    adresselinje2: Felt = ""
    adresselinje3: Felt = ""
    postnummer: Felt = ""
    poststed: Felt = ""
    land: Felt = ""
    epost: Felt = ""
    telefonnummer: Felt = ""

    def avsender(self) -> Avsender:
        """The request as the domain's Avsender."""
        lines = self.adresselinje1, self.adresselinje2, self.adresselinje3
        said = (self.navn, *lines, self.postnummer, self.poststed, self.land)
        return Avsender(Adresse(*map(tidy_text, said)), tidy_text(self.epost), tidy_text(self.telefonnummer))


class OppdaterSkjemaV1(Modell):
    """Det som skal endres i skjemaet. Det som utelates eller er tomt, blir som det er."""

    sensitivt: bool | None = None
    tittel: Annotated[str, grense(maxLength=MAX_TITLE)] = ""
    melding: Annotated[str, grense(maxLength=MAX_MESSAGE)] = ""
    avsenderid: OppdaterAvsenderidV1 | None = None
    avsenderadresse: OppdaterAvsenderadresseV1 | None = None

    def endring(self) -> Endring:
        """The request as the domain's Endring."""
        return Endring(
            tidy_text(self.tittel) or None,
            tidy_text(self.melding) or None,
            None if self.avsenderadresse is None else self.avsenderadresse.avsender(),
            self.sensitivt,
        )


class SendInnSkjemaV1(Modell):
    """Språket på kvitteringen til innbyggeren. Den finnes på bokmål og nynorsk."""

    spraak: Spraak = Spraak.BOKMAL


class Skjemasok(Modell):
    """Hva id-en i adressen er."""

    idType: SkjemaIdtype = SkjemaIdtype.SKJEMA_ID


class AvsenderV1(Svarmodell):
    """Hvem skjemaet er fra."""

    type: Avsendertype = Avsendertype.PERSON
    id: str
    navn: str | None = None
    adresselinje1: str | None = None
    adresselinje2: str | None = None
    adresselinje3: str | None = None
    postnummer: str | None = None
    poststed: str | None = None
    land: str | None = None
    epost: str | None = None
    telefonnummer: str | None = None


class MottakerOrganisasjonAdresseV1(Svarmodell):
    """Adressen til mottakeren."""

    orgnr: str
    adresselinje1: str | None = None
    adresselinje2: str | None = None
    adresselinje3: str | None = None
    postnummer: str | None = None
    poststed: str | None = None
    land: str | None = None


class SkjemaMottakerV1(Svarmodell):
    """Hvem skjemaet er til, eller hvilket brev det er svar på."""

    type: SkjemaMottakerV1Type
    id: str
    navn: str
    adresse: MottakerOrganisasjonAdresseV1


class FilV1(Svarmodell):
    """Et vedlegg."""

    id: UUID
    navn: str
    type: str = "application/pdf"
    storrelse: int


class SkjemaV1(Svarmodell):
    """Et skjema. `forsendelseId` er referansen, fra det er sendt inn."""

    id: UUID
    sistEndret: Svartid
    status: EllerNyere[Status]
    forsendelseId: UUID | None = None
    sensitivt: bool
    tittel: str | None = None
    melding: str | None = None
    avsender: AvsenderV1
    mottaker: SkjemaMottakerV1
    filer: tuple[FilV1, ...]


class SkjemaerV1(Svarmodell):
    """Skjemaene, de nyeste først. Høyst 100."""

    skjemaer: tuple[SkjemaV1, ...]


def skjema_model(skjema: Skjema) -> SkjemaV1:
    """A skjema as the API's model."""
    utkast = skjema.utkast
    return SkjemaV1(
        id=skjema.id,
        sistEndret=skjema.endret,
        status=skjema.status,
        forsendelseId=skjema.referanse if skjema.innsendt is not None else None,
        sensitivt=skjema.sensitivt,
        tittel=utkast.tittel or None,
        melding=utkast.melding or None,
        avsender=_sender(skjema.nummer, utkast.avsender),
        mottaker=_receiver(skjema),
        filer=tuple(FilV1(id=fil.id, navn=fil.filnavn, storrelse=fil.storrelse) for fil in skjema.filer),
    )


def _sender(nummer: str, avsender: Avsender) -> AvsenderV1:
    return AvsenderV1(
        id=nummer,
        navn=avsender.adresse.navn or None,
        epost=avsender.epost or None,
        telefonnummer=avsender.telefon or None,
        **_lines(avsender.adresse),
    )


def _receiver(skjema: Skjema) -> SkjemaMottakerV1:
    to, answers = skjema.mottaker, skjema.svar_pa_id
    return SkjemaMottakerV1(
        type=SkjemaMottakerV1Type.SVAR_PA_FORSENDELSE if answers else SkjemaMottakerV1Type.MOTTAKER,
        id=str(answers or skjema.mottaker_id),
        navn=to.adresse.navn,
        adresse=MottakerOrganisasjonAdresseV1(orgnr=to.orgnr, **_lines(to.adresse)),
    )


def _lines(adresse: Adresse) -> dict[str, str | None]:
    """The address lines of sender and mottaker alike, without empty ones."""
    return {
        "adresselinje1": adresse.adresselinje1 or None,
        "adresselinje2": adresse.adresselinje2 or None,
        "adresselinje3": adresse.adresselinje3 or None,
        "postnummer": adresse.postnr or None,
        "poststed": adresse.poststed or None,
        "land": adresse.land or None,
    }
