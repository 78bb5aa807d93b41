"""Maskinporten's place in the simulation: mounted at /maskinporten, its key and its register kept in the store."""

from __future__ import annotations

import json
from typing import Any

from joserfc.jwk import RSAKey

from testmiljo.maskinporten import Register, create_maskinporten
from testmiljo.maskinporten.clients import register_from
from testmiljo.sim.store import Store

KEPT, KEY = "maskinporten", "maskinporten_nokkel"


class Maskinporten:
    """The issuer of this process. `issuer` is its address with a slash at the end."""

    def __init__(self, store: Store, issuer: str) -> None:
        self._store = store
        self._register = Register()
        made = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)
        key = RSAKey.import_key(json.loads(store.meta(KEY, json.dumps(made.as_dict(private=True)))))
        self.app = create_maskinporten(issuer, self._register, key)
        self.add({})

    def add(self, content: dict[str, Any]) -> None:
        """Register beside what is kept (KeyError or TypeError when it is not well formed).

        The latest client with the same id wins; access, delegations and roots are added.
        """
        register_from(content)
        kept = json.loads(self._store.meta(KEPT, "{}"))
        clients = {k["client_id"]: k for k in [*kept.get("klienter", []), *content.get("klienter", [])]}
        access = {scope: list(orgnr) for scope, orgnr in kept.get("tilganger", {}).items()}
        for scope, orgnr in content.get("tilganger", {}).items():
            access[scope] = sorted({*access.get(scope, []), *orgnr})
        everything = {"klienter": list(clients.values()), "tilganger": access}
        for name in ("delegeringer", "rotsertifikater"):
            both = [*kept.get(name, []), *content.get(name, [])]
            everything[name] = [one for at, one in enumerate(both) if one not in both[:at]]
        self._store.set_meta(KEPT, json.dumps(everything))
        new = register_from(everything)
        self._register.klienter, self._register.tilganger = new.klienter, new.tilganger
        self._register.delegeringer, self._register.rotsertifikater = new.delegeringer, new.rotsertifikater
