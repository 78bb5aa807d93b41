"""The catalogue of privileges as data, and what it means to hold one (konfigurasjon.md 3)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Organisasjonstype(StrEnum):
    KOMMUNE = "KOMMUNE"
    FYLKESKOMMUNE = "FYLKESKOMMUNE"
    KOMMUNAL_VIRKSOMHET = "KOMMUNAL_VIRKSOMHET"
    STATLIG_VIRKSOMHET = "STATLIG_VIRKSOMHET"
    LEVERANDOR = "LEVERANDOR"
    UKJENT = "UKJENT"


class Ressurstype(StrEnum):
    ROOT = "ROOT"
    FIKS_ORG = "FIKS_ORG"
    SVARUT = "SVARUT"
    SVARUT_KONTO = "SVARUT_KONTO"
    SVARINN = "SVARINN"
    MOTTAKERSYSTEM = "MOTTAKERSYSTEM"
    VARSLING = "VARSLING"
    SMS_KONTO = "SMS_KONTO"


ROOT_ID = UUID("00000000-0000-4000-8000-000000000001")
"""The ressurs of the root plane. Organisations do not lie below it: running the platform is no right to their data."""


LEAVES = frozenset({Ressurstype.SVARUT_KONTO, Ressurstype.MOTTAKERSYSTEM, Ressurstype.SMS_KONTO})
"""Types of ressurs that nothing lies below."""


class P(StrEnum):
    """Privileges. None implies another, but ADMIN on a ressurs includes every privilege there and below."""

    ADMIN = "ADMIN"
    ROT_ADMINISTRER = "ROT.ADMINISTRER"
    ORG_LES = "ORG.LES"
    ORG_REDIGER = "ORG.REDIGER"
    INTEGRASJON_ADMINISTRER = "INTEGRASJON.ADMINISTRER"
    AVTALE_SIGNER = "AVTALE.SIGNER"
    AUDIT_LES = "AUDIT.LES"
    REGISTER_OPPSLAG = "REGISTER.OPPSLAG"
    LES_ALLE = "SVARUT.LES_ALLE"
    LESE = "SVARUT.LESE"
    SENDE = "SVARUT.SENDE"
    GODKJENNE = "SVARUT.GODKJENNE"
    STOPPE = "SVARUT.STOPPE"
    SE_SPERRET = "SVARUT.SE_SPERRET"
    KONFIGURERE_EDIALOG = "EDIALOG.KONFIGURERE"
    MOTTA = "SVARINN.MOTTA"
    KONFIGURERE_MOTTAK = "SVARINN.KONFIGURERE"
    SMS_SENDE = "VARSLING.SMS_SENDE"


@dataclass(frozen=True, slots=True)
class Definisjon:
    """One privilege of the catalogue: what type of ressurs it is held on and who may hold it."""

    navn: P
    ressurs_type: Ressurstype
    aktorer: tuple[str, ...] = ("PERSON",)


CATALOGUE: tuple[Definisjon, ...] = (
    *(Definisjon(P.ADMIN, kind) for kind in Ressurstype),
    Definisjon(P.ROT_ADMINISTRER, Ressurstype.ROOT),
    Definisjon(P.ORG_LES, Ressurstype.FIKS_ORG),
    Definisjon(P.ORG_REDIGER, Ressurstype.FIKS_ORG),
    Definisjon(P.INTEGRASJON_ADMINISTRER, Ressurstype.FIKS_ORG),
    Definisjon(P.AVTALE_SIGNER, Ressurstype.FIKS_ORG),
    Definisjon(P.AUDIT_LES, Ressurstype.FIKS_ORG),
    Definisjon(P.REGISTER_OPPSLAG, Ressurstype.FIKS_ORG, ("PERSON", "INTEGRASJON")),
    Definisjon(P.LES_ALLE, Ressurstype.SVARUT),
    Definisjon(P.KONFIGURERE_EDIALOG, Ressurstype.SVARUT, ("PERSON", "INTEGRASJON")),
    Definisjon(P.LESE, Ressurstype.SVARUT_KONTO, ("PERSON", "INTEGRASJON")),
    Definisjon(P.SENDE, Ressurstype.SVARUT_KONTO, ("PERSON", "INTEGRASJON")),
    Definisjon(P.GODKJENNE, Ressurstype.SVARUT_KONTO),
    Definisjon(P.STOPPE, Ressurstype.SVARUT_KONTO),
    Definisjon(P.SE_SPERRET, Ressurstype.SVARUT_KONTO),
    Definisjon(P.KONFIGURERE_EDIALOG, Ressurstype.SVARUT_KONTO, ("PERSON", "INTEGRASJON")),
    Definisjon(P.KONFIGURERE_MOTTAK, Ressurstype.SVARINN, ("PERSON", "INTEGRASJON")),
    Definisjon(P.MOTTA, Ressurstype.MOTTAKERSYSTEM),
    Definisjon(P.KONFIGURERE_MOTTAK, Ressurstype.MOTTAKERSYSTEM, ("PERSON", "INTEGRASJON")),
    Definisjon(P.SMS_SENDE, Ressurstype.SMS_KONTO, ("PERSON", "INTEGRASJON")),
)

NOT_BY_ADMIN = frozenset({P.SE_SPERRET, P.ROT_ADMINISTRER, P.REGISTER_OPPSLAG})
"""The restricted lane, the root plane and the national registers are opened by their own privilege only, never by being
administrator: to look persons up must be given explicitly (konfigurasjon.md 9.1)."""


@dataclass(frozen=True, slots=True)
class Tjenestedefinisjon:
    """A Fiks service as organisations take it into use: its own ressurs type, and whom it is made for."""

    kode: str
    ressurs_type: Ressurstype
    tilgjengelig_for: frozenset[Organisasjonstype]


PUBLIC_BODIES = frozenset(
    {
        Organisasjonstype.KOMMUNE,
        Organisasjonstype.FYLKESKOMMUNE,
        Organisasjonstype.KOMMUNAL_VIRKSOMHET,
        Organisasjonstype.STATLIG_VIRKSOMHET,
    }
)
TJENESTER: tuple[Tjenestedefinisjon, ...] = (
    Tjenestedefinisjon("SVARUT", Ressurstype.SVARUT, PUBLIC_BODIES),
    Tjenestedefinisjon("SVARINN", Ressurstype.SVARINN, PUBLIC_BODIES),
    Tjenestedefinisjon("VARSLING", Ressurstype.VARSLING, PUBLIC_BODIES),
)


class Innehavertype(StrEnum):
    """What can hold a grant."""

    PERSON = "PERSON"
    INTEGRASJON = "INTEGRASJON"
    GRUPPE = "GRUPPE"


@dataclass(frozen=True, slots=True)
class Innehaver:
    """Who holds a grant, or shall."""

    type: Innehavertype
    id: UUID


@dataclass(frozen=True, slots=True)
class Periode:
    """When a grant holds: from `fra` (None: at once) up to and without `til` (None: until it is taken away)."""

    fra: datetime | None = None
    til: datetime | None = None


ALWAYS = Periode()


class Gruppekilde(StrEnum):
    """Where a group is kept: here, or in the organisation's own system that sends it."""

    INTERN = "INTERN"
    EKSTERN = "EKSTERN"


