"""Altinn's authorised parties: the organisations a person may act for, with roles, packages and resources as codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fiks.core.wire import CONNECT_SECONDS, Wire

TIMEOUT = (CONNECT_SECONDS, 10.0)
"""Somebody waits for the page."""

PERSON = "urn:altinn:person:identifier-no"
PATH = "/accessmanagement/api/v1/resourceowner/authorizedparties"
KINDS: Mapping[str, str] = {
    "ROLLE": "authorizedRoles",
    "TILGANGSPAKKE": "authorizedAccessPackages",
    "RESSURS": "authorizedResources",
}


@dataclass(frozen=True, slots=True)
class Altinnpart:
    """One organisation. `fullmakter` are (kind, code), kind as in `fullmaktkrav`.

    `velgbar` is False for one that is only shown as the parent of a unit one has rights in; `hovedenhet` is the
    orgnr of the main unit of a subunit.
    """

    orgnr: str
    navn: str
    fullmakter: frozenset[tuple[str, str]] = frozenset()
    velgbar: bool = True
    hovedenhet: str | None = None


class AltinnParter:
    """The client. Source: Altinn Access Management, `authorizedparties` for resource owners."""

    def __init__(self, base_url: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._wire = Wire("altinn", base_url, timeout)

    def authorized_parties(self, pid: str) -> list[Altinnpart]:
        """The organisations of the person `pid`, each before its subunits; deleted ones are left out.

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
