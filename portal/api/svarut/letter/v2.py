"""A letter as REST v2 describes it (svarut.md 1.2 and 3.2)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fiks.core.values.address import Adresse as Postadresse
from fiks.svarut.mottak import Dokumentfakta, Innsending, Signatur, Signering, Svaradresse
from fiks.svarut.mottak.rules import MAX_LINKS
from fiks.svarut.rules import Opphav
from portal.api.model import Krevd, Modell, Side, Tidspunkt, beskrevet, grense
from portal.api.svarut.letter.parts import (
    Brevmodell,
    Eksponert,
    EldreMetadata,
    Filnavn,
    Konteringskode,
    Langtekst,
    Lenkefakta,
    MimeType,
    NoarkFra,
    NoarkTil,
    Tekst,
    Tittel,
    extra,
    links,
)


class Adresse(Modell):
    """Navn og adresse. `digitalId` er fødselsnummer, d-nummer eller organisasjonsnummer."""

    navn: Krevd[str] = ""
    digitalId: str = beskrevet(
        "11 siffer for en person, 9 for en virksomhet. Må være med ved kun digital.", ""
    )
    adresselinje1: str = ""
    adresselinje2: str = ""
    adresselinje3: str = ""
    poststed: str = beskrevet("Må være med når brevet kan bli skrevet ut.", "")
    postnummer: str = beskrevet("Fire siffer i Norge. Må være med når brevet kan bli skrevet ut.", "")
    land: str = beskrevet("Navn eller landkode. Kan utelates for Norge.", "")

    def postal(self) -> Postadresse | None:
        """The postal address; None when nothing of one was given."""
        lines = (self.adresselinje1, self.adresselinje2, self.adresselinje3, self.postnummer, self.poststed)
        return Postadresse(self.navn, *lines, self.land) if any(line.strip() for line in lines) else None


class Dokument(Modell):
    """Ett dokument, i brevets rekkefølge."""

    filnavn: Krevd[Filnavn] = beskrevet("Det samme som filnavnet på dokumentets del. Unikt i brevet.", "")
    mimeType: Krevd[MimeType] = beskrevet("Bare application/pdf kan skrives ut.", "")
    skalSigneres: bool = False
    dokumentType: Langtekst = ""
    giroarkSider: Annotated[tuple[Side, ...], grense(uniqueItems=True)] = beskrevet(
        "Sider som skrives ut på giroark. Første side er 1.", ()
    )
    skalEkskluderesFraUtskrift: bool = False
    ekstraMetadata: Annotated[tuple[EldreMetadata, ...], grense(uniqueItems=True)] = ()
    inneholderPersonsensitivInformasjon: bool = False

    def facts(self) -> Dokumentfakta:
        return Dokumentfakta(
            self.filnavn,
            self.mimeType,
            skal_signeres=self.skalSigneres,
            ekskluderes=self.skalEkskluderesFraUtskrift,
            giroark=self.giroarkSider,
            dokument_type=self.dokumentType,
            sensitiv=self.inneholderPersonsensitivInformasjon,
            ekstra=extra(self.ekstraMetadata),
        )


class LenkefaktaV2(Lenkefakta):
    """En lenke i meldingen til mottakeren."""

    tekst: Krevd[Langtekst] = beskrevet("Teksten som er lenke.", "")
    ledetekst: Langtekst = beskrevet("Teksten foran lenken.", "")


class NoarkFraV2(NoarkFra):
    """Saken og journalposten i systemet brevet kommer fra."""

    ekstraMetadata: tuple[EldreMetadata, ...] = ()


class Utskrift(Modell):
    """Hvordan brevet skrives ut."""

    utskriftMedFarger: bool = False
    tosidig: bool = False


class Forsendelse(Brevmodell):
    """Et brev til én mottaker."""

    tittel: Krevd[Tittel] = ""
    mottaker: Krevd[Adresse] = beskrevet("Den brevet er til.", Adresse.nothing())
    eksponertFor: Eksponert = beskrevet("Fødselsnumre og organisasjonsnumre som også får lese.", ())
    avgivendeSystem: Tekst = ""
    avgivendeSystemAktor: Langtekst = ""
    konteringskode: Konteringskode = ""
    kunDigitalLevering: bool = beskrevet("Brevet skrives aldri ut. Levering er da ikke sikret.", False)
    kryptert: bool = beskrevet("Filene er kryptert med SvarUts offentlige nøkkel.", False)
    utskriftskonfigurasjon: Utskrift = Utskrift.nothing()
    krevNiva4Innlogging: bool = beskrevet(
        "Mottakeren må logge inn på nivå 4. Filene må være kryptert.", False
    )
    metadataFraAvleverendeSystem: NoarkFraV2 = NoarkFraV2.nothing()
    metadataForImport: NoarkTil = NoarkTil.nothing()
    svarSendesTil: Adresse | None = None
    svarPaForsendelse: UUID | None = None
    dokumenter: tuple[Dokument, ...] = ()
    lenker: Annotated[tuple[LenkefaktaV2, ...], grense(maxItems=MAX_LINKS)] = ()
    forsendelsestype: Tekst = ""
    eksternReferanse: Tekst = ""
    korrelasjonsid: Tekst = ""
    svarPaForsendelseLink: bool = beskrevet("Mottakeren kan svare. Krever svarSendesTil med orgnr.", False)
    signeringUtloper: Tidspunkt | None = None
    signaturType: Signatur | None = None
    taushetsbelagtPost: bool = False

    def innsending(self) -> Innsending:
        signing = self.signeringUtloper is not None or self.signaturType is not None
        answers = self.svarSendesTil
        return Innsending(
            opphav=Opphav.V2,
            tittel=self.tittel,
            navn=self.mottaker.navn,
            digital_id=self.mottaker.digitalId,
            adresse=self.mottaker.postal(),
            dokumenter=tuple(document.facts() for document in self.dokumenter),
            eksponert_for=self.eksponertFor,
            avgivende_system=self.avgivendeSystem,
            avgivende_aktor=self.avgivendeSystemAktor,
            konteringskode=self.konteringskode,
            ekstern_referanse=self.eksternReferanse,
            korrelasjonsid=self.korrelasjonsid,
            forsendelsestype=self.forsendelsestype,
            kun_digital=self.kunDigitalLevering,
            kryptert=self.kryptert,
            taushetsbelagt=self.taushetsbelagtPost,
            tosidig=self.utskriftskonfigurasjon.tosidig,
            farger=self.utskriftskonfigurasjon.utskriftMedFarger,
            niva4=self.krevNiva4Innlogging,
            svar_sendes_til=answers
            and Svaradresse(answers.postal() or Postadresse(answers.navn), answers.digitalId),
            svar_pa=self.svarPaForsendelse,
            kan_svares=self.svarPaForsendelseLink,
            lenker=links(self.lenker),
            signering=Signering(self.signeringUtloper, self.signaturType) if signing else None,
            noark_fra=self.metadataFraAvleverendeSystem.as_facts(),
            noark_til=self.metadataForImport.as_facts(),
        )
