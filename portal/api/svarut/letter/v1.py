"""A letter as REST v1 describes it (svarut.md 1.2-1.5, 3.4): addresses in two parts, ids in objects, dates in
ms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator

from fiks.core.values.address import Adresse as Postadresse
from fiks.svarut.mottak import Dokumentfakta, Funn, Innsending, Lenke, Signatur, Signering, Svaradresse
from fiks.svarut.rules import Opphav
from portal.api.model import Aar, Heltall, Krevd, Modell, Side, Tidspunkt
from portal.api.svarut.letter.parts import Brevmodell, EldreMetadata, extra
from portal.api.svarut.older_words import digital_id_fault


class Leveringsmetode(StrEnum):
    STANDARD = "STANDARD_SVARUT_LEVERANSE"
    STRENGT_DIGITAL = "KUN_DIGITAL_UTEN_LEVERANSEGARANTI"
    KUN_DIGITAL = "KUN_DIGITAL_UTEN_LEVERANSEGARANTI_MASSEUTSENDELSE"


def from_millis(value: object) -> datetime:
    """A moment in epoch milliseconds; ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not milliseconds")
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("no such moment") from error


Millis = Annotated[Tidspunkt, BeforeValidator(from_millis)]


class DigitalAdresse(Modell):
    """The number of a person or of an organisation: one of the two."""

    fodselsNummer: str = ""
    organisasjonsNummer: str = ""

    @property
    def number(self) -> str:
        return self.fodselsNummer or self.organisasjonsNummer

    def faults(self, where: str) -> Iterator[Funn]:
        """Findings: more than one number, or a number in the wrong field."""
        if kode := digital_id_fault(self.fodselsNummer, self.organisasjonsNummer):
            yield Funn(kode, where)


class PostAdresse(Modell):
    navn: str = ""
    adresse1: str = ""
    adresse2: str = ""
    adresse3: str = ""
    postNummer: str = ""
    postSted: str = ""
    land: str = ""

    def postal(self) -> Postadresse:
        lines = (self.adresse1, self.adresse2, self.adresse3)
        return Postadresse(self.navn, *lines, self.postNummer, self.postSted, self.land)


class Adresse(Modell):
    postAdresse: PostAdresse | None = None
    digitalAdresse: DigitalAdresse | None = None

    @property
    def number(self) -> str:
        return self.digitalAdresse.number if self.digitalAdresse else ""

    def faults(self, where: str, without: str) -> Iterator[Funn]:
        """Findings in the digital address; `without` is the code for one without a number.

        A client without a number sends no digital address; an empty one means a field name we do not know.
        """
        if self.digitalAdresse is None:
            return
        if not self.number:
            yield Funn(without, f"{where}.digitalAdresse")
        yield from self.digitalAdresse.faults(f"{where}.digitalAdresse")

    @property
    def post(self) -> PostAdresse:
        return self.postAdresse or PostAdresse.nothing()

    def answers(self) -> Svaradresse:
        """The address as a reply address."""
        return Svaradresse(self.post.postal(), self.number)


class Dokument(Modell):
    filnavn: str = ""
    mimeType: str = ""
    skalSigneres: bool = False
    ekskluderesFraUtskrift: bool = False
    giroarkSider: tuple[Side, ...] = ()
    dokumentType: str = ""
    inneholderPersonsensitivInformasjon: bool = False
    ekstraMetadata: tuple[EldreMetadata, ...] = ()

    def facts(self) -> Dokumentfakta:
        return Dokumentfakta(
            self.filnavn,
            self.mimeType,
            skal_signeres=self.skalSigneres,
            ekskluderes=self.ekskluderesFraUtskrift,
            giroark=tuple(sorted(set(self.giroarkSider))),
            dokument_type=self.dokumentType,
            sensitiv=self.inneholderPersonsensitivInformasjon,
            ekstra=extra(self.ekstraMetadata),
        )


class Lenkefakta(Modell):
    urlLenke: str = ""
    urlTekst: str = ""
    ledeTekst: str = ""


class Utskrift(Modell):
    utskriftMedFarger: bool = False
    tosidig: bool = False


class Noark(Modell):
    """Both kinds of Noark facts. The house keeps them in v2's spelling, which is v1's without its inner capitals."""

    saksSekvensNummer: Heltall | None = None
    saksAar: Aar | None = None
    journalAar: Aar | None = None
    journalSekvensNummer: Heltall | None = None
    journalPostNummer: Heltall | None = None
    journalPostType: str = ""
    journalStatus: str = ""
    journalDato: Millis | None = None
    dokumentetsDato: Millis | None = None
    tittel: str = ""
    saksBehandler: str = ""
    ekstraMetadata: tuple[EldreMetadata, ...] = ()

    def facts(self) -> dict[str, Any]:
        """The members that were given."""
        return {SAME_IN_V2.get(name, name.lower()): value for name, value in self.as_facts().items()}


