"""A letter as REST v3 describes it, to a person, to an organisation or to paper only (svarut.md 1.3 and 3.3)."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fiks.core.values.address import Adresse as Postadresse
from fiks.core.values.identifiers import is_orgnr
from fiks.svarut.mottak import Dokumentfakta, Funn, Innsending, Signatur, Signering, Svaradresse
from fiks.svarut.mottak.innsending import V3
from fiks.svarut.mottak.rules import MAX_LINE, MAX_NAME, MAX_POSTCODE, ROUTED_TYPES
from fiks.svarut.rules import Opphav
from portal.api.model import Krevd, Modell, Side, Tidspunkt, beskrevet, grense
from portal.api.svarut.letter.parts import (
    Brevmodell,
    Eksponert,
    Filnavn,
    Konteringskode,
    Lenker,
    Metadata,
    MimeType,
    NoarkFra,
    NoarkTil,
    Tekst,
    Tittel,
    extra,
    links,
)

OWN_NAMES = {
    "mottaker": "mottaker.adresse",
    "mottaker.postnummer": "mottaker.adresse.postnummer",
    "mottaker.poststed": "mottaker.adresse.poststed",
    "mottaker.land": "mottaker.adresse.landkode",
    "signeringUtloper": "signering.signeringUtloper",
}
"""v3's names of fields that v2 names differently; of the mottaker itself v2 judges only the address."""

Navn = Annotated[str, grense(minLength=1, maxLength=MAX_NAME)]
Linje = Annotated[str, grense(maxLength=MAX_LINE)]


class Sikkerhetsniva(StrEnum):
    BETYDELIG = "BETYDELIG"
    HOYESTE = "HOYESTE"


class Svartype(StrEnum):
    PERSON = "PERSON"
    ORGANISASJON = "ORGANISASJON"
    NHN_MOTTAKER = "NHN_MOTTAKER"


class AdresseV3(Modell):
    """En postadresse."""

    adresselinje1: Krevd[Linje] = ""
    adresselinje2: Linje = ""
    adresselinje3: Linje = ""
    poststed: Krevd[Linje] = ""
    postnummer: Annotated[str, grense(maxLength=MAX_POSTCODE)] = beskrevet("Fire siffer i Norge.", "")
    landkode: Annotated[str, grense(pattern="^[A-Z]{2}$", minLength=2, maxLength=2)] = beskrevet(
        "ISO 3166-1. Kan utelates for Norge.", ""
    )

    def of(self, navn: str) -> Postadresse:
        """The address with the receiver's name."""
        lines = (self.adresselinje1, self.adresselinje2, self.adresselinje3, self.postnummer, self.poststed)
        return Postadresse(navn, *lines, self.landkode)


class Mottaker(Modell):
    """Den brevet er til. Uten adresse blir brevet aldri skrevet ut."""

    navn: Krevd[Navn] = ""
    digitalId: Krevd[Annotated[str, grense(minLength=9, maxLength=11)]] = ""
    adresse: AdresseV3 | None = None


class Papirmottaker(Modell):
    """Den papirbrevet er til."""

    navn: Krevd[Navn] = ""
    adresse: Krevd[AdresseV3 | None] = None


class SvarSendesTil(Modell):
    """Den som får svar, og står som avsender på forsiden."""

    navn: Krevd[Navn] = ""
    type: Krevd[Svartype | None] = None
    digitalId: Krevd[Annotated[str, grense(pattern=r"^\d{1,11}$")]] = ""
    adresse: Krevd[AdresseV3 | None] = None

    def answers(self) -> Svaradresse:
        address = self.adresse or AdresseV3.nothing()
        return Svaradresse(address.of(self.navn), self.digitalId)

    def faults(self) -> Iterator[Funn]:
        """Findings: a type that does not fit the number, or one we cannot deliver to."""
        if self.type is Svartype.NHN_MOTTAKER:
            yield Funn("NHN_STOTTES_IKKE", "svarSendesTil")
        elif self.type is not None and is_orgnr(self.digitalId) is not (self.type is Svartype.ORGANISASJON):
            yield Funn("SVARADRESSE_UGYLDIG", "svarSendesTil.type")


class Papirdokument(Modell):
    """Ett dokument, i brevets rekkefølge."""

    filnavn: Krevd[Filnavn] = beskrevet("Det samme som filnavnet på dokumentets del. Unikt i brevet.", "")
    mimeType: Krevd[MimeType] = beskrevet("Bare application/pdf kan skrives ut.", "")
    giroarkSide: Side | None = beskrevet("Siden som skrives ut på giroark. Første side er 1.")

    def facts(self) -> Dokumentfakta:
        pages = () if self.giroarkSide is None else (self.giroarkSide,)
        return Dokumentfakta(self.filnavn, self.mimeType, giroark=pages, **self._more())

    def _more(self) -> dict[str, Any]:
        return {}


class DokumentV3(Papirdokument):
    """Ett dokument, i brevets rekkefølge."""

    skalEkskluderesFraUtskrift: bool = False

    def _more(self) -> dict[str, Any]:
        return {"ekskluderes": self.skalEkskluderesFraUtskrift}


class Persondokument(DokumentV3):
    """Ett dokument til en person."""

    skalSigneres: bool = False

    def _more(self) -> dict[str, Any]:
        return super()._more() | {"skal_signeres": self.skalSigneres}


class Organisasjonsdokument(DokumentV3):
    """Ett dokument til en virksomhet."""

    dokumentType: Tekst = ""
    ekstraMetadata: Annotated[tuple[Metadata, ...], grense(uniqueItems=True, maxItems=V3.antall)] = ()
    inneholderPersonsensitivInformasjon: bool = False

    def _more(self) -> dict[str, Any]:
        return super()._more() | {
            "dokument_type": self.dokumentType,
            "sensitiv": self.inneholderPersonsensitivInformasjon,
            "ekstra": extra(self.ekstraMetadata),
        }


