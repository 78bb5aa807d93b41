"""Settings: one frozen dataclass read from the environment and checked at start.

Every name stands in the README's table. Production refuses to start without the required ones and says which, all at
once. Test and demo have harmless defaults, so that a test needs to name only what it is about.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar
from urllib.parse import urlsplit

from config.parsing import parse_acr, parse_key, parse_master_keys, parse_private_jwk

ENVIRONMENTS = ("prod", "test", "demo")

T = TypeVar("T")

# Required in production. The same names are starred in the README.
REQUIRED = (
    "DATABASE_URL",
    "REDIS_URL",
    "OBJECT_STORE_URL",
    "SECRET_KEY",
    "MASTER_KEYS",
    "INDEX_KEY",
    "PORTAL_BASE_URL",
    "IDPORTEN_ISSUER",
    "IDPORTEN_CLIENT_ID",
    "IDPORTEN_CLIENT_JWK",
    "MASKINPORTEN_ISSUER",
)

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
        "sms_url",
    }
)

DEFAULT_ACR = "3=idporten-loa-substantial,4=idporten-loa-high"

# Only for test and demo: fixed keys that protect nothing.
_TEST_KEY = base64.b64encode(b"\x01" * 32).decode()
_TEST_DEFAULTS: Mapping[str, str] = {
    "DATABASE_URL": "postgresql://127.0.0.1:5432/fiks",
    "REDIS_URL": "",
    "OBJECT_STORE_URL": "memory://",
    "SECRET_KEY": "only-for-test-and-demo-not-a-secret",
    "MASTER_KEYS": f"test-1:{_TEST_KEY}",
    "INDEX_KEY": _TEST_KEY,
    "PORTAL_BASE_URL": "http://localhost",
    "IDPORTEN_ISSUER": "",
    "IDPORTEN_CLIENT_ID": "",
    "IDPORTEN_CLIENT_JWK": "",
    "MASKINPORTEN_ISSUER": "",
}


class SettingsError(RuntimeError):
    """The environment cannot be used as it is. The message names every setting at fault and no value."""


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """All settings, typed. An empty string means "not configured".

    `master_keys` are (id, 32 bytes) pairs, newest first. `idporten_acr` are (level, acr value) pairs, level 3 or 4.
    `svarut_nokler` are paths, newest first. URLs have no trailing slash, except the two issuers, which are compared
    letter by letter.
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
    print_certificate: str
    svarut_nokler: tuple[str, ...]
    signering_url: str
    sms_url: str
    lesefrist_timer: int
    angrefrist_minutter: int
    karantene_sekunder: int
    revisjon_aar: int
    revisjon_innlogging_maaneder: int
    metrics_bind: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read and check `environ` (the process's own when None).

        Raises SettingsError with one message that names every missing and every unusable setting.
        """
        return _Reader(os.environ if environ is None else environ).settings()

    @property
    def production(self) -> bool:
        """Whether this is the real thing: no banner, no movable clock, secure cookies."""
        return self.fiks_env == "prod"

    @property
    def secure(self) -> bool:
        """Whether people reach the portal by https."""
        return self.portal_base_url.startswith("https://")

    @property
    def sqlalchemy_url(self) -> str:
        """`database_url` with the driver named, as SQLAlchemy wants it."""
        return sqlalchemy_url(self.database_url)

    def __repr__(self) -> str:
        shown = (f"{f.name}={_shown(f.name, getattr(self, f.name))}" for f in fields(self))
        return f"Settings({', '.join(shown)})"


def sqlalchemy_url(url: str) -> str:
    """Return a PostgreSQL URL with psycopg 3 as driver, whichever of the common spellings it has."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _shown(name: str, value: object) -> str:
    if name not in SECRET:
        return repr(value)
    return "'***'" if value else "''"


class _Reader:
    """Reads one environment, collecting every fault before it complains."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._faults: list[str] = []
        self._env = environ.get("FIKS_ENV", "").strip() or "prod"
        if self._env not in ENVIRONMENTS:
            self._faults.append(f"FIKS_ENV (one of {', '.join(ENVIRONMENTS)})")

    def settings(self) -> Settings:
        missing = self._missing()
        portal = self._url("PORTAL_BASE_URL")
        database = self._text("DATABASE_URL")
        settings = Settings(
            fiks_env=self._env,
            database_url=database,
            redis_url=self._text("REDIS_URL"),
            object_store_url=self._text("OBJECT_STORE_URL"),
            amqp_url=self._text("AMQP_URL"),
            secret_key=self._text("SECRET_KEY"),
            master_keys=self._parsed(
                "MASTER_KEYS", parse_master_keys, "id:base64 of 32 bytes, newest first", ()
            ),
            index_key=self._parsed("INDEX_KEY", parse_key, "base64 of 32 bytes", b""),
            migration_database_url=self._text("MIGRATION_DATABASE_URL") or database,
            portal_base_url=portal,
            api_base_url=self._url("API_BASE_URL") or portal,
            minside_base_url=self._url("MINSIDE_BASE_URL") or portal,
            idporten_issuer=self._text("IDPORTEN_ISSUER"),
            idporten_client_id=self._text("IDPORTEN_CLIENT_ID"),
            idporten_client_jwk=self._parsed(
                "IDPORTEN_CLIENT_JWK", parse_private_jwk, "a private JWK with kid", {}
            ),
            idporten_acr=self._parsed("IDPORTEN_ACR", parse_acr, DEFAULT_ACR, ()),
            idporten_pid_claim=self._text("IDPORTEN_PID_CLAIM") or "pid",
            idporten_scope=self._text("IDPORTEN_SCOPE") or "openid profile",
            forvaltning_nivaa=self._number("FORVALTNING_NIVAA", 4),
            maskinporten_issuer=self._text("MASKINPORTEN_ISSUER"),
            altinn_url=self._url("ALTINN_URL"),
            krr_url=self._url("KRR_URL"),
            dpi_url=self._url("DPI_URL"),
            folkeregister_url=self._url("FOLKEREGISTER_URL"),
            enhetsregister_url=self._url("ENHETSREGISTER_URL"),
            matrikkel_url=self._url("MATRIKKEL_URL"),
            print_sftp_url=self._text("PRINT_SFTP_URL"),
            print_certificate=self._text("PRINT_CERTIFICATE"),
            svarut_nokler=tuple(
                part.strip() for part in self._text("SVARUT_NOKLER").split(",") if part.strip()
            ),
            signering_url=self._url("SIGNERING_URL"),
            sms_url=self._url("SMS_URL"),
            lesefrist_timer=self._number("LESEFRIST_TIMER", 40),
            angrefrist_minutter=self._number("ANGREFRIST_MINUTTER", 30),
            karantene_sekunder=self._number("KARANTENE_SEKUNDER", 1200),
            revisjon_aar=self._number("REVISJON_AAR", 5),
            revisjon_innlogging_maaneder=self._number("REVISJON_INNLOGGING_MAANEDER", 12),
            metrics_bind=self._text("METRICS_BIND") or "127.0.0.1",
        )
        self._check_login(settings)
        self._check_audit(settings)
        if settings.production:
            self._check_production(settings)
        self._complain(missing)
        return settings

    def _check_login(self, settings: Settings) -> None:
        if settings.forvaltning_nivaa not in (3, 4):
            self._faults.append("FORVALTNING_NIVAA (3 or 4)")
        if "openid" not in settings.idporten_scope.split():
            self._faults.append("IDPORTEN_SCOPE (with openid)")

    def _check_audit(self, settings: Settings) -> None:
        """The database lets go of nothing younger than 5 years, or 12 months for logins (konfigurasjon.md 9.5)."""
        if not 5 <= settings.revisjon_aar <= 100:
            self._faults.append("REVISJON_AAR (5 to 100)")
        if not 12 <= settings.revisjon_innlogging_maaneder <= 1_200:
            self._faults.append("REVISJON_INNLOGGING_MAANEDER (12 to 1200)")

    def _check_production(self, settings: Settings) -> None:
        if settings.secret_key and len(settings.secret_key) < 32:
            self._faults.append("SECRET_KEY (at least 32 characters)")
        if settings.forvaltning_nivaa < 4:
            self._faults.append("FORVALTNING_NIVAA (4 in production)")
        for name in (
            "PORTAL_BASE_URL",
            "API_BASE_URL",
            "MINSIDE_BASE_URL",
            "IDPORTEN_ISSUER",
            "MASKINPORTEN_ISSUER",
        ):
            value: str = getattr(settings, name.lower())
            if value and not value.startswith("https://"):
                self._faults.append(f"{name} (https)")

    def _missing(self) -> list[str]:
        if self._env != "prod":
            return []
        return [name for name in REQUIRED if not self._environ.get(name, "").strip()]

    def _complain(self, missing: list[str]) -> None:
        parts = []
        if missing:
            parts.append("missing: " + ", ".join(missing))
        if self._faults:
            parts.append("cannot be used: " + ", ".join(self._faults))
        if parts:
            raise SettingsError(f"FIKS_ENV={self._env} cannot start; " + "; ".join(parts))

    def _text(self, name: str) -> str:
        value = self._environ.get(name, "").strip()
        if not value and self._env != "prod":
            return _TEST_DEFAULTS.get(name, "")
        return value

    def _url(self, name: str) -> str:
        value = self._text(name).rstrip("/")
        if value and not (urlsplit(value).scheme and urlsplit(value).netloc):
            self._faults.append(f"{name} (an absolute URL)")
        return value

    def _number(self, name: str, default: int) -> int:
        value = self._text(name)
        if not value:
            return default
        if not value.isascii() or not value.isdigit():
            self._faults.append(f"{name} (a whole number)")
            return default
        return int(value)

    def _parsed(self, name: str, parse: Callable[[str], T], form: str, empty: T) -> T:
        value = self._text(name)
        if name == "IDPORTEN_ACR" and not value:
            value = DEFAULT_ACR
        if not value:
            return empty
        try:
            return parse(value)
        except ValueError:
            self._faults.append(f"{name} ({form})")
            return empty
