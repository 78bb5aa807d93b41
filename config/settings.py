"""Settings: one frozen dataclass read from the environment and checked at start.

The README's table lists every name. Production refuses to start without the required ones and reports all of
them at once. Test and demo have harmless defaults, so that a test sets only what it is about.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from config import groups, printhus
from config.addresses import is_local
from config.database import sqlalchemy_url, with_timeouts
from config.groups import QUARANTINE_SECONDS, REGRET_MINUTES
from config.parsing import SmtpAddress
from config.printhus import HOUSE_CODE, Printhus, SftpAddress
from config.reading import PUBLISHED_KEY, PUBLISHED_SECRET, REQUIRED, Reader, SettingsError

__all__ = [
    "HOUSE_CODE",
    "REGRET_MINUTES",
    "REQUIRED",
    "SECRET",
    "Printhus",
    "Settings",
    "SettingsError",
    "SftpAddress",
    "SmtpAddress",
    "sqlalchemy_url",
]

SECRET = frozenset(
    {
        "database_url",
        "redis_url",
        "object_store_url",
        "amqp_url",
        "secret_key",
        "master_keys",
        "index_key",
        "migration_database_url",
        "idporten_client_jwk",
        "print_sftp_url",
        "print_hus",
        "sms_url",
        "smtp_url",
    }
)

ENCRYPTED = (
    "PORTAL_BASE_URL",
    "API_BASE_URL",
    "MINSIDE_BASE_URL",
    "IDPORTEN_ISSUER",
    "MASKINPORTEN_ISSUER",
    "ALTINN_URL",
    "KRR_URL",
    "DPI_URL",
    "FOLKEREGISTER_URL",
    "ENHETSREGISTER_URL",
    "MATRIKKEL_URL",
    "SIGNERING_URL",
    "SMS_URL",
)
"""Addresses that must be https in production: their traffic concerns persons, or gives access."""
OUR_DOORS = ("PORTAL_BASE_URL", "API_BASE_URL", "MINSIDE_BASE_URL")
CHANNELS = ("ALTINN_URL", "DPI_URL", "SMS_URL", "SMTP_URL", "SIGNERING_URL")
"""Addresses through which something reaches a receiver, besides those of the print houses."""
MAY_BE_LACKING = (
    *CHANNELS,
    "SVARUT_NOKLER",
    *("FOLKEREGISTER_URL", "KRR_URL", "ENHETSREGISTER_URL"),
)
"""Settings a process starts without, leaving their work undone; the registers only in test and demo."""


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """All settings, typed. An empty string means "not configured".

    `master_keys` are (id, 32 bytes) pairs, newest first. `idporten_acr` are (level, acr value) pairs, of
    level 3 and 4. `svarut_nokler` are paths, newest first. `print_hus` are the print houses besides that of
    `print_sftp_url`. URLs have no trailing slash, except the two issuers, which are compared exactly; those
    of our own doors are a host and no more. `brukerstotte` tells people, in the operators' own words, how to
    reach those who run this.
    """

    fiks_env: str
    database_url: str
    redis_url: str
    object_store_url: str
    amqp_url: str
    secret_key: str
    master_keys: tuple[tuple[str, bytes], ...]
    index_key: bytes
    migration_database_url: str
    portal_base_url: str
    api_base_url: str
    minside_base_url: str
    brukerstotte: str
    idporten_issuer: str
    idporten_client_id: str
    idporten_client_jwk: Mapping[str, Any] = field(hash=False)
    idporten_acr: tuple[tuple[int, str], ...]
    idporten_pid_claim: str
    idporten_scope: str
    forvaltning_nivaa: int
    maskinporten_issuer: str
    altinn_url: str
    krr_url: str
    dpi_url: str
    folkeregister_url: str
    enhetsregister_url: str
    matrikkel_url: str
    print_sftp_url: str
    print_key: str
    print_certificate: str
    print_hus: tuple[Printhus, ...]
    svarut_nokler: tuple[str, ...]
    signering_url: str
    sms_url: str
    smtp_url: str
    epost_avsender: str
    lesefrist_timer: int
    angrefrist_minutter: int
    karantene_sekunder: int
    revisjon_aar: int
    revisjon_innlogging_maaneder: int
    metrics_bind: str
    metrics_port: int

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read and check `environ` (the process's own when None).

        Raises SettingsError with one message that names every missing and every unusable setting.
        """
        read = Reader(os.environ if environ is None else environ)
        settings = cls(
            fiks_env=read.env,
            **groups.read_all(read),
        )
        read.faults += _faults(settings)
        read.complain()
        return settings

    @property
    def psycopg_url(self) -> str:
        """Return the database URL for connections without SQLAlchemy."""
        return self.sqlalchemy_url.replace("postgresql+psycopg://", "postgresql://", 1)

    @property
    def production(self) -> bool:
        """Return whether this is production: no banner, no movable clock, secure cookies."""
        return self.fiks_env == "prod"

    @property
    def secure(self) -> bool:
        """Return whether the portal is reached by https."""
        return self.portal_base_url.startswith("https://")

    @property
    def print_houses(self) -> tuple[Printhus, ...]:
        """Return every print house that can be reached."""
        if not self.print_sftp_url:
            return self.print_hus
        first = Printhus(printhus.FIRST, self.print_sftp_url, self.print_key, self.print_certificate)
        return (first, *self.print_hus)

    @property
    def addresses(self) -> dict[str, str]:
        """Return the set addresses of outside systems by setting name, logins and registers included, our own
        stores excluded.
        """
        named = {
            name: getattr(self, name.lower()) for name in (*ENCRYPTED, "SMTP_URL") if name not in OUR_DOORS
        }
        named |= {f"{printhus.prefix(house)}_SFTP_URL": house.url for house in self.print_houses}
        return {name: url for name, url in named.items() if url}

    @property
    def away(self) -> tuple[str, ...]:
        """Return the names of those `addresses` that are not on this machine."""
        return tuple(name for name, url in self.addresses.items() if not is_local(url))

    @property
    def sends_away(self) -> bool:
        """Return whether letters or messages can leave this machine."""
        return any(name in CHANNELS or name.endswith("_SFTP_URL") for name in self.away)

    @property
    def lacking(self) -> tuple[str, ...]:
        """Return the names of settings that are not set, and whose work is therefore not done."""
        without_print = () if self.print_houses else ("PRINT_SFTP_URL",)
        return (*(name for name in MAY_BE_LACKING if not getattr(self, name.lower())), *without_print)

    @property
    def sqlalchemy_url(self) -> str:
        """Return `database_url` with driver and timeouts, as SQLAlchemy wants it."""
        return with_timeouts(sqlalchemy_url(self.database_url))

    def __repr__(self) -> str:
        shown = (f"{f.name}={_masked(f.name, getattr(self, f.name))}" for f in fields(self))
        return f"Settings({', '.join(shown)})"