class Svar(StrEnum):
    """What the half-yearly review says of a grant."""

    BEHOLD = "BEHOLD"
    FJERN = "FJERN"


class Tilgangsgrunn(StrEnum):
    """Why a grant ended."""

    FJERNET = "FJERNET"
    UTLOPT = "UTLOPT"
    SLUTTET = "SLUTTET"
    GJENNOMGANG = "GJENNOMGANG"
    INTEGRASJON_SLETTET = "INTEGRASJON_SLETTET"
    GRUPPE_SLETTET = "GRUPPE_SLETTET"
    RESSURS_SLETTET = "RESSURS_SLETTET"


INTEGRASJON_KODE = re.compile(r"[0-9A-Z_.]{2,60}", re.ASCII)
"""The code of a global integrasjon."""

MAX_OVERLAP = timedelta(hours=24)
"""How long an integrasjon's old password may go on working beside the new one."""

IDLE_LIMIT = timedelta(minutes=30)
ABSOLUTE_LIMIT = timedelta(minutes=120)
TOUCH_EVERY = timedelta(minutes=1)
FRESH_LOGIN = timedelta(minutes=5)
USED_EVERY = timedelta(days=1)
REVIEW_EVERY = timedelta(days=182)
ANSWER_WITHIN = timedelta(days=30)
UNUSED_AFTER = timedelta(days=90)
"""How long a grant may lie without being used before its administrators are told."""
REASON_LENGTH = 500
MAX_MEMBERS = 100
"""Members of a group that can be changed in one call (konfigurasjon.md 3.4)."""

