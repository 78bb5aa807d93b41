"""SvarInn's rules (svarut.md 5): what a kobling receives, the status of a certificate, and valid input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from fiks.core.values.login_level import Sikkerhetsniva
from fiks.konfigurasjon.field_rules import (
    MOST_ADDRESSES,
    Feltfeil,
    email_fault,
    orgnr_fault,
    short_name_fault,
)

K = TypeVar("K")
FORSENDELSESTYPER = ("Byggesøknad", "ks.byggesøknad", "ks.signertforsendelse", "ks.edialog")
"""The types in KS' list (svarut.md 5.2): only these can be routed to a system of their own."""
ALL_TYPES = ""
SOON = timedelta(days=30)
EXPIRY_WARNING_DAYS = (30, 14, 7, 1, 0)
"""Days before a certificate expires at which its system's addresses are warned, once each; 0 means expired.
"""


class Koblingsniva(StrEnum):
    """The letters a kobling receives, by the login level they demand."""

    ALLE = "ALLE"
    HOYESTE = Sikkerhetsniva.HOYESTE.value
    BETYDELIG = Sikkerhetsniva.BETYDELIG.value


class Sertifikatstatus(StrEnum):
    """Status of a mottakersystem's certificate: valid, expired, expiring within 30 days, missing."""

    GYLDIG = "GYLDIG"
    UTLOPT = "UTLOPT"
    UTLOPT_SNART = "UTLOPT_SNART"
    MANGLER = "MANGLER"


def certificate_status(utloper: datetime | None, now: datetime) -> Sertifikatstatus:
    """Return a certificate's status at `now`; UTLOPT_SNART in its last 30 days."""
    if utloper is None:
        return Sertifikatstatus.MANGLER
    if utloper <= now:
        return Sertifikatstatus.UTLOPT
    return Sertifikatstatus.UTLOPT_SNART if utloper - now < SOON else Sertifikatstatus.GYLDIG


def expiry_stage(utloper: datetime, now: datetime) -> int | None:
    """Return the last of the warning stages that has been reached at `now`; None before the first."""
    reached = [days for days in EXPIRY_WARNING_DAYS if utloper - now <= timedelta(days=days)]
    return min(reached, default=None)


def most_specific(places: Mapping[str, K], forsendelsestype: str | None) -> K | None:
    """Return the entry for exactly this type, else the one for all types, among the entries of one
    organisation and level.
    """
    exact = places.get(forsendelsestype) if forsendelsestype else None
    return exact if exact is not None else places.get(ALL_TYPES)


@dataclass(frozen=True, slots=True)
class Koblingsfakta:
    """What a kobling receives; no types means all types."""

    organisasjonsnummer: str
    forsendelsestyper: tuple[str, ...] = ()
    sikkerhetsniva: str = Koblingsniva.ALLE
    navn: str = ""

    def faults(self) -> dict[str, Feltfeil]:
        """Return faults, field to code."""
        found: dict[str, Feltfeil] = {}
        if not self.organisasjonsnummer:
            found["organisasjonsnummer"] = Feltfeil.FELT_MANGLER
        elif fault := orgnr_fault(self.organisasjonsnummer):
            found["organisasjonsnummer"] = fault
        if not set(self.forsendelsestyper) <= set(FORSENDELSESTYPER):
            found["forsendelsestyper"] = Feltfeil.VALG_MANGLER
        if self.sikkerhetsniva not in set(Koblingsniva):
            found["sikkerhetsniva"] = Feltfeil.VALG_MANGLER
        return found

    def places(self) -> list[tuple[str, str]]:
        """Return the (type, level) pairs it receives."""
        all_levels = self.sikkerhetsniva == Koblingsniva.ALLE
        levels = tuple(map(str, Sikkerhetsniva)) if all_levels else (self.sikkerhetsniva,)
        types = dict.fromkeys(self.forsendelsestyper or (ALL_TYPES,))
        return [(kind, level) for kind in types for level in levels]

    def receives_more_than(self, other: Koblingsfakta) -> bool:
        """Return whether it receives letters that `other` does not: another number, type or level."""
        before = set(other.places())
        within = all({place, (ALL_TYPES, place[1])} & before for place in self.places())
        return self.organisasjonsnummer != other.organisasjonsnummer or not within


@dataclass(frozen=True, slots=True)
class Systemfakta:
    """A mottakersystem's name, and the e-mail addresses that are warned about it."""

    navn: str
    eposter: tuple[str, ...] = ()

    def faults(self) -> dict[str, Feltfeil]:
        """Return faults, field to code."""
        found: dict[str, Feltfeil] = {}
        if not self.navn:
            found["navn"] = Feltfeil.FELT_MANGLER
        elif fault := short_name_fault(self.navn):
            found["navn"] = fault
        if not self.eposter:
            found["eposter"] = Feltfeil.FELT_MANGLER
        elif len(self.eposter) > MOST_ADDRESSES:
            found["eposter"] = Feltfeil.EPOST_FOR_MANGE
        elif any(email_fault(one) for one in self.eposter):
            found["eposter"] = Feltfeil.EPOST_UGYLDIG
        return found
