"""What the national registers answer, as plain values, and how names are compared with them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Adressebeskyttelse(StrEnum):
    UGRADERT = "ugradert"
    FORTROLIG = "fortrolig"
    STRENGT_FORTROLIG = "strengtFortrolig"


class Personstatus(StrEnum):
    BOSATT = "bosatt"
    UTFLYTTET = "utflyttet"
    DOED = "doed"


class Enhetstatus(StrEnum):
    FUNNET = "FUNNET"
    SLETTET = "SLETTET"
    IKKE_FUNNET = "IKKE_FUNNET"


@dataclass(frozen=True, slots=True)
class Registeradresse:
    """Postal address as a register gives it; `land` is None in Norway."""

    adresselinjer: tuple[str, ...] = ()
    postnr: str = ""
    poststed: str = ""
    land: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """One person in Folkeregisteret. `fnr` is eleven digits. No repr: values must not reach a log."""

    fnr: str
    fornavn: str
    mellomnavn: str | None
    etternavn: str
    status: Personstatus
    adressebeskyttelse: Adressebeskyttelse
    adresse: Registeradresse | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Kontaktinformasjon:
    """One person in Kontakt- og reservasjonsregisteret (KRR). Unknown person: `registrert` False.

    `postkasse` is "DIGIPOST", "EBOKS" or None; `passiv` means not confirmed for 18 months.
    """

    fnr: str
    registrert: bool
    reservert: bool = False
    passiv: bool = False
    postkasse: str | None = None
    epost: str | None = None
    mobil: str | None = None
    spraak: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Virksomhet:
    """One unit in Enhetsregisteret. `orgnr` is nine digits."""

    orgnr: str
    navn: str
    status: Enhetstatus
    organisasjonsform: str | None = None
    adresse: Registeradresse | None = None
