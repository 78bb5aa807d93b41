"""What a REST v1 client says of a letter, in v1's spelling, read into an Innsending (svarut.md 1.2-1.5, 3.4).

Unknown members are ignored and null is the same as left out. What is missing is left empty here, so that the rules of
taking in find all of it at once; only what has the wrong shape is refused here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from fiks.core.address import Adresse as Postadresse
from fiks.svarut.mottak import (
    Dokumentfakta,
    Ekstrametadata,
    Funn,
    Innsending,
    Lenke,
    Signatur,
    Signering,
    Svaradresse,
    UgyldigForsendelse,
)
from fiks.svarut.mottak.faults import refuse
from fiks.svarut.rules import Opphav

M = TypeVar("M", bound=BaseModel)
FNR_LENGTH, ORGNR_LENGTH = 11, 9
NULL_CHARACTER = "null_character"
CODES: Mapping[str, str] = {"missing": "FELT_MANGLER", NULL_CHARACTER: "TEKST_MED_NULLTEGN"}
"""What pydantic calls a fault, and what the catalogue does, where it is not FELT_UGYLDIG."""
MANY = 1_000
"""Of anything that is a list: far more than the rules let through, far less than would hurt."""


class Leveringsmetode(StrEnum):
    STANDARD = "STANDARD_SVARUT_LEVERANSE"
    STRENGT_DIGITAL = "KUN_DIGITAL_UTEN_LEVERANSEGARANTI"
    KUN_DIGITAL = "KUN_DIGITAL_UTEN_LEVERANSEGARANTI_MASSEUTSENDELSE"


def from_millis(value: object) -> object:
    """A moment in epoch milliseconds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        if value is None:
            return None
        raise ValueError("not milliseconds")
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("no such moment") from error


def _or(empty: object) -> BeforeValidator:
    return BeforeValidator(lambda value: empty if value is None else value)


def _without_null(text: str) -> str:
    """No column of text holds a null character."""
    if "\0" in text:
        raise PydanticCustomError(NULL_CHARACTER, "null character")
    return text


Tekst = Annotated[str, _or(""), AfterValidator(_without_null)]
Noarktekst = Annotated[str, AfterValidator(_without_null)] | None
Ja = Annotated[bool, _or(False)]
Tid = Annotated[datetime | None, BeforeValidator(from_millis)]


class Del(BaseModel):
    """A JSON object of v1."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)


class DigitalAdresse(Del):
    fodsels_nummer: Tekst = ""
    organisasjons_nummer: Tekst = ""

    def faults(self, where: str) -> Iterator[Funn]:
        """Exactly one number, of the kind its member is for."""
        if self.fodsels_nummer and self.organisasjons_nummer:
            yield Funn("DIGITAL_ID_UGYLDIG", where)
        elif len(self.fodsels_nummer) == ORGNR_LENGTH:
            yield Funn("IKKE_PERSON", where)
        elif len(self.organisasjons_nummer) == FNR_LENGTH:
            yield Funn("IKKE_ORGANISASJON", where)

    @property
    def number(self) -> str:
        return self.fodsels_nummer or self.organisasjons_nummer


class PostAdresse(Del):
    navn: Tekst = ""
    adresse1: Tekst = ""
    adresse2: Tekst = ""
    adresse3: Tekst = ""
    post_nummer: Tekst = ""
    post_sted: Tekst = ""
    land: Tekst = ""

    def whole(self) -> Postadresse:
        lines = (self.adresse1, self.adresse2, self.adresse3)
        return Postadresse(self.navn, *lines, self.post_nummer, self.post_sted, self.land)


class Adresse(Del):
    post_adresse: PostAdresse | None = None
    digital_adresse: Annotated[DigitalAdresse, _or(DigitalAdresse())] = DigitalAdresse()

    def answers(self) -> Svaradresse:
        """The address as one that answers go to."""
        post = self.post_adresse or PostAdresse()
        return Svaradresse(post.whole(), self.digital_adresse.number)


class Entry(Del):
    key: Tekst = ""
    value: Tekst = ""


Entries = Annotated[list[Entry], _or([]), Field(max_length=MANY)]


class Dokument(Del):
    filnavn: Tekst = ""
    mime_type: Tekst = ""
    skal_signeres: Ja = False
    ekskluderes_fra_utskrift: Ja = False
    giroark_sider: Annotated[list[int], _or([]), Field(max_length=MANY)] = []
    dokument_type: Tekst = ""
    inneholder_personsensitiv_informasjon: Ja = False
    ekstra_metadata: Entries = []

    def fakta(self) -> Dokumentfakta:
        return Dokumentfakta(
            self.filnavn,
            self.mime_type,
            skal_signeres=self.skal_signeres,
            ekskluderes=self.ekskluderes_fra_utskrift,
            giroark=tuple(sorted(set(self.giroark_sider))),
            dokument_type=self.dokument_type,
            sensitiv=self.inneholder_personsensitiv_informasjon,
            ekstra=tuple(Ekstrametadata(one.key, one.value) for one in self.ekstra_metadata),
        )


class LenkeV1(Del):
    url_lenke: Tekst = ""
    url_tekst: Tekst = ""
    lede_tekst: Tekst = ""


class Utskrift(Del):
    utskrift_med_farger: Ja = False
    tosidig: Ja = False


class Noark(Del):
    """Both kinds of Noark facts; v2's spelling, which the house keeps, is v1's without its inner capitals."""

    saks_sekvens_nummer: int | None = None
    saks_aar: int | None = None
    journal_aar: int | None = None
    journal_sekvens_nummer: int | None = None
    journal_post_nummer: int | None = None
    journal_post_type: Noarktekst = None
    journal_status: Noarktekst = None
    journal_dato: Tid = None
    dokumentets_dato: Tid = None
    tittel: Noarktekst = None
    saks_behandler: Noarktekst = None
    ekstra_metadata: Entries = []

    def facts(self) -> dict[str, object]:
        """The members that were given."""
        plain = self.model_dump(mode="json", exclude_none=True, exclude={"ekstra_metadata"})
        found = {NOARK_NAMES.get(name) or name.replace("_", ""): value for name, value in plain.items()}
        if self.ekstra_metadata:
            found["ekstraMetadata"] = [{"key": e.key, "value": e.value} for e in self.ekstra_metadata]
        return found


NOARK_NAMES: Mapping[str, str] = {"dokumentets_dato": "dokumentetsDato"}


class ForsendelsesId(Del):
    id: UUID


class Forsendelse(Del):
    tittel: Tekst = ""
    mottaker: Adresse | None = None
    eksponert_for: Annotated[list[DigitalAdresse], _or([]), Field(max_length=MANY)] = []
    avgivende_system: Tekst = ""
    konterings_kode: Tekst = ""
    kun_digital_levering: Ja = False
    kryptert: Ja = False
    utskrifts_konfigurasjon: Annotated[Utskrift, _or(Utskrift())] = Utskrift()
    krev_niva4_innlogging: Ja = False
    metadata_fra_avleverende_system: Annotated[Noark, _or(Noark())] = Noark()
    metadata_for_import: Annotated[Noark, _or(Noark())] = Noark()
    svar_sendes_til: Adresse | None = None
    svar_pa_forsendelse: ForsendelsesId | None = None
    svar_pa_forsendelse_link: Ja = False
    dokumenter: Annotated[list[Dokument], _or([]), Field(max_length=MANY)] = []
    lenker: Annotated[list[LenkeV1], _or([]), Field(max_length=MANY)] = []
    forsendelses_type: Tekst = ""
    ekstern_referanse: Tekst = ""
    signering_utloper: Tid = None
    signatur_type: Signatur | None = None
    taushetsbelagt_post: Ja = False
    leveringsmetode: Annotated[Leveringsmetode, _or(Leveringsmetode.STANDARD)] = Leveringsmetode.STANDARD


def read(body: bytes) -> Innsending:
    """The letter of a `forsendelse` part. UgyldigForsendelse with everything that has the wrong shape."""
    said = parse(Forsendelse, body)
    if said.mottaker is None:
        raise refuse("MOTTAKER_MANGLER", "mottaker")
    found = [
        *said.mottaker.digital_adresse.faults("mottaker.digitalId"),
        *(funn for one in said.eksponert_for for funn in one.faults("eksponertFor")),
    ]
    if said.svar_sendes_til is not None:
        found += said.svar_sendes_til.digital_adresse.faults("svarSendesTil.digitalId")
    if found:
        raise UgyldigForsendelse(found)
    return _innsending(said, said.mottaker)


def parse(model: type[M], body: bytes) -> M:
    """The JSON of `body` as `model`; else JSON_UGYLDIG, TEKST_MED_NULLTEGN, FELT_UGYLDIG, FELT_MANGLER."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        raise UgyldigForsendelse([_funn(one["type"], one["loc"]) for one in wrong[:20]]) from None


