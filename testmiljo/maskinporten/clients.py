"""Who is registered with the double, and the words it refuses with (konfigurasjon.md 6.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

DOCUMENTATION = "https://docs.digdir.no/docs/Maskinporten/"

FEIL: Mapping[str, tuple[str, str]] = {
    "011": ("invalid_grant", "Invalid assertion. Bad or unknown parameter"),
    "012": ("invalid_grant", "Invalid assertion. The grant has been used before"),
    "100": ("invalid_client", "Client authentication failed. Unknown client or key"),
    "110": ("invalid_grant", "Invalid assertion. Wrong audience"),
    "120": ("invalid_client", "Client authentication failed. Certificate not accepted"),
    "121": ("invalid_client", "Client authentication failed. The key has expired"),
    "122": ("invalid_client", "Client authentication failed. Certificate of another organisation"),
    "123": ("invalid_client", "Client authentication failed. Bad x5c"),
    "124": ("invalid_grant", "Invalid assertion. Client authentication failed. Invalid JWT signature"),
    "130": ("invalid_grant", "Invalid assertion. Expired or not issued now"),
    "200": ("invalid_scope", "Scope not registered on the client"),
    "201": ("invalid_scope", "Scope not allowed for the organisation of the client"),
    "250": ("invalid_scope", "The consumer has no access to the scope"),
    "251": ("invalid_grant", "The consumer has not delegated to the supplier"),
}
"""Maskinporten's code → OAuth's error and the description."""


class MpFeil(Exception):
    """A refusal with Maskinporten's code; `hvorfor` says more to the developer of a client."""

    def __init__(self, kode: str, hvorfor: str) -> None:
        super().__init__(f"MP-{kode}: {hvorfor}")
        self.kode, self.hvorfor = kode, hvorfor

    def body(self) -> dict[str, str]:
        """The answer's JSON."""
        error, text = FEIL[self.kode]
        return {
            "error": error,
            "error_description": f"{text}: {self.hvorfor} (MP-{self.kode})",
            "error_uri": DOCUMENTATION,
        }


@dataclass(frozen=True, slots=True)
class Klient:
    """A registered client of the organisation `orgnr`.

    `nokler` are public JWKs with kid; one with `utloper` (seconds since 1970) is not accepted after that. A client
    without keys signs with a virksomhetssertifikat. `pa_vegne_av` are the names of iss_onbehalfof → customer's orgnr.
    """

    client_id: str
    orgnr: str
    scopes: Sequence[str]
    nokler: Sequence[Mapping[str, Any]] = ()
    pa_vegne_av: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delegering:
    """In Altinn the consumer has let the supplier use the scope for it."""

    consumer: str
    supplier: str
    scope: str


@dataclass(slots=True)
class Register:
    """All that Maskinporten knows. `tilganger`: scope → the organisations its owner has given it to.

    `rotsertifikater`: PEM texts of the roots a virksomhetssertifikat must lead to.
    """

    klienter: Mapping[str, Klient] = field(default_factory=dict)
    tilganger: Mapping[str, Sequence[str]] = field(default_factory=dict)
    delegeringer: Sequence[Delegering] = ()
    rotsertifikater: Sequence[str] = ()

    def has_access(self, orgnr: str, scope: str) -> bool:
        """Whether the owner of the scope has given it to the organisation."""
        return orgnr in self.tilganger.get(scope, ())


def register_from(content: Mapping[str, Any]) -> Register:
    """The register from its JSON form; KeyError or TypeError when that is not well formed."""
    clients = [Klient(**item) for item in content.get("klienter", [])]
    return Register(
        {client.client_id: client for client in clients},
        {str(scope): list(orgnr) for scope, orgnr in content.get("tilganger", {}).items()},
        [Delegering(**item) for item in content.get("delegeringer", [])],
        [str(pem) for pem in content.get("rotsertifikater", [])],
    )
