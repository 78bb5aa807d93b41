"""Machines of the tests: the issuers' keys, tokens right and wrong, and an integrasjon with what it may."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from fiks.core.actor import system
from fiks.konfigurasjon.integrasjon import grants, queries, service
from fiks.konfigurasjon.integrasjon.grants import Tilgangsvalg
from fiks.konfigurasjon.integrasjon.rules import Integrasjonsfakta
from fiks.konfigurasjon.rules import P
from tests.integration.houses import new_orgnr

MASKINPORTEN, IDPORTEN = "https://maskinporten.example/", "https://idporten.example"
KEY = RSAKey.generate_key(2048, {"kid": "mp-1", "use": "sig"}, private=True)
OTHER = RSAKey.generate_key(2048, {"kid": "mp-1", "use": "sig"}, private=True)
HOUSE = system("test")


def published(url: str) -> Mapping[str, Any]:
    """What both issuers publish."""
    if url.endswith("/keys"):
        return dict(KeySet([KEY]).as_dict(private=False))
    issuer = MASKINPORTEN if url.startswith(MASKINPORTEN) else IDPORTEN
    return {"issuer": issuer, "jwks_uri": issuer.rstrip("/") + "/keys"}


def token(orgnr: str, key: RSAKey = KEY, alg: str = "RS256", **changes: Any) -> str:
    now = int(time.time())
    consumer = {"authority": "iso6523-actorid-upis", "ID": f"0192:{orgnr}"}
    claims = {"iss": MASKINPORTEN, "scope": "ks:fiks", "iat": now, "exp": now + 120, "consumer": consumer}
    return jwt.encode({"alg": alg, "kid": key.kid}, claims | changes, key, algorithms=[alg])


@dataclass(frozen=True)
class Kall:
    """A right call of an integrasjon."""

    id: str
    orgnr: str
    passord: str

    def headers(self, **changes: str) -> dict[str, str]:
        right = {
            "Authorization": f"Bearer {token(self.orgnr)}",
            "IntegrasjonId": self.id,
            "IntegrasjonPassord": self.passord,
        }
        return right | changes


def make_kall(organisasjon_id: UUID, *privilegier: P, ressurs: UUID | None = None) -> Kall:
    """An integrasjon of the organisation, with `privilegier` on `ressurs`."""
    own, orgnr = uuid4(), new_orgnr()
    fakta = Integrasjonsfakta("Fagsystem", orgnr)
    passord = service.create_integrasjon(organisasjon_id, integrasjon_id=own, fakta=fakta, actor=HOUSE)
    if privilegier:
        assert ressurs is not None
        grants.approve_integrasjon(
            own,
            organisasjon_id,
            valg=[Tilgangsvalg(privilegium, ressurs) for privilegium in privilegier],
            shown=queries.tilganger_digest(own, organisasjon_id),
            actor=HOUSE,
        )
    return Kall(str(own), orgnr, passord.verdi)
