"""Reader of single settings from an environment: missing and unusable ones are collected and reported all at
once.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from config.addresses import is_absolute

ENVIRONMENTS = ("prod", "test", "demo")

# Required in production. The same names are starred in docs/drift/innstillinger.md.
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
    "FOLKEREGISTER_URL",
    "KRR_URL",
    "ENHETSREGISTER_URL",
    "BRUKERSTOTTE",
)

# Only for test and demo: fixed keys that anybody can read here, and that protect nothing.
PUBLISHED_KEY, PUBLISHED_SECRET = b"\x01" * 32, "only-for-test-and-demo-not-a-secret"
_TEST_KEY = base64.b64encode(PUBLISHED_KEY).decode()
_TEST_DEFAULTS: Mapping[str, str] = {
    "DATABASE_URL": "postgresql://127.0.0.1:5432/fiks",
    "REDIS_URL": "",
    "OBJECT_STORE_URL": "memory://",
    "SECRET_KEY": PUBLISHED_SECRET,
    "MASTER_KEYS": f"test-1:{_TEST_KEY}",
    "INDEX_KEY": _TEST_KEY,
    "PORTAL_BASE_URL": "http://localhost",
    "IDPORTEN_ISSUER": "",
    "IDPORTEN_CLIENT_ID": "",
    "IDPORTEN_CLIENT_JWK": "",
    "MASKINPORTEN_ISSUER": "",
}


class SettingsError(RuntimeError):
    """The environment is unusable. The message names every setting at fault and no value."""


class Reader:
    """Reads one environment; `faults` lists the unusable settings, each with the expected form."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.faults: list[str] = []
        self.env = environ.get("FIKS_ENV", "").strip() or "prod"
        if self.env not in ENVIRONMENTS:
            self.faults.append(f"FIKS_ENV (one of {', '.join(ENVIRONMENTS)})")

    def complain(self) -> None:
        """Raise SettingsError if anything is missing or unusable."""
        parts = []
        if missing := self._missing():
            parts.append("missing: " + ", ".join(missing))
        if self.faults:
            parts.append("cannot be used: " + ", ".join(self.faults))
        if parts:
            raise SettingsError(f"FIKS_ENV={self.env} cannot start; " + "; ".join(parts))

    def _missing(self) -> list[str]:
        if self.env != "prod":
            return []
        return [name for name in REQUIRED if not self._environ.get(name, "").strip()]

    def text(self, name: str) -> str:
        """Return the setting as text, "" when it is not set."""
        value = self._environ.get(name, "").strip()
        if not value and self.env != "prod":
            return _TEST_DEFAULTS.get(name, "")
        return value

    def names(self) -> list[str]:
        """Return the names of all settings that have a value, sorted."""
        return sorted(name for name, value in self._environ.items() if value.strip())

    def url(self, name: str) -> str:
        """Return an absolute URL without a trailing slash, or ""."""
        value = self.text(name).rstrip("/")
        if value and not is_absolute(value):
            self.faults.append(f"{name} (an absolute URL)")
        return value

    def number(self, name: str, default: int) -> int:
        """Return a whole number that is not negative."""
        value = self.text(name)
        if not value:
            return default
        if not value.isascii() or not value.isdigit():
            self.faults.append(f"{name} (a whole number)")
            return default
        return int(value)

    def parsed(
        self, name: str, parse: Callable[[str], object], form: str, empty: object, default: str = ""
    ) -> object:
        """Return the setting, or `default`, parsed by `parse`; `empty` without either. `form` describes the
        expected form.
        """
        value = self.text(name) or default
        if not value:
            return empty
        try:
            return parse(value)
        except ValueError:
            self.faults.append(f"{name} ({form})")
            return empty
