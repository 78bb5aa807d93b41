"""What the national registers answer, as plain values, and how much of it is shown to whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fiks.core.actor import Aktor, Aktortype
from fiks.core.identifiers import is_fnr


class Registernavn(StrEnum):
    FOLKEREGISTER = "FOLKEREGISTER"
    KRR = "KRR"
    ENHETSREGISTER = "ENHETSREGISTER"


class Adressebeskyttelse(StrEnum):
    """In order, the strictest last."""

    UGRADERT = "ugradert"
    FORTROLIG = "fortrolig"
    STRENGT_FORTROLIG = "strengtFortrolig"


class Personstatus(StrEnum):
    """As Folkeregisteret has it. AKTIV is what it says of MIDLERTIDIG and IKKE_BOSATT without a legal basis.

    UKJENT is ours: it gave none, or one we do not know.
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
    FUNNET = "FUNNET"
    SLETTET = "SLETTET"
    IKKE_FUNNET = "IKKE_FUNNET"


ON_A_LETTER = 3


@dataclass(frozen=True, slots=True)
class Registeradresse:
    """Postal address as a register gives it; `land` is None in Norway."""

    adresselinjer: tuple[str, ...] = ()
    postnr: str = ""
    poststed: str = ""
    land: str | None = None

    @property
    def tre_linjer(self) -> tuple[str, str, str]:
        """The lines on the three that a letter has room for, empty where there is nothing.

        Of more, those between the first and the last share one: nothing of an address is left out.
        """
        lines = self.adresselinjer
        if len(lines) > ON_A_LETTER:
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
        """Whether Folkeregisteret says that the person is dead."""
        return self.status is Personstatus.DOED

    @property
    def strengt_fortrolig(self) -> bool:
        """Whether nobody is given the person's address."""
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
    """What is shown of KRR's answer: whether the person can be reached digitally, never the addresses themselves.

    `strengt_fortrolig`: nothing else is said, whatever the register says. `registrert` False: KRR does not know them.
    """

    strengt_fortrolig: bool = False
    registrert: bool = False
    reservert: bool = False
    postkasse: str | None = None
    kan_varsles: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Personsvar:
    """What is shown of Folkeregisteret's answer. `strengt_fortrolig`: nothing else is said.

    `adresse_skjult`: the register protects the address, so it is not shown.
    """

    funnet: bool = False
    strengt_fortrolig: bool = False
    adresse_skjult: bool = False
    navn: str = ""
    status: Personstatus | None = None
    adresse: Registeradresse | None = None


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOST_BY_PERSON, MOST_BY_MACHINE = 100, 1_000
"""Look-ups within an hour: more than a busy hour of case work, and of a fagsystem that looks up as it is used."""
NEXT_DOOR = 2
"""How far apart two numbers may be, their control digits left out, to be next to each other."""


def most_within_an_hour(actor: Aktor) -> int:
    """How many look-ups the actor may make in an hour. A machine that calls for a person is that person."""
    return MOST_BY_MACHINE if actor.type is Aktortype.INTEGRASJON else MOST_BY_PERSON


def strictest(grades: Iterable[Adressebeskyttelse]) -> Adressebeskyttelse:
    """The strictest of these; UGRADERT when there are none."""
    return max(grades, key=list(Adressebeskyttelse).index, default=Adressebeskyttelse.UGRADERT)


def is_strictly_protected(person: Person | None) -> bool:
    """Whether nothing of the person may be shown."""
    return person is not None and person.strengt_fortrolig


def shown_contact(contact: Kontaktinformasjon | None, person: Person | None) -> Kontaktsvar:
    """What may be shown of a person in KRR, given what Folkeregisteret says of them."""
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


def shown_person(person: Person | None) -> Personsvar:
    """What may be shown of a person in Folkeregisteret."""
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


def next_door(fnr: str) -> frozenset[str]:
    """The other numbers somebody who tries them one after the other would try just before and after this one."""
    without_control = int(fnr) // 100
    near = range(max(0, without_control - NEXT_DOOR), without_control + NEXT_DOOR + 1)
    numbers = (f"{number:09}{control:02}" for number in near for control in range(100))
    return frozenset(number for number in numbers if number != fnr and is_fnr(number))
