"""The portal on loopback with real rows, and a provider nobody here wrote as the one it logs in at.

All that ties them together is what an operator would write: the portal's settings, and the client's registration.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests
from flask import Flask
from joserfc.jwk import ECKey, RSAKey

from fiks.core import environment
from fiks.konfigurasjon import service
from fiks.konfigurasjon.rules import P
from portal import create_app
from testmiljo.processes import answers, free_port, start_child, stop_child, wait_until
from tests.integration.databases import Database, running_process
from tests.integration.houses import HOUSE, make_hus
from tests.portal.apps import make_settings
from tests.portal.loopback import field, serving

SCRIPT = Path(__file__).with_name("second_provider.mjs")
ROOT = SCRIPT.parents[2]
LOW, HIGH = "urn:example:substantial", "urn:example:high"
KARI = "17912099997"
ACCOUNTS = {
    "konto-1": {"national_id": KARI, "name": "Kari Nordmann"},
    "konto-2": {"national_id": "29822099635", "name": "Ola Nordmann"},
    "konto-3": {"name": "Uten Nummer"},
}


@dataclass(frozen=True)
class Evner:
    """What the provider can do, how both sides sign, and what it does wrong (see the script)."""

    par: bool = True
    logout: bool = True
    alg: str = "RS256"
    fault: str = ""


@dataclass(frozen=True)
class Annen:
    """Both ends, running, with the sessions as rows of `database`."""

    portal: str
    issuer: str
    database: Database

    def levels(self) -> list[object]:
        """The level of each login that is alive, newest first."""
        return self._column("acr FROM sesjon WHERE avsluttet IS NULL ORDER BY opprettet DESC")

    def endings(self) -> list[object]:
        """Why logins have ended, oldest first."""
        return self._column("avsluttet_grunn FROM sesjon WHERE avsluttet IS NOT NULL ORDER BY avsluttet")

    def make_idle(self, minutes: int) -> None:
        """Nobody has used any session for so long."""
        self._do(f"UPDATE sesjon SET sist_sett = sist_sett - interval '{minutes:d} minutes'")

    def forget_sessions(self) -> None:
        self._do("DELETE FROM sesjon")

    def _do(self, statement: str) -> None:
        with self.database.owner() as owner:
            owner.execute(statement.encode())

    def _column(self, what: str) -> list[object]:
        with self.database.owner() as owner:
            return [row[0] for row in owner.execute(f"SELECT {what}".encode()).fetchall()]


@contextmanager
def second_world(database: Database, evner: Evner, log: Path) -> Iterator[Annen]:
    """The portal with settings for the second provider, and that provider with the portal as its client."""
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    kind = ECKey.generate_key("P-256", private=True) if evner.alg == "ES256" else None
    key = kind or RSAKey.generate_key(2048, private=True)
    jwk = {**key.as_dict(private=True), "kid": "portal-1", "use": "sig", "alg": evner.alg}

    def make_portal(base: str) -> Flask:
        return create_app(
            make_settings(
                DATABASE_URL=database.app_url,
                PORTAL_BASE_URL=base,
                IDPORTEN_ISSUER=issuer,
                IDPORTEN_CLIENT_ID="portal",
                IDPORTEN_CLIENT_JWK=json.dumps(jwk),
                IDPORTEN_ACR=f"3={LOW},4={HIGH}",
                IDPORTEN_PID_CLAIM="national_id",
                IDPORTEN_SCOPE="openid person",
            )
        )

    earlier = list(environment._installed)
    try:
        with (
            serving(make_portal, "localhost") as (portal, _),
            _provider(port, _registration(portal, evner, jwk), evner, log),
        ):
            yield Annen(portal, issuer, database)
    finally:
        environment._installed[:] = earlier


def make_kommune(database: Database) -> None:
    """A kommune where Kari is at work."""
    with running_process(database) as process, process.app.app_context():
        hus = make_hus()
        kari = service.register_person(KARI, navn="Kari Nordmann", actor=HOUSE)
        service.grant_privilegium(kari, P.LESE, hus.konto_id, actor=HOUSE)


def _registration(portal: str, evner: Evner, jwk: dict[str, Any]) -> dict[str, Any]:
    """The portal as a client: what one would fill in at any provider."""
    public = {name: value for name, value in jwk.items() if name in {"kty", "n", "e", "crv", "x", "y"}}
    registration = {
        "client_id": "portal",
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": evner.alg,
        "id_token_signed_response_alg": evner.alg,
        "jwks": {"keys": [{**public, "kid": jwk["kid"], "use": "sig", "alg": evner.alg}]},
        "redirect_uris": [portal + "/innlogging/tilbake"],
        "backchannel_logout_uri": portal + "/innlogging/bakkanal",
        "backchannel_logout_session_required": True,
    }
    return registration | ({"post_logout_redirect_uris": [portal + "/logget-ut"]} if evner.logout else {})


@contextmanager
def _provider(port: int, client: dict[str, Any], evner: Evner, log: Path) -> Iterator[None]:
    config = {
        "port": port,
        "levels": [LOW, HIGH],
        "numberClaim": "national_id",
        "par": evner.par,
        "logout": evner.logout,
        "fault": evner.fault,
        "accounts": ACCOUNTS,
        "client": client,
    }
    node = shutil.which("node") or ROOT / ".venv" / "bin" / "node"
    child = start_child([node, SCRIPT, json.dumps(config)], log=log)
    try:
        wait_until(lambda: answers(port), "The second provider", child=child)
        yield
    finally:
        stop_child(child)


class Nettleser:
    """A browser that keeps cookies and follows redirects, and fills in the provider's two forms."""

    def __init__(self, world: Annen) -> None:
        self.world = world
        self.http = requests.Session()
        self.http.trust_env = False

    def open(self, path: str) -> requests.Response:
        """Open a page of the portal, and be where it leads."""
        return self.http.get(urljoin(self.world.portal, path), timeout=10)

    def choose(self, page: requests.Response, account: str = "konto-1", level: str = "") -> requests.Response:
        """Log in on the provider's page, at the level it proposes or at another."""
        assert page.url.startswith(self.world.issuer + "/interaction/"), page.url
        proposed = re.search(r"<option selected>([^<]+)</option>", page.text)
        assert proposed, page.text
        form = {"account": account, "level": level or proposed.group(1)}
        return self.http.post(page.url, data=form, timeout=10)

    def log_in(self, path: str, account: str = "konto-1") -> requests.Response:
        return self.choose(self.open(path), account)

    def log_out(self) -> requests.Response:
        """Press «Logg ut», go where the page leads, and say yes there."""
        token = field(self.open("/hjelp").text, "csrf_token")
        page = self.http.post(self.world.portal + "/logg-ut", data={"csrf_token": token}, timeout=10)
        onward = re.search(r'http-equiv="refresh" content="\d; url=([^"]+)"', page.text)
        assert onward, page.text
        return self.confirm_logout(unescape(onward.group(1)))

    def confirm_logout(self, url: str) -> requests.Response:
        """Open the provider's logout page and press its button; a page that asks nothing is returned as it is."""
        page = self.http.get(url, timeout=10)
        action = re.search(r'id="op\.logoutForm"[^>]*action="([^"]+)"', page.text)
        if action is None:
            return page
        form = {"xsrf": field(page.text, "xsrf"), "logout": "yes"}
        return self.http.post(unescape(action.group(1)), data=form, timeout=10)