def _masked(name: str, value: object) -> str:
    if name not in SECRET:
        return repr(value)
    return "'***'" if value else "''"


def _faults(settings: Settings) -> list[str]:
    """Return the settings that have the right form and still cannot be used."""
    faults = []
    if settings.forvaltning_nivaa not in (3, 4):
        faults.append("FORVALTNING_NIVAA (3 or 4)")
    if settings.metrics_port > 65_535:
        faults.append("METRICS_PORT (0 to 65535)")
    if "openid" not in settings.idporten_scope.split():
        faults.append("IDPORTEN_SCOPE (with openid)")
    # The database lets go of nothing younger than 5 years, or 12 months for logins (konfigurasjon.md 9.5).
    if not 5 <= settings.revisjon_aar <= 100:
        faults.append("REVISJON_AAR (5 to 100)")
    if not 12 <= settings.revisjon_innlogging_maaneder <= 1_200:
        faults.append("REVISJON_INNLOGGING_MAANEDER (12 to 1200)")
    for house in settings.print_houses:
        faults += printhus.faults(house)
    return [*faults, *_mail_faults(settings), *_environment_faults(settings)]


def _environment_faults(settings: Settings) -> list[str]:
    """Return what the environment may not have because of its kind (prod, test, demo)."""
    if settings.fiks_env == "demo":
        return [f"{name} (an address of this machine, in a demo)" for name in settings.away]
    if settings.production:
        return [*_key_faults(settings), *_production_faults(settings)]
    return _key_faults(settings) if settings.away else []


def _key_faults(settings: Settings) -> list[str]:
    """Return keys that are published in this code, and an index key equal to a master key."""
    masters = {key for _, key in settings.master_keys}
    published = {
        "SECRET_KEY": settings.secret_key == PUBLISHED_SECRET,
        "MASTER_KEYS": PUBLISHED_KEY in masters,
        "INDEX_KEY": settings.index_key == PUBLISHED_KEY,
    }
    faults = [
        f"{name} (one of its own, not the one published for tests)"
        for name, is_so in published.items()
        if is_so
    ]
    if settings.index_key != PUBLISHED_KEY and settings.index_key in masters:
        faults.append("INDEX_KEY (another than the master keys)")
    return faults


def _mail_faults(settings: Settings) -> list[str]:
    if not settings.smtp_url:
        return []
    faults = []
    try:
        SmtpAddress.parse(settings.smtp_url)
    except ValueError:
        faults.append("SMTP_URL (smtp://user:password@host:port or smtps://…)")
    if "@" not in settings.epost_avsender:
        faults.append("EPOST_AVSENDER (an address, when SMTP_URL is set)")
    return faults


def _production_faults(settings: Settings) -> list[str]:
    faults = []
    if settings.secret_key and len(settings.secret_key) < 32:
        faults.append("SECRET_KEY (at least 32 characters)")
    if settings.forvaltning_nivaa < 4:
        faults.append("FORVALTNING_NIVAA (4 in production)")
    if settings.object_store_url.lower().startswith("memory:"):
        faults.append("OBJECT_STORE_URL (s3://… or file:///… in production)")
    # Without a deadline all that goes by Altinn would be on paper before anybody could read it.
    if settings.lesefrist_timer < 1:
        faults.append("LESEFRIST_TIMER (at least 1 in production)")
    least, most = REGRET_MINUTES
    if not least <= settings.angrefrist_minutter <= most:
        faults.append(f"ANGREFRIST_MINUTTER ({least} to {most} in production)")
    if settings.karantene_sekunder < QUARANTINE_SECONDS:
        faults.append(f"KARANTENE_SEKUNDER (at least {QUARANTINE_SECONDS} in production)")
    for name in ENCRYPTED:
        value: str = getattr(settings, name.lower())
        if value and not value.startswith("https://"):
            faults.append(f"{name} (https)")
    return faults
