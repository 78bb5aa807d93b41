"""A letter to Norsk Helsenett as REST v3 describes it (svarut.md 1.3). Never taken in, but documented for
clients.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from portal.api.model import Krevd, Modell, Side, grense
from portal.api.svarut.letter.parts import Eksponert, Konteringskode, Tekst
from portal.api.svarut.letter.v3 import UtskriftV3


class Mottakertype(StrEnum):
    FASTLEGE = "FASTLEGE"
    HER_ID = "HER_ID"


class Kontakt(Modell):
    """Den som kan svare på spørsmål om brevet."""

    fornavn: Krevd[str] = ""
    mellomnavn: str = ""
    etternavn: Krevd[str] = ""
    telefonnummer: Krevd[str] = ""


class Pasient(Modell):
    """Den brevet handler om."""

    fodselsnummer: Krevd[Annotated[str, grense(pattern="^[0-9]{11}$")]] = ""
    fornavn: Krevd[str] = ""
    mellomnavn: str = ""
    etternavn: Krevd[str] = ""


class NhnForsendelse(Modell):
    """Et brev i Norsk Helsenett, som ikke støttes her. Beskrevet for at klienter skal kjenne igjen svaret."""

    tittel: Krevd[Annotated[str, grense(minLength=1, maxLength=200)]] = ""
    beskrivelse: str = ""
    mottakertype: Krevd[Mottakertype | None] = None
    mottakerHerId: Side | None = None
    avsenderKontakt: Krevd[Kontakt | None] = None
    pasient: Krevd[Pasient | None] = None
    eksponertFor: Eksponert = ()
    avgivendeSystem: Tekst = ""
    avgivendeSystemAktor: Tekst = ""
    konteringskode: Konteringskode = ""
    kunDigitalLevering: bool = False
    kryptert: bool = False
    utskriftskonfigurasjon: UtskriftV3 = UtskriftV3.nothing()
    svarPaForsendelseId: UUID | None = None
    eksternReferanse: Tekst = ""
    korrelasjonsid: Tekst = ""
