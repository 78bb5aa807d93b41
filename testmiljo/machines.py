"""A supplier's fagsystem of the demo: a client at Maskinporten, and an integrasjon that a kommune has let in.

Its private key and its password are made once and kept in the demo's folder, as everything else a demo that is started
again needs.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from joserfc.jwk import RSAKey

from fiks.core.actor import system
from fiks.core.db import session
from fiks.konfigurasjon.integrasjon import grants, service
from fiks.konfigurasjon.integrasjon.grants import Tilgangsvalg
from fiks.konfigurasjon.integrasjon.passwords import Formal, hash_of
from fiks.konfigurasjon.integrasjon.queries import tilganger_digest
from fiks.konfigurasjon.integrasjon.rules import Integrasjonsfakta
from fiks.konfigurasjon.models import Integrasjon
from fiks.konfigurasjon.rules import P
from testmiljo.seed import Seeded

ROOT = system("testmiljo")
FILE = "fagsystem.json"
CLIENT_ID, NAVN = "fagsystem-demo", "Fagsystem for eiendomsskatt"
ORGNR = "312990105"
"""The supplier's: an invented number outside the kommuner and their receivers."""
SCOPE = "ks:fiks"
SELF_TEST = "/konfigurasjon/api/v1/integrasjoner/autentisering"
RIGHTS = (P.LESE, P.SENDE)


@dataclass(frozen=True, slots=True, repr=False)
class Fagsystem:
    """All that the supplier keeps secret, and where it is let in. `jwk` is private."""

    integrasjon_id: UUID
    passord: str
    jwk: dict[str, Any]
    organisasjon_id: UUID

    def registration(self) -> dict[str, Any]:
        """What Maskinporten is told about the supplier."""
        public = RSAKey.import_key(self.jwk).as_dict(private=False)
        client = {"client_id": CLIENT_ID, "orgnr": ORGNR, "scopes": [SCOPE], "nokler": [public]}
        return {"klienter": [client], "tilganger": {SCOPE: [ORGNR]}}

    def described(self, portal: str, issuer: str) -> dict[str, Any]:
        """What an outside client needs to call the running demo."""
        return {
            "maskinporten": {
                "issuer": issuer,
                "token_endpoint": issuer + "token",
                "client_id": CLIENT_ID,
                "orgnr": ORGNR,
                "scope": SCOPE,
                "jwk": self.jwk,
            },
            "integrasjon": {
                "id": str(self.integrasjon_id),
                "passord": self.passord,
                "organisasjon": str(self.organisasjon_id),
                "selvtest": portal + SELF_TEST,
            },
        }


def seed_fagsystem(seeded: Seeded, folder: Path) -> Fagsystem:
    """Make the integrasjon with rights on every konto of the kommune, or find it; inside an app context."""
    found = _kept(folder / FILE, seeded.organisasjon_id) or _make(folder / FILE, seeded.organisasjon_id)
    grants.approve_integrasjon(
        found.integrasjon_id,
        seeded.organisasjon_id,
        valg=[Tilgangsvalg(right, konto) for konto in seeded.kontoer.values() for right in RIGHTS],
        shown=tilganger_digest(found.integrasjon_id, seeded.organisasjon_id),
        actor=ROOT,
    )
    return found


def _kept(path: Path, organisasjon_id: UUID) -> Fagsystem | None:
    """The fagsystem of the file, if the database still has its integrasjon in this kommune with this password."""
    if not path.exists():
        return None
    content = json.loads(path.read_text("utf-8"))
    row = session().get(Integrasjon, UUID(content["id"]))
    if row is None or row.slettet is not None or row.organisasjon_id != organisasjon_id:
        return None
    if row.passord_hash != hash_of(content["passord"], Formal.INTEGRASJON):
        return None
    return Fagsystem(row.id, content["passord"], content["jwk"], organisasjon_id)


def _make(path: Path, organisasjon_id: UUID) -> Fagsystem:
    integrasjon_id = uuid4()
    fakta = Integrasjonsfakta(NAVN, ORGNR, "Henter og sender for kommunen i prøvemiljøet.")
    passord = service.create_integrasjon(
        organisasjon_id, integrasjon_id=integrasjon_id, fakta=fakta, actor=ROOT
    )
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)
    made = Fagsystem(integrasjon_id, passord.verdi, key.as_dict(private=True), organisasjon_id)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"id": str(made.integrasjon_id), "passord": made.passord, "jwk": made.jwk}, file)
    return made