def _funn(kind: str, where: tuple[int | str, ...]) -> Funn:
    """What pydantic found, in the words of the catalogue: the place and never the value."""
    if kind == "json_invalid":
        return Funn("JSON_UGYLDIG")
    code = CODES.get(kind, "FELT_UGYLDIG")
    felt = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where).lstrip(".")
    return Funn(code, felt)


def _innsending(said: Forsendelse, to: Adresse) -> Innsending:
    signing = said.signering_utloper or said.signatur_type
    return Innsending(
        opphav=Opphav.V1,
        tittel=said.tittel,
        navn=to.post_adresse.navn if to.post_adresse else "",
        dokumenter=tuple(one.fakta() for one in said.dokumenter),
        digital_id=to.digital_adresse.number,
        adresse=to.post_adresse.whole() if to.post_adresse else None,
        eksponert_for=tuple(one.number for one in said.eksponert_for),
        **_options(said),
        svar_sendes_til=said.svar_sendes_til.answers() if said.svar_sendes_til else None,
        svar_pa=said.svar_pa_forsendelse.id if said.svar_pa_forsendelse else None,
        lenker=tuple(Lenke(one.url_lenke, one.url_tekst, one.lede_tekst) for one in said.lenker),
        signering=Signering(said.signering_utloper, said.signatur_type) if signing else None,
        noark_fra=said.metadata_fra_avleverende_system.facts(),
        noark_til=said.metadata_for_import.facts(),
    )


def _options(said: Forsendelse) -> dict[str, Any]:
    """What is said in plain texts and choices."""
    metode = said.leveringsmetode
    return {
        "avgivende_system": said.avgivende_system,
        "konteringskode": said.konterings_kode,
        "ekstern_referanse": said.ekstern_referanse,
        "forsendelsestype": said.forsendelses_type,
        "kun_digital": said.kun_digital_levering or metode is Leveringsmetode.KUN_DIGITAL,
        "strengt_digital": metode is Leveringsmetode.STRENGT_DIGITAL,
        "kryptert": said.kryptert,
        "taushetsbelagt": said.taushetsbelagt_post,
        "tosidig": said.utskrifts_konfigurasjon.tosidig,
        "farger": said.utskrifts_konfigurasjon.utskrift_med_farger,
        "niva4": said.krev_niva4_innlogging,
        "kan_svares": said.svar_pa_forsendelse_link,
    }
