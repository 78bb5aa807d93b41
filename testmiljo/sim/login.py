"""ID-porten's place in the simulation: mounted at /idporten, its clients and test users kept in the store."""

from __future__ import annotations

import json
from typing import Any

from testmiljo.idporten import Brukerliste, Klient, Testbruker, create_idporten
from testmiljo.sim.store import Store

KEPT = "idporten"


def keep_logins(store: Store, content: dict[str, Any]) -> dict[str, Any]:
    """Add clients and test users to those kept; the latest with the same id wins. Returns all."""
    kept = json.loads(store.meta(KEPT, "{}"))
    clients = {item["client_id"]: item for item in [*kept.get("clients", []), *content.get("clients", [])]}
    users = {item["pid"]: item for item in [*kept.get("brukere", []), *content.get("brukere", [])]}
    everything = {"clients": list(clients.values()), "brukere": list(users.values())}
    store.set_meta(KEPT, json.dumps(everything))
    return everything


class IdPorten:
    """The provider of this process. `issuer` is its address as the portal and the browser know it."""

    def __init__(self, store: Store, issuer: str) -> None:
        self._store = store
        self._clients: dict[str, Klient] = {}
        self._users = Brukerliste()
        self.app = create_idporten(issuer, self._clients, self._users)
        self.add({})

    def add(self, content: dict[str, Any]) -> None:
        """Register clients and test users (KeyError or TypeError when they are not well formed) beside those kept."""
        _clients(content), _users(content)
        everything = keep_logins(self._store, content)
        self._clients.update(_clients(everything))
        self._users.brukere = _users(everything)


def _clients(content: dict[str, Any]) -> dict[str, Klient]:
    return {item["client_id"]: Klient(**item) for item in content.get("clients", [])}


def _users(content: dict[str, Any]) -> list[Testbruker]:
    return [Testbruker(**item) for item in content.get("brukere", [])]