SAME_IN_V2: Mapping[str, str] = {name: name for name in ("dokumentetsDato", "ekstraMetadata")}


class ForsendelsesId(Modell):
    id: Krevd[UUID | None] = None


class Forsendelse(Brevmodell):
    """A letter to one receiver."""

    tittel: Krevd[str] = ""
    mottaker: Krevd[Adresse] = Adresse.nothing()
    eksponertFor: tuple[DigitalAdresse, ...] = ()
    avgivendeSystem: str = ""
    konteringsKode: str = ""
    kunDigitalLevering: bool = False
    kryptert: bool = False
    utskriftsKonfigurasjon: Utskrift = Utskrift.nothing()
    krevNiva4Innlogging: bool = False
    metadataFraAvleverendeSystem: Noark = Noark.nothing()
    metadataForImport: Noark = Noark.nothing()
    svarSendesTil: Adresse | None = None
    svarPaForsendelse: ForsendelsesId | None = None
    svarPaForsendelseLink: bool = False
    dokumenter: tuple[Dokument, ...] = ()
    lenker: tuple[Lenkefakta, ...] = ()
    forsendelsesType: str = ""
    eksternReferanse: str = ""
    signeringUtloper: Millis | None = None
    signaturType: Signatur | None = None
    taushetsbelagtPost: bool = False
    leveringsmetode: Leveringsmetode = Leveringsmetode.STANDARD

    def faults(self) -> Iterator[Funn]:
        yield from self.mottaker.faults("mottaker", "DIGITAL_ID_MANGLER")
        for nr, one in enumerate(self.eksponertFor):
            yield from one.faults(f"eksponertFor[{nr}]")
        if self.svarSendesTil is not None:
            yield from self.svarSendesTil.faults("svarSendesTil", "SVARADRESSE_UGYLDIG")

    @classmethod
    def own_name(cls, felt: str) -> str:
        return OWN_NAMES.get(felt, felt)

    def innsending(self) -> Innsending:
        to, signing = self.mottaker, self.signeringUtloper or self.signaturType
        return Innsending(
            opphav=Opphav.V1,
            tittel=self.tittel,
            navn=to.post.navn,
            digital_id=to.number,
            adresse=to.postAdresse.postal() if to.postAdresse else None,
            dokumenter=tuple(one.facts() for one in self.dokumenter),
            eksponert_for=tuple(one.number for one in self.eksponertFor),
            svar_sendes_til=self.svarSendesTil.answers() if self.svarSendesTil else None,
            svar_pa=self.svarPaForsendelse.id if self.svarPaForsendelse else None,
            lenker=tuple(Lenke(one.urlLenke, one.urlTekst, one.ledeTekst) for one in self.lenker),
            signering=Signering(self.signeringUtloper, self.signaturType) if signing else None,
            noark_fra=self.metadataFraAvleverendeSystem.facts(),
            noark_til=self.metadataForImport.facts(),
            **self._options(),
        )

    def _options(self) -> dict[str, Any]:
        """Plain texts and choices, as arguments of an Innsending."""
        return {
            "avgivende_system": self.avgivendeSystem,
            "konteringskode": self.konteringsKode,
            "ekstern_referanse": self.eksternReferanse,
            "forsendelsestype": self.forsendelsesType,
            "kun_digital": self.kunDigitalLevering or self.leveringsmetode is Leveringsmetode.KUN_DIGITAL,
            "strengt_digital": self.leveringsmetode is Leveringsmetode.STRENGT_DIGITAL,
            "kryptert": self.kryptert,
            "taushetsbelagt": self.taushetsbelagtPost,
            "tosidig": self.utskriftsKonfigurasjon.tosidig,
            "farger": self.utskriftsKonfigurasjon.utskriftMedFarger,
            "niva4": self.krevNiva4Innlogging,
            "kan_svares": self.svarPaForsendelseLink,
        }


OWN_NAMES: Mapping[str, str] = {
    "mottaker.navn": "mottaker.postAdresse.navn",
    "mottaker.adresse": "mottaker.postAdresse",
    "mottaker.postnummer": "mottaker.postAdresse.postNummer",
    "mottaker.poststed": "mottaker.postAdresse.postSted",
    "mottaker.land": "mottaker.postAdresse.land",
    "mottaker.digitalId": "mottaker.digitalAdresse",
    "svarSendesTil.digitalId": "svarSendesTil.digitalAdresse",
    "konteringskode": "konteringsKode",
    "forsendelsestype": "forsendelsesType",
}
"""v1's names of fields that v2 names differently."""


class LestAv(Modell):
    """Who has read a letter, where and when; without a time, now."""

    lestAvFodselsNummer: str = ""
    navnPaEksterntSystem: str = ""
    datoLest: Millis | None = None
