"""Suppliers' fagsystemer of the demo: each a client at Maskinporten, and an integrasjon that a kommune has let in.

Its private key and its password are made once and kept in the demo's folder, as everything else a demo that is started
again needs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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
from testmiljo.private_files import read_private, write_private
from testmiljo.seed import Seeded

ROOT = system("testmiljo")
CLIENT_ID, NAVN = "fagsystem-demo", "Fagsystem for eiendomsskatt"
ORGNR = "312990105"
"""The supplier's: an invented number outside the kommuner and their receivers."""


@dataclass(frozen=True, slots=True)
class Leverandor:
    """A supplier and its fagsystem: client at Maskinporten, name, number, the file of its secrets.

    `konto` is the only konto it may use; None: all of the kommune's.
    """

    client_id: str
    navn: str
    orgnr: str
    fil: str
    konto: str | None = None


FIRST = Leverandor(CLIENT_ID, NAVN, ORGNR, "fagsystem.json")
SECOND = Leverandor(
    "fagsystem-demo-2", "Fagsystem for vann og avløp", "312990113", "fagsystem-2.json", "Kommunale avgifter"
)
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
    leverandor: Leverandor = FIRST
    kontoer: tuple[UUID, ...] = ()
    """Those it may use."""

    def registration(self) -> dict[str, Any]:
        """What Maskinporten is told about the supplier."""
        public = RSAKey.import_key(self.jwk).as_dict(private=False)
        orgnr = self.leverandor.orgnr
        client = {
            "client_id": self.leverandor.client_id,
            "orgnr": orgnr,
            "scopes": [SCOPE],
            "nokler": [public],
        }
        return {"klienter": [client], "tilganger": {SCOPE: [orgnr]}}

    def described(self, portal: str, issuer: str) -> dict[str, Any]:
        """What an outside client needs to call the running demo."""
        return {
            "maskinporten": {
                "issuer": issuer,
                "token_endpoint": issuer + "token",
                "client_id": self.leverandor.client_id,
                "orgnr": self.leverandor.orgnr,
                "scope": SCOPE,
                "jwk": self.jwk,
            },
            "integrasjon": {
                "id": str(self.integrasjon_id),
                "passord": self.passord,
                "organisasjon": str(self.organisasjon_id),
                "kontoer": [str(konto) for konto in self.kontoer],
                "selvtest": portal + SELF_TEST,
            },
        }


def seed_fagsystem(seeded: Seeded, folder: Path, leverandor: Leverandor = FIRST) -> Fagsystem:
    """Make the integrasjon with rights on the kontoer it may use, or find it; inside an app context."""
    path = folder / leverandor.fil
    kontoer = tuple(konto for name, konto in seeded.kontoer.items() if leverandor.konto in (None, name))
    found = _kept(path, seeded.organisasjon_id) or _make(path, seeded.organisasjon_id, leverandor)
    grants.approve_integrasjon(
        found.integrasjon_id,
        seeded.organisasjon_id,
        valg=[Tilgangsvalg(right, konto) for konto in kontoer for right in RIGHTS],
        shown=tilganger_digest(found.integrasjon_id, seeded.organisasjon_id),
        actor=ROOT,
    )
    return replace(found, leverandor=leverandor, kontoer=kontoer)


def _kept(path: Path, organisasjon_id: UUID) -> Fagsystem | None:
    """The fagsystem of the file, if the database still has its integrasjon in this kommune with this password."""
    content = read_private(path)
    if content is None:
        return None
    row = session().get(Integrasjon, UUID(content["id"]))
    if row is None or row.slettet is not None or row.organisasjon_id != organisasjon_id:
        return None
    if row.passord_hash != hash_of(content["passord"], Formal.INTEGRASJON):
        return None
    return Fagsystem(row.id, content["passord"], content["jwk"], organisasjon_id)


def _make(path: Path, organisasjon_id: UUID, leverandor: Leverandor) -> Fagsystem:
    integrasjon_id = uuid4()
    fakta = Integrasjonsfakta(
        leverandor.navn, leverandor.orgnr, "Henter og sender for kommunen i prøvemiljøet."
    )
    passord = service.create_integrasjon(
        organisasjon_id, integrasjon_id=integrasjon_id, fakta=fakta, actor=ROOT
    )
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)
    made = Fagsystem(integrasjon_id, passord.verdi, key.as_dict(private=True), organisasjon_id)
    write_private(path, {"id": str(made.integrasjon_id), "passord": made.passord, "jwk": made.jwk})
    return made
