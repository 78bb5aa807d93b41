"""Client for Altinn's authorised parties: the organisations a person may act for, with roles, packages and
resources as codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fiks.core.http.client import CONNECT_SECONDS, HttpClient

TIMEOUT = (CONNECT_SECONDS, 10.0)
"""Connect and read timeout in seconds; short, because a person is waiting for the page."""

PERSON = "urn:altinn:person:identifier-no"
PATH = "/accessmanagement/api/v1/resourceowner/authorizedparties"
KINDS: Mapping[str, str] = {
    "ROLLE": "authorizedRoles",
    "TILGANGSPAKKE": "authorizedAccessPackages",
    "RESSURS": "authorizedResources",
}


@dataclass(frozen=True, slots=True)
class Altinnpart:
    """One organisation from Altinn. `fullmakter` are (kind, code) pairs, kind as in `fullmaktkrav`.

    `velgbar` is False for an organisation listed only as the parent of a subunit the person has rights in.
    `hovedenhet` is the orgnr of a subunit's main unit.
    """

    orgnr: str
    navn: str
    fullmakter: frozenset[tuple[str, str]] = frozenset()
    velgbar: bool = True
    hovedenhet: str | None = None


class AltinnParter:
    """Client of Altinn Access Management, `authorizedparties` for resource owners."""

    def __init__(self, base_url: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._wire = HttpClient("altinn", base_url, timeout)

    def authorized_parties(self, pid: str) -> list[Altinnpart]:
        """Return the organisations of the person `pid`, each before its subunits; deleted organisations are
        omitted.

        Raises ProvIgjen, Avvist.
        """
        answer = self._wire.read("POST", PATH, json={"type": PERSON, "value": pid})
        try:
            return list(_parts(answer, None))
        except (KeyError, TypeError, AttributeError):
            raise self._wire.unreadable() from None


def _parts(parties: Iterable[Mapping[str, Any]], main: str | None) -> Iterable[Altinnpart]:
    for party in parties:
        number = party.get("organizationNumber")
        if number and not party.get("isDeleted"):
            granted = frozenset((kind, str(code)) for kind in KINDS for code in party.get(KINDS[kind]) or [])
            selectable = not party.get("onlyHierarchyElementWithNoAccess")
            yield Altinnpart(str(number), str(party["name"]), granted, selectable, main)
        yield from _parts(party.get("subunits") or [], str(number) if number else None)
