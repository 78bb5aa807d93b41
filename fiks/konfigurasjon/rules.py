"""The catalogue of privileges as data, and what holding one means (konfigurasjon.md 3)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Organisasjonstype(StrEnum):
    """Types of organisation."""

    KOMMUNE = "KOMMUNE"
    FYLKESKOMMUNE = "FYLKESKOMMUNE"
    KOMMUNAL_VIRKSOMHET = "KOMMUNAL_VIRKSOMHET"
    STATLIG_VIRKSOMHET = "STATLIG_VIRKSOMHET"
    LEVERANDOR = "LEVERANDOR"
    UKJENT = "UKJENT"


class Ressurstype(StrEnum):
    """Types of ressurs in the tree."""

    ROOT = "ROOT"
    FIKS_ORG = "FIKS_ORG"
    SVARUT = "SVARUT"
    SVARUT_KONTO = "SVARUT_KONTO"
    SVARINN = "SVARINN"
    MOTTAKERSYSTEM = "MOTTAKERSYSTEM"
    VARSLING = "VARSLING"
    SMS_KONTO = "SMS_KONTO"


ROOT_ID = UUID("00000000-0000-4000-8000-000000000001")
"""Ressurs id of the root plane. Organisations do not lie below it: running the platform gives no right to
their data.
"""


LEAVES = frozenset({Ressurstype.SVARUT_KONTO, Ressurstype.MOTTAKERSYSTEM, Ressurstype.SMS_KONTO})
"""Types of ressurs that have no children."""


class P(StrEnum):
    """Privileges. None implies another, except that ADMIN on a ressurs includes every privilege there and
    below.
    """

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
    """One privilege of the catalogue: the type of ressurs it is held on, and who may hold it."""

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
"""Privileges that ADMIN does not include: the restricted lane, the root plane and the national registers open
only by their own privilege. Looking persons up must be granted explicitly (konfigurasjon.md 9.1).
"""


@dataclass(frozen=True, slots=True)
class Tjenestedefinisjon:
    """A Fiks service an organisation can take into use: its ressurs type, and the types of organisation it is
    available to.
    """

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
    """The present or future holder of a grant."""

    type: Innehavertype
    id: UUID


@dataclass(frozen=True, slots=True)
class Periode:
    """A grant's period: from `fra` (None: at once) until `til`, exclusive (None: no end)."""

    fra: datetime | None = None
    til: datetime | None = None


ALWAYS = Periode()


class Gruppekilde(StrEnum):
    """Where a group is maintained: here, or in the organisation's own system, which sends it."""

    INTERN = "INTERN"
    EKSTERN = "EKSTERN"


class Svar(StrEnum):
    """An answer in the half-yearly review."""

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
"""Form of a global integrasjon's code."""

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
"""How long a grant may lie unused before its administrators are told."""
REASON_LENGTH = 500
MAX_MEMBERS = 100
"""Members of a group that can be changed in one call (konfigurasjon.md 3.4)."""

POWERFUL = frozenset({P.ADMIN, P.ROT_ADMINISTRER})
"""Privileges that need a login less than five minutes old to give."""

_ELEVEN_DIGITS = re.compile(r"(?<!\d)\d{6}[ .-]?\d{5}(?!\d)")


def satisfying(privilegium: P) -> frozenset[P]:
    """Return every privilege that gives the right `privilegium`: itself, ADMIN, and LES_ALLE for LESE."""
    also = {P.LES_ALLE} if privilegium is P.LESE else set()
    admin = set() if privilegium in NOT_BY_ADMIN else {P.ADMIN}
    return frozenset({privilegium} | also | admin)


def inherited_by(privilegium: str) -> frozenset[Ressurstype]:
    """Return the types of ressurs on which the privilege gives a right when it is held above them."""
    gives = (d.ressurs_type for d in CATALOGUE if d.navn != privilegium and privilegium in satisfying(d.navn))
    return frozenset(gives) - {Ressurstype.ROOT, Ressurstype.FIKS_ORG}


_AFTER_Z = str.maketrans("æäøöåđŋŧ", "{{||}dnt")


def norwegian_order(navn: str) -> str:
    """Sort key for a name: æ, ø, å last, other accented letters as their base letter, case ignored.

    The database's own collation differs between servers.
    """
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", navn.casefold()).translate(_AFTER_Z))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def definition(privilegium: str, ressurs_type: str) -> Definisjon | None:
    """Return the catalogue's entry for this privilege on this type of ressurs, or None."""
    return next((d for d in CATALOGUE if d.navn == privilegium and d.ressurs_type == ressurs_type), None)


def is_definition(privilegium: str, ressurs_type: str) -> bool:
    """Return whether the catalogue has this privilege on this type of ressurs."""
    return definition(privilegium, ressurs_type) is not None


def privileges_of(ressurs_type: str) -> tuple[Definisjon, ...]:
    """Return the privileges that can be held on this type of ressurs, in catalogue order."""
    return tuple(d for d in CATALOGUE if d.ressurs_type == ressurs_type)


def can_hold(kind: Innehavertype, definisjon: Definisjon) -> bool:
    """Return whether this kind of holder may have the privilege; a group counts as the persons in it."""
    actor = Innehavertype.PERSON if kind is Innehavertype.GRUPPE else kind
    return str(actor) in definisjon.aktorer


def has_personal_number(text: str) -> bool:
    """Return whether a free text contains what looks like a personal number, which is not allowed in a
    reason.
    """
    return _ELEVEN_DIGITS.search(text) is not None


def for_machines() -> tuple[Definisjon, ...]:
    """Return the privileges an integrasjon may hold."""
    return tuple(d for d in CATALOGUE if "INTEGRASJON" in d.aktorer)
