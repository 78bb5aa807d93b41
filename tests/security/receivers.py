"""The receivers of the journey's list: three kinds of protection, three ways to go, and what registers say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from testmiljo.staff import synthetic_fnr

SECRET = "kanari"
"""Every address of a protected person holds this, in the list and in the registers, and nothing else does."""


@dataclass(frozen=True)
class Mottaker:
    """One receiver of the list. `vern` as in Folkeregisteret; `kanal` is what KRR leads to."""

    merke: str
    vern: str
    kanal: str
    fnr: str
    skjev: bool = False

    @property
    def navn(self) -> str:
        return f"Mottaker {self.merke}"

    @property
    def gate(self) -> str:
        street = "Storgata" if self.vern == "ugradert" else f"Kanari{self.merke}gata"
        return f"{street} 7"

    @property
    def eiendom(self) -> str:
        return f"{'Lillevikveien' if self.vern == 'ugradert' else f'Kanari{self.merke}lia'} 3"

    def line(self) -> str:
        """The row as it stands in the file; a crooked one has an unquoted separator in its address."""
        place = f"{self.eiendom};hus 2" if self.skjev else self.eiendom
        where = (self.gate, "4262", "AVALDSNES", "103", place)
        return ";".join((self.fnr, self.navn, *where, "2610000", "nb", f"REF-{self.merke}", "EISK-2027"))

    def entry(self, *, reservert: bool | None = None) -> dict[str, Any]:
        """What the registers say."""
        krr = {
            "status": "AKTIV",
            "reservert": self.kanal == "PAPIR" if reservert is None else reservert,
            "passiv": False,
            "postkasse": "DIGIPOST" if self.kanal == "POSTKASSE" else None,
            "epost": "mottaker@example.com",
            "mobil": None,
            "sistBekreftet": "2026-09-01",
            "spraak": "nb",
        }
        street = "Registergata 1" if self.vern == "ugradert" else f"Kanari{self.merke}registeret 1"
        address = {"adresselinje1": street, "postnr": "4262", "poststed": "AVALDSNES"}
        freg = {
            "navn": {"fornavn": "Mottaker", "mellomnavn": None, "etternavn": self.merke},
            "status": "bosatt",
            "doedsdato": None,
            "adressebeskyttelse": self.vern,
            "bostedsadresse": address,
            "postadresse": None,
            "postadresseIUtlandet": None,
            "kontaktinformasjonForDoedsbo": None,
        }
        return {"folkeregister": freg, "krr": krr, "altinn": {"lesing": "ALDRI"}}


STRENGT, FORTROLIG, UGRADERT = "strengtFortrolig", "fortrolig", "ugradert"
RECEIVERS = tuple(
    Mottaker(merke, vern, kanal, synthetic_fnr(1 + n, 6, 70), skjev)
    for n, (merke, vern, kanal, skjev) in enumerate(
        (
            ("Alfa", STRENGT, "POSTKASSE", False),
            ("Bravo", STRENGT, "ALTINN", False),
            ("Charlie", STRENGT, "PAPIR", False),
            ("Delta", STRENGT, "POSTKASSE", True),
            ("Ekko", STRENGT, "POSTKASSE", False),
            ("Fox", FORTROLIG, "PAPIR", False),
            ("Golf", FORTROLIG, "POSTKASSE", False),
            ("Hotell", UGRADERT, "POSTKASSE", False),
            ("India", UGRADERT, "ALTINN", False),
            ("Juliett", UGRADERT, "PAPIR", False),
        )
    )
)
BY_NAME = {mottaker.merke: mottaker for mottaker in RECEIVERS}
ROW = {mottaker.merke: n for n, mottaker in enumerate(RECEIVERS, 2)}
RESERVES_LATER = "Ekko"
"""Has a mailbox when the list is controlled and approved, and has reserved when the letter is handed over."""

PROTECTED_LATER = "Hotell"
"""Is protected by nobody when the list is controlled, and strengt fortrolig when the letters are handed over."""
FILE_SECRET, LATER_SECRET = "skjulveien", "senereveien"
"""What a document's name and its letter's title tell of where a protected person lives, and of who is one later."""
WITH_FILES = {"Alfa": FILE_SECRET, "Golf": FILE_SECRET, PROTECTED_LATER: LATER_SECRET}

FILE_HEADER = "fnr;navn;filnavn;tittel;adresselinje1;postnr;poststed"
HEADER = "fnr;navn;adresselinje1;postnr;poststed;gnr;eiendomsadresse;takst;malform;eksternref;konteringskode"


def named(merke: str) -> str:
    """What the receiver's own document is called."""
    return f"{WITH_FILES[merke].capitalize()} {ROW[merke]} - vedtak.pdf"


def file_line(merke: str) -> str:
    """The row of the list that names it, with a title of its own."""
    m, name = BY_NAME[merke], named(merke)
    title = name.removesuffix(".pdf")
    return ";".join((m.fnr, m.navn, name, title, m.gate, "4262", "AVALDSNES"))
