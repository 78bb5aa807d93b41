"""Parts of a letter that REST v2 and v3 describe alike, and the base class of a letter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import model_validator

from fiks.core.values.cost_code import KONTERINGSKODE
from fiks.svarut.mottak import Ekstrametadata, Funn, Innsending, Lenke
from fiks.svarut.mottak.innsending import ELDRE, V3
from fiks.svarut.mottak.rules import (
    MAX_EXPOSED,
    MAX_FILE_NAME,
    MAX_LINKS,
    MAX_MIME,
    MAX_TEXT,
    MAX_TITLE,
    MAX_URL,
)
from portal.api.model import Aar, Heltall, Krevd, Modell, Tidspunkt, beskrevet, grense

Tittel = Annotated[str, grense(minLength=1, maxLength=MAX_TITLE)]
Tekst = Annotated[str, grense(maxLength=MAX_TEXT)]
Langtekst = Annotated[str, grense(maxLength=ELDRE.tekst)]
"""A text that v3 limits as any text, and v2 does not."""
Konteringskode = Annotated[str, grense(maxLength=20, pattern=f"^{KONTERINGSKODE.pattern}$")]
Filnavn = Annotated[str, grense(minLength=1, maxLength=MAX_FILE_NAME)]
MimeType = Annotated[str, grense(minLength=1, maxLength=MAX_MIME)]
Eksponert = Annotated[tuple[str, ...], grense(uniqueItems=True, maxItems=MAX_EXPOSED)]


class Brevmodell(Modell):
    """A letter as one of the interfaces describes it."""

    def innsending(self) -> Innsending:
        """The letter as the domain's Innsending."""
        raise NotImplementedError

    def faults(self) -> Iterable[Funn]:
        """Findings specific to this interface, by its own field names."""
        return ()

    @classmethod
    def own_name(cls, felt: str) -> str:
        """The interface's name of a field that v2 calls `felt`."""
        return felt


class Metadata(Modell):
    """Ett navn med verdi."""

    key: Krevd[Annotated[str, grense(minLength=1, maxLength=V3.navn)]] = ""
    value: Krevd[Annotated[str, grense(minLength=1, maxLength=V3.verdi)]] = ""


class EldreMetadata(Metadata):
    """Ett navn med verdi. Verdien kan være tom."""

    key: Krevd[Annotated[str, grense(minLength=1, maxLength=ELDRE.navn)]] = ""
    value: Krevd[Annotated[str, grense(maxLength=ELDRE.verdi)]] = ""

    @model_validator(mode="before")
    @classmethod
    def _drop_what_is_not_said(cls, value: Any) -> Any:
        """Drop null and empty fields, but keep an empty `value`: the contract of v1 and v2 allows it."""
        if isinstance(value, dict):
            said = {name: one for name, one in value.items() if one is not None}
            return {name: one for name, one in said.items() if name == "value" or one != ""}
        return value


class Lenkefakta(Modell):
    """En lenke i meldingen til mottakeren."""

    url: Krevd[Annotated[str, grense(minLength=1, maxLength=MAX_URL)]] = beskrevet(
        "Hele adressen, med http eller https.", ""
    )
    tekst: Krevd[Tekst] = beskrevet("Teksten som er lenke.", "")
    ledetekst: Tekst = beskrevet("Teksten foran lenken.", "")


class NoarkTil(Modell):
    """Saken og journalposten brevet skal legges på hos mottakeren."""

    mappeId: Tekst = ""
    mappeSystemId: Tekst = ""
    saksaar: Aar | None = None
    sakssekvensnummer: Heltall | None = None
    systemId: Tekst = ""
    registreringsId: Tekst = ""
    journalpostnummer: Heltall | None = None
    journalaar: Aar | None = None
    journalsekvensnummer: Heltall | None = None
    journalposttype: Tekst = ""
    journalstatus: Tekst = ""
    dokumentetsDato: Tidspunkt | None = None
    tittel: Annotated[str, grense(maxLength=MAX_TITLE)] = ""


class NoarkFra(NoarkTil):
    """Saken og journalposten i systemet brevet kommer fra."""

    journaldato: Tidspunkt | None = None
    saksbehandler: Tekst = ""
    ekstraMetadata: tuple[Metadata, ...] = ()


Lenker = Annotated[tuple[Lenkefakta, ...], grense(maxItems=MAX_LINKS)]


def links(lenker: tuple[Lenkefakta, ...]) -> tuple[Lenke, ...]:
    """The links as domain objects."""
    return tuple(Lenke(one.url, one.tekst, one.ledetekst) for one in lenker)


def extra(metadata: tuple[Metadata, ...]) -> tuple[Ekstrametadata, ...]:
    """The extra metadata as domain objects."""
    return tuple(Ekstrametadata(one.key, one.value) for one in metadata)
