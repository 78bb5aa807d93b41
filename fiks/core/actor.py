"""The actor of a use case: a person in the portal, a machine (integrasjon), or the house itself (sweeper,
workers, commands).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

SYSTEM = "system:"
"""Prefix of the `ref` of the house itself; no other actor's `ref` begins with it."""


class Aktortype(StrEnum):
    """Kind of actor."""

    PERSON = "PERSON"
    INTEGRASJON = "INTEGRASJON"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True)
class Aktor:
    """The acting party of a use case. Never holds a personal number.

    `organisasjon_id` is the organisation chosen in the portal; `acr` is 3 or 4; `auth_time` is when the person
    last proved who they are (for acts that ask for a login younger than five minutes). `integrasjon_id` is the machine
    that calls; when it calls for a logged-in person, the type is PERSON and the person's own privileges decide.
    `konto_id` is the SvarUt konto whose service password was used (REST v1 and SOAP): such a machine is no integrasjon,
    it has its konto and nothing else. `mottakersystem_id` is likewise the SvarInn system that logged in with its own
    password. `paa_vegne_av` is the orgnr of the organisation represented or of the supplier's
    customer. `request_id` finds the act again in the log; `kanal` is WEB, API or WORKER.
    """

    type: Aktortype
    navn: str
    person_id: UUID | None = None
    organisasjon_id: UUID | None = None
    acr: int = 0
    auth_time: datetime | None = None
    sesjon_id: UUID | None = None
    integrasjon_id: UUID | None = None
    konto_id: UUID | None = None
    mottakersystem_id: UUID | None = None
    paa_vegne_av: str | None = None
    request_id: str | None = None
    kanal: str = ""

    @property
    def is_house(self) -> bool:
        """Return whether the house itself acts. A person never counts as the house, however little is known
        about them.
        """
        return self.type is Aktortype.SYSTEM

    @property
    def ref(self) -> str:
        """Return a stable reference for history and audit rows: the person's id, the machine's, or the name
        of the house's part.
        """
        if self.konto_id is not None:
            return f"konto:{self.konto_id}"
        if self.mottakersystem_id is not None:
            return f"mottakersystem:{self.mottakersystem_id}"
        if self.type is Aktortype.INTEGRASJON:
            return f"integrasjon:{self.integrasjon_id}"
        return str(self.person_id) if self.person_id else f"{SYSTEM}{self.navn}"


def person_of(ref: str) -> UUID | None:
    """Return the id of the person with this `ref`; None when it belongs to a machine or the house."""
    return None if ":" in ref else UUID(ref)


def system(navn: str) -> Aktor:
    """Return the house as actor, named by the part that acts."""
    return Aktor(Aktortype.SYSTEM, navn)


SVEIPER, ARBEIDER, OPPRYDDING = system("sveiper"), system("arbeider"), system("opprydding")
MOTTAK, PRINT, EDIALOG, KOMMANDO = system("mottak"), system("print"), system("edialog"), system("kommando")
"""The house's parts that act in more than one module. Their names are stored in history and audit rows: never
change them.
"""
