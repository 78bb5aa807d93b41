"""The national registers' answers as plain values, and how much of them is shown to whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fiks.core.actor import Aktor, Aktortype
from fiks.core.values.identifiers import is_fnr


class Registernavn(StrEnum):
    """The national registers that people and fagsystemer can look up in."""

    FOLKEREGISTER = "FOLKEREGISTER"
    KRR = "KRR"
    ENHETSREGISTER = "ENHETSREGISTER"


class Adressebeskyttelse(StrEnum):
    """Grades of address protection, ordered, the strictest last."""

    UGRADERT = "ugradert"
    FORTROLIG = "fortrolig"
    STRENGT_FORTROLIG = "strengtFortrolig"


class Personstatus(StrEnum):
    """Status as Folkeregisteret has it. AKTIV is its value for MIDLERTIDIG and IKKE_BOSATT when asked without
    a legal basis.

    UKJENT is ours: no status was given, or one we do not know.
    """

    BOSATT = "bosatt"
    UTFLYTTET = "utflyttet"
    IKKE_BOSATT = "ikkeBosatt"
    MIDLERTIDIG = "midlertidig"
    AKTIV = "aktiv"
    INAKTIV = "inaktiv"
    FOEDSELSREGISTRERT = "foedselsregistrert"
    FORSVUNNET = "forsvunnet"
    OPPHOERT = "opphoert"
    DOED = "doed"
    UKJENT = "ukjent"


class Enhetstatus(StrEnum):
    """Whether a unit was found, is deleted, or is unknown."""

    FUNNET = "FUNNET"
    SLETTET = "SLETTET"
    IKKE_FUNNET = "IKKE_FUNNET"


LETTER_LINES = 3


@dataclass(frozen=True, slots=True)
class Registeradresse:
    """Postal address as a register has it; `land` is None in Norway."""

    adresselinjer: tuple[str, ...] = ()
    postnr: str = ""
    poststed: str = ""
    land: str | None = None

    @property
    def tre_linjer(self) -> tuple[str, str, str]:
        """Return the address on the three lines a letter has room for, empty where there is nothing.

        Of more than three lines, those between the first and the last share one: nothing of an address is
        left out.
        """
        lines = self.adresselinjer
        if len(lines) > LETTER_LINES:
            lines = (lines[0], ", ".join(lines[1:-1]), lines[-1])
        first, second, third, *_ = (*lines, "", "", "")
        return first, second, third


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

    @property
    def doed(self) -> bool:
        """Return whether Folkeregisteret says that the person is dead."""
        return self.status is Personstatus.DOED

    @property
    def strengt_fortrolig(self) -> bool:
        """Return whether nobody may be given the person's address."""
        return self.adressebeskyttelse is Adressebeskyttelse.STRENGT_FORTROLIG


@dataclass(frozen=True, slots=True, repr=False)
class Kontaktinformasjon:
    """One person in Kontakt- og reservasjonsregisteret (KRR). Unknown person: `registrert` False.

    `postkasse` is "DIGIPOST", "EBOKS" or None; `passiv` means not confirmed for 18 months. `epost_bekreftet` and
    `mobil_bekreftet`: when each was last written or confirmed, None when KRR does not say.
    """

    fnr: str
    registrert: bool
    reservert: bool = False
    passiv: bool = False
    postkasse: str | None = None
    epost: str | None = None
    mobil: str | None = None
    spraak: str | None = None
    epost_bekreftet: datetime | None = None
    mobil_bekreftet: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Virksomhet:
    """One unit in Enhetsregisteret. `orgnr` is nine digits."""

    orgnr: str
    navn: str
    status: Enhetstatus
    organisasjonsform: str | None = None
    adresse: Registeradresse | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Kontaktsvar:
    """The visible part of KRR's answer: whether the person can be reached digitally, never the addresses
    themselves.

    `strengt_fortrolig`: nothing else is shown, whatever the register says. `registrert` False: KRR does not
    know the person.
    """

    strengt_fortrolig: bool = False
    registrert: bool = False
    reservert: bool = False
    postkasse: str | None = None
    kan_varsles: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Personsvar:
    """The visible part of Folkeregisteret's answer. `strengt_fortrolig`: nothing else is shown.

    `adresse_skjult`: the address is protected, so it is not shown.
    """

    funnet: bool = False
    strengt_fortrolig: bool = False
    adresse_skjult: bool = False
    navn: str = ""
    status: Personstatus | None = None
    adresse: Registeradresse | None = None


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOST_BY_PERSON, MOST_BY_MACHINE = 100, 1_000
"""Look-ups allowed within an hour: more than a busy hour of case work, or of a fagsystem in use."""
MAX_DISTANCE = 2
"""Greatest distance between two numbers, without their control digits, that still count as neighbours."""


def hourly_limit(actor: Aktor) -> int:
    """Return how many look-ups the actor may make in an hour. A machine that calls for a person counts as
    that person.
    """
    return MOST_BY_MACHINE if actor.type is Aktortype.INTEGRASJON else MOST_BY_PERSON


def strictest(grades: Iterable[Adressebeskyttelse]) -> Adressebeskyttelse:
    """Return the strictest grade; UGRADERT when there are none."""
    return max(grades, key=list(Adressebeskyttelse).index, default=Adressebeskyttelse.UGRADERT)


def is_strictly_protected(person: Person | None) -> bool:
    """Return whether nothing about the person may be shown."""
    return person is not None and person.strengt_fortrolig


def contact_for_display(contact: Kontaktinformasjon | None, person: Person | None) -> Kontaktsvar:
    """Return what may be shown of KRR's answer, given Folkeregisteret's answer about the same person."""
    if is_strictly_protected(person):
        return Kontaktsvar(strengt_fortrolig=True)
    if contact is None or not contact.registrert:
        return Kontaktsvar()
    return Kontaktsvar(
        registrert=True,
        reservert=contact.reservert,
        postkasse=contact.postkasse,
        kan_varsles=not contact.reservert and not contact.passiv,
    )


def person_for_display(person: Person | None) -> Personsvar:
    """Return what may be shown of Folkeregisteret's answer."""
    if person is None:
        return Personsvar()
    if is_strictly_protected(person):
        return Personsvar(funnet=True, strengt_fortrolig=True)
    hidden = person.adressebeskyttelse is not Adressebeskyttelse.UGRADERT
    return Personsvar(
        funnet=True,
        adresse_skjult=hidden,
        navn=" ".join(part for part in (person.fornavn, person.mellomnavn, person.etternavn) if part),
        status=person.status,
        adresse=None if hidden else person.adresse,
    )


def neighbouring_numbers(fnr: str) -> frozenset[str]:
    """Return the valid numbers just before and after this one, which somebody who tries numbers in turn would
    also try.
    """
    without_control = int(fnr) // 100
    near = range(max(0, without_control - MAX_DISTANCE), without_control + MAX_DISTANCE + 1)
    numbers = (f"{number:09}{control:02}" for number in near for control in range(100))
    return frozenset(number for number in numbers if number != fnr and is_fnr(number))
