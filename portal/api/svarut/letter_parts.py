"""Parts of a letter that REST v2 and v3 describe alike, as they are sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fiks.core.cost_code import KONTERINGSKODE
from fiks.svarut.mottak import Ekstrametadata, Funn, Innsending, Lenke
from fiks.svarut.mottak.rules import (
    MAX_EXPOSED,
    MAX_FILE_NAME,
    MAX_KEY,
    MAX_LINKS,
    MAX_MIME,
    MAX_TEXT,
    MAX_TITLE,
    MAX_URL,
    MAX_VALUE,
)
from portal.api.model import Aar, Heltall, Krevd, Modell, Tidspunkt, beskrevet, grense

Tittel = Annotated[str, grense(minLength=1, maxLength=MAX_TITLE)]
Tekst = Annotated[str, grense(maxLength=MAX_TEXT)]
Konteringskode = Annotated[str, grense(maxLength=20, pattern=f"^{KONTERINGSKODE.pattern}$")]
Filnavn = Annotated[str, grense(minLength=1, maxLength=MAX_FILE_NAME)]
MimeType = Annotated[str, grense(minLength=1, maxLength=MAX_MIME)]
Eksponert = Annotated[tuple[str, ...], grense(uniqueItems=True, maxItems=MAX_EXPOSED)]


class Brevmodell(Modell):
    """A letter as one of the interfaces describes it."""

    def innsending(self) -> Innsending:
        """The letter as the house knows it."""
        raise NotImplementedError

    def faults(self) -> Iterable[Funn]:
        """What is wrong with it in this interface only, by the interface's own names."""
        return ()

    @classmethod
    def own_name(cls, felt: str) -> str:
        """What the interface calls a field that v2 calls `felt`."""
        return felt


class Metadata(Modell):
    """Ett navn med verdi."""

    key: Krevd[Annotated[str, grense(minLength=1, maxLength=MAX_KEY)]] = ""
    value: Krevd[Annotated[str, grense(minLength=1, maxLength=MAX_VALUE)]] = ""


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
    """As the house knows them."""
    return tuple(Lenke(one.url, one.tekst, one.ledetekst) for one in lenker)


def extra(metadata: tuple[Metadata, ...]) -> tuple[Ekstrametadata, ...]:
    """As the house knows them."""
    return tuple(Ekstrametadata(one.key, one.value) for one in metadata)
