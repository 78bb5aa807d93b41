"""Settings: one frozen dataclass read from the environment and checked at start.

Every name stands in the README's table. Production refuses to start without the required ones and says which, all at
once. Test and demo have harmless defaults, so that a test needs to name only what it is about.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from config import printhus
from config.database import attentive, sqlalchemy_url
from config.parsing import SmtpAddress, parse_acr, parse_key, parse_master_keys, parse_private_jwk
from config.printhus import HOUSE_CODE, Printhus, SftpAddress
from config.reading import REQUIRED, Reader, SettingsError

__all__ = [
    "HOUSE_CODE",
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
"""The addresses that production has by https alone: what goes there is of persons, or lets them in."""
QUARANTINE_SECONDS = 1_200
"""The quarantine, and the least that production may have: a channel may go on for a quarter of an hour with the call of
a process that is no more (reliability.md 4.4)."""
DEFAULT_ACR, ACR_FORM = "3=idporten-loa-substantial,4=idporten-loa-high", "3=…,4=…, each by its own name"


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """All settings, typed. An empty string means "not configured".

    `master_keys` are (id, 32 bytes) pairs, newest first. `idporten_acr` are (level, acr value) pairs, of level 3 and 4.
    `svarut_nokler` are paths, newest first. `print_hus` are the print houses besides the one of `print_sftp_url`. URLs
    have no trailing slash, except the two issuers, which are compared letter by letter.
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
            **_stores(read),
            **_keys(read),
            **_doors(read),
            **_login(read),
            **_outside(read),
            **_times(read),
            metrics_bind=read.text("METRICS_BIND") or "127.0.0.1",
            metrics_port=read.number("METRICS_PORT", 0),
        )
        read.faults += _faults(settings)
        read.complain()
        return settings

    @property
    def production(self) -> bool:
        """Whether this is the real thing: no banner, no movable clock, secure cookies."""
        return self.fiks_env == "prod"

    @property
    def secure(self) -> bool:
        """Whether people reach the portal by https."""
        return self.portal_base_url.startswith("https://")

    @property
    def print_houses(self) -> tuple[Printhus, ...]:
        """Every print house that can be reached."""
        if not self.print_sftp_url:
            return self.print_hus
        first = Printhus(printhus.FIRST, self.print_sftp_url, self.print_key, self.print_certificate)
        return (first, *self.print_hus)

    @property
    def sqlalchemy_url(self) -> str:
        """`database_url` with the driver named, as SQLAlchemy wants it; `attentive`."""
        return attentive(sqlalchemy_url(self.database_url))

    def __repr__(self) -> str:
        shown = (f"{f.name}={_shown(f.name, getattr(self, f.name))}" for f in fields(self))
        return f"Settings({', '.join(shown)})"


def _shown(name: str, value: object) -> str:
    if name not in SECRET:
        return repr(value)
    return "'***'" if value else "''"


def _stores(read: Reader) -> dict[str, Any]:
    database = read.text("DATABASE_URL")
    return {
        "database_url": database,
        "migration_database_url": read.text("MIGRATION_DATABASE_URL") or database,
        "redis_url": read.text("REDIS_URL"),
        "object_store_url": read.text("OBJECT_STORE_URL"),
        "amqp_url": read.text("AMQP_URL"),
    }


def _keys(read: Reader) -> dict[str, Any]:
    keys = read.text("SVARUT_NOKLER").split(",")
    return {
        "secret_key": read.text("SECRET_KEY"),
        "master_keys": read.parsed(
            "MASTER_KEYS", parse_master_keys, "id:base64 of 32 bytes, newest first", ()
        ),
        "index_key": read.parsed("INDEX_KEY", parse_key, "base64 of 32 bytes", b""),
        "print_key": read.text("PRINT_KEY"),
        "print_certificate": read.text("PRINT_CERTIFICATE"),
        "svarut_nokler": tuple(part.strip() for part in keys if part.strip()),
    }


def _doors(read: Reader) -> dict[str, Any]:
    portal = read.url("PORTAL_BASE_URL")
    return {
        "portal_base_url": portal,
        "api_base_url": read.url("API_BASE_URL") or portal,
        "minside_base_url": read.url("MINSIDE_BASE_URL") or portal,
    }


def _login(read: Reader) -> dict[str, Any]:
    return {
        "idporten_issuer": read.text("IDPORTEN_ISSUER"),
        "idporten_client_id": read.text("IDPORTEN_CLIENT_ID"),
        "idporten_client_jwk": read.parsed(
            "IDPORTEN_CLIENT_JWK", parse_private_jwk, "a private JWK with kid", {}
        ),
        "idporten_acr": read.parsed("IDPORTEN_ACR", parse_acr, ACR_FORM, (), DEFAULT_ACR),
        "idporten_pid_claim": read.text("IDPORTEN_PID_CLAIM") or "pid",
        "idporten_scope": read.text("IDPORTEN_SCOPE") or "openid profile",
        "forvaltning_nivaa": read.number("FORVALTNING_NIVAA", 4),
        "maskinporten_issuer": read.text("MASKINPORTEN_ISSUER"),
    }


def _outside(read: Reader) -> dict[str, Any]:
    """The addresses of the national systems and of those who print, sign and send text messages."""
    return {
        "altinn_url": read.url("ALTINN_URL"),
        "krr_url": read.url("KRR_URL"),
        "dpi_url": read.url("DPI_URL"),
        "folkeregister_url": read.url("FOLKEREGISTER_URL"),
        "enhetsregister_url": read.url("ENHETSREGISTER_URL"),
        "matrikkel_url": read.url("MATRIKKEL_URL"),
        "print_sftp_url": read.text("PRINT_SFTP_URL"),
        "print_hus": printhus.read_further(read),
        "signering_url": read.url("SIGNERING_URL"),
        "sms_url": read.url("SMS_URL"),
        "smtp_url": read.text("SMTP_URL"),
        "epost_avsender": read.text("EPOST_AVSENDER"),
    }


def _times(read: Reader) -> dict[str, Any]:
    return {
        "lesefrist_timer": read.number("LESEFRIST_TIMER", 40),
        "angrefrist_minutter": read.number("ANGREFRIST_MINUTTER", 30),
        "karantene_sekunder": read.number("KARANTENE_SEKUNDER", QUARANTINE_SECONDS),
        "revisjon_aar": read.number("REVISJON_AAR", 5),
        "revisjon_innlogging_maaneder": read.number("REVISJON_INNLOGGING_MAANEDER", 12),
    }


def _faults(settings: Settings) -> list[str]:
    """The settings whose value is of the right form and still cannot be used."""
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
    return [*faults, *_mail_faults(settings)] + (_production_faults(settings) if settings.production else [])


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
    if settings.karantene_sekunder < QUARANTINE_SECONDS:
        faults.append(f"KARANTENE_SEKUNDER (at least {QUARANTINE_SECONDS} in production)")
    for name in ENCRYPTED:
        value: str = getattr(settings, name.lower())
        if value and not value.startswith("https://"):
            faults.append(f"{name} (https)")
    return faults