class UtskriftV3(Modell):
    """Hvordan brevet skrives ut."""

    tosidig: bool = False


class Signeringsfakta(Modell):
    """Hva mottakeren skal signere med, og hvor lenge det er åpent."""

    signeringUtloper: Krevd[Tidspunkt | None] = beskrevet("Minst én dag fram i tid.")
    signaturType: Krevd[Signatur | None] = None


class Brev(Brevmodell):
    """Det alle brev har."""

    tittel: Krevd[Tittel] = ""
    avgivendeSystem: Tekst = ""
    avgivendeSystemAktor: Tekst = ""
    konteringskode: Konteringskode = ""
    kryptert: bool = beskrevet("Filene er kryptert med SvarUts offentlige nøkkel.", False)
    utskriftskonfigurasjon: UtskriftV3 = UtskriftV3.nothing()
    svarSendesTil: SvarSendesTil | None = None
    svarPaForsendelseId: UUID | None = None
    eksternReferanse: Tekst = ""
    korrelasjonsid: Tekst = ""

    def common(self) -> dict[str, Any]:
        """The shared fields as arguments of an Innsending."""
        return {
            "opphav": Opphav.V3,
            "tittel": self.tittel,
            "avgivende_system": self.avgivendeSystem,
            "avgivende_aktor": self.avgivendeSystemAktor,
            "konteringskode": self.konteringskode,
            "kryptert": self.kryptert,
            "tosidig": self.utskriftskonfigurasjon.tosidig,
            "svar_sendes_til": self.svarSendesTil and self.svarSendesTil.answers(),
            "svar_pa": self.svarPaForsendelseId,
            "ekstern_referanse": self.eksternReferanse,
            "korrelasjonsid": self.korrelasjonsid,
        }

    @classmethod
    def own_name(cls, felt: str) -> str:
        return OWN_NAMES.get(felt, felt).replace("giroarkSider", "giroarkSide")

    def faults(self) -> Iterator[Funn]:
        if self.svarSendesTil is not None:
            yield from self.svarSendesTil.faults()


class PrintForsendelse(Brev):
    """Et brev som bare går på papir."""

    mottaker: Krevd[Papirmottaker] = Papirmottaker.nothing()
    dokumenter: tuple[Papirdokument, ...] = ()

    def innsending(self) -> Innsending:
        to = self.mottaker
        return Innsending(
            **self.common(),
            navn=to.navn,
            adresse=to.adresse and to.adresse.of(to.navn),
            dokumenter=tuple(document.facts() for document in self.dokumenter),
        )


class DigitaltBrev(Brev):
    """Et brev som går digitalt der det kan."""

    mottaker: Krevd[Mottaker] = Mottaker.nothing()
    eksponertFor: Eksponert = beskrevet("Fødselsnumre og organisasjonsnumre som også får lese.", ())
    kunDigitalLevering: bool = beskrevet("Brevet skrives aldri ut. Levering er da ikke sikret.", False)
    sikkerhetsniva: Sikkerhetsniva = beskrevet(
        "Innloggingen som kreves. HOYESTE krever at filene er kryptert.", Sikkerhetsniva.BETYDELIG
    )
    lenker: Lenker = ()
    kanSvareViaEdialog: bool = beskrevet("Mottakeren kan svare. Krever svarSendesTil med orgnr.", False)

    def common(self) -> dict[str, Any]:
        to = self.mottaker
        return super().common() | {
            "navn": to.navn,
            "digital_id": to.digitalId,
            "adresse": to.adresse and to.adresse.of(to.navn),
            "eksponert_for": self.eksponertFor,
            "kun_digital": self.kunDigitalLevering,
            "niva4": self.sikkerhetsniva is Sikkerhetsniva.HOYESTE,
            "lenker": links(self.lenker),
            "kan_svares": self.kanSvareViaEdialog,
        }


class PersonForsendelse(DigitaltBrev):
    """Et brev til en person."""

    dokumenter: tuple[Persondokument, ...] = ()
    signering: Signeringsfakta | None = None

    def innsending(self) -> Innsending:
        signing = self.signering
        return Innsending(
            **self.common(),
            dokumenter=tuple(document.facts() for document in self.dokumenter),
            signering=signing and Signering(signing.signeringUtloper, signing.signaturType),
        )

    def faults(self) -> Iterator[Funn]:
        yield from super().faults()
        if is_orgnr(self.mottaker.digitalId):
            yield Funn("IKKE_PERSON", "mottaker.digitalId")


class OrganisasjonForsendelse(DigitaltBrev):
    """Et brev til en virksomhet."""

    metadataFraAvleverendeSystem: NoarkFra = NoarkFra.nothing()
    metadataForImport: NoarkTil = NoarkTil.nothing()
    dokumenter: tuple[Organisasjonsdokument, ...] = ()
    forsendelsestype: Annotated[str, grense(maxLength=100, examples=list(ROUTED_TYPES))] = ""
    taushetsbelagtPost: bool = False

    def innsending(self) -> Innsending:
        return Innsending(
            **self.common(),
            dokumenter=tuple(document.facts() for document in self.dokumenter),
            noark_fra=self.metadataFraAvleverendeSystem.as_facts(),
            noark_til=self.metadataForImport.as_facts(),
            forsendelsestype=self.forsendelsestype,
            taushetsbelagt=self.taushetsbelagtPost,
        )

    def faults(self) -> Iterator[Funn]:
        yield from super().faults()
        if self.mottaker.digitalId and not is_orgnr(self.mottaker.digitalId):
            yield Funn("IKKE_ORGANISASJON", "mottaker.digitalId")