POWERFUL = frozenset({P.ADMIN, P.ROT_ADMINISTRER})
"""To give these one must have proved who one is less than five minutes ago."""

_ELEVEN_DIGITS = re.compile(r"(?<!\d)\d{6}[ .-]?\d{5}(?!\d)")


def satisfying(privilegium: P) -> frozenset[P]:
    """Every privilege that gives the right `privilegium`: itself, ADMIN, and reading all for reading one."""
    also = {P.LES_ALLE} if privilegium is P.LESE else set()
    admin = set() if privilegium in NOT_BY_ADMIN else {P.ADMIN}
    return frozenset({privilegium} | also | admin)


def inherited_by(privilegium: str) -> frozenset[Ressurstype]:
    """The types of ressurs on which the privilege gives a right when it is held above them."""
    gives = (d.ressurs_type for d in CATALOGUE if d.navn != privilegium and privilegium in satisfying(d.navn))
    return frozenset(gives) - {Ressurstype.ROOT, Ressurstype.FIKS_ORG}


_AFTER_Z = str.maketrans("æäøöåđŋŧ", "{{||}dnt")


def norwegian_order(navn: str) -> str:
    """What to sort a name by: æ, ø, å last, other accents as their letter, capitals as small ones.

    The database's own order is another one on each server.
    """
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", navn.casefold()).translate(_AFTER_Z))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def definition(privilegium: str, ressurs_type: str) -> Definisjon | None:
    """What the catalogue says of this privilege on this type of ressurs."""
    return next((d for d in CATALOGUE if d.navn == privilegium and d.ressurs_type == ressurs_type), None)


def is_definition(privilegium: str, ressurs_type: str) -> bool:
    """Whether the catalogue has this privilege on this type of ressurs."""
    return definition(privilegium, ressurs_type) is not None


def privileges_of(ressurs_type: str) -> tuple[Definisjon, ...]:
    """The privileges one can hold on this type of ressurs, in the catalogue's order."""
    return tuple(d for d in CATALOGUE if d.ressurs_type == ressurs_type)


def can_hold(kind: Innehavertype, definisjon: Definisjon) -> bool:
    """Whether this kind of holder may have the privilege; a group is as the persons in it."""
    actor = Innehavertype.PERSON if kind is Innehavertype.GRUPPE else kind
    return str(actor) in definisjon.aktorer


def has_personal_number(text: str) -> bool:
    """Whether a free text holds what looks like a personal number, which belongs in no reason."""
    return _ELEVEN_DIGITS.search(text) is not None


def for_machines() -> tuple[Definisjon, ...]:
    """The privileges that an integrasjon may hold."""
    return tuple(d for d in CATALOGUE if "INTEGRASJON" in d.aktorer)
