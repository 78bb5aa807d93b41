"""The portal and the ID-porten double, each on its own loopback port, and a person with a browser between them."""

from __future__ import annotations

import html
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from flask import Flask
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

from portal import create_app
from testmiljo.idporten import Brukerliste, Idporten, Klient, Testbruker, create_idporten
from tests.portal.apps import make_prove_app, make_settings
from tests.portal.fakes import FakeSesjoner

KARI, OLA = "17912099997", "29822099635"


@dataclass
class Verden:
    """Both ends of the login, running."""

    portal: str
    issuer: str
    idp: Idporten
    idp_app: Flask
    portal_app: Flask
    sesjoner: FakeSesjoner
    key: RSAKey
    client: Klient


@contextmanager
def serving(make: Callable[[str], Flask], host: str) -> Iterator[tuple[str, Flask]]:
    """Serve the app that `make` returns for its own base URL, in a thread."""
    server = make_server("127.0.0.1", 0, Flask("tom"), threaded=True)
    base = f"http://{host}:{server.server_port}"
    app = make(base)
    server.app = app
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield base, app
    finally:
        server.shutdown()
        server.server_close()


def make_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "portal-1", "use": "sig"}, private=True)


@contextmanager
def verden(*, on_rows: bool = False, **changes: str) -> Iterator[Verden]:
    """Start the double, then the portal as its client. `changes` are settings.

    `on_rows`: sessions are rows in DATABASE_URL instead of objects in `sesjoner`.
    """
    clients: dict[str, Klient] = {}
    users = Brukerliste([Testbruker(KARI, "Kari Nordmann", "Saksbehandler", "Lillevik")])
    key, sesjoner = make_key(), FakeSesjoner()
    with serving(lambda base: create_idporten(base, clients, users), "127.0.0.1") as (issuer, idp_app):

        def make_portal(base: str) -> Flask:
            settings = {
                "PORTAL_BASE_URL": base,
                "IDPORTEN_ISSUER": issuer,
                "IDPORTEN_CLIENT_ID": "portal",
                "IDPORTEN_CLIENT_JWK": json.dumps(key.as_dict(private=True)),
            }
            if on_rows:
                return create_app(make_settings(**{**settings, **changes}))
            return make_prove_app(sesjoner, **{**settings, **changes})

        with serving(make_portal, "localhost") as (portal, portal_app):
            clients["portal"] = Klient(
                "portal",
                {"keys": [key.as_dict(private=False)]},
                [portal + "/innlogging/tilbake"],
                [portal + "/logget-ut"],
                portal + "/innlogging/frontkanal",
                portal + "/innlogging/bakkanal",
            )
            idp = idp_app.extensions["idporten"]
            yield Verden(portal, issuer, idp, idp_app, portal_app, sesjoner, key, clients["portal"])


class Person:
    """A browser: follows redirects, fills in the login page, loads frames, follows a refresh."""

    def __init__(self, world: Verden) -> None:
        self.world = world
        self.http = requests.Session()

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.http.get(urljoin(self.world.portal, path), timeout=5, **options)

    def at_idporten(self, path: str) -> requests.Response:
        """Open a portal page that leads to ID-porten's login page; it must not have logged us in by itself."""
        page = self.get(path)
        assert page.url.startswith(self.world.issuer), page.url
        return page

    def choose(
        self, page: requests.Response, pid: str = KARI, utfall: str = "", **options: Any
    ) -> requests.Response:
        """Press a button on ID-porten's login page."""
        form = {"besok": field(page.text, "besok"), "pid": pid, "utfall": utfall}
        return self.http.post(self.world.issuer + "/authorize", data=form, timeout=5, **options)

    def log_in(self, pid: str = KARI, path: str = "/innlogging/start?neste=/hjelp") -> requests.Response:
        return self.choose(self.at_idporten(path), pid)

    def log_out(self) -> requests.Response:
        """Press "Logg ut" and go where the pages lead, frames included."""
        token = field(self.get("/hjelp").text, "csrf_token")
        page = self.http.post(self.world.portal + "/logg-ut", data={"csrf_token": token}, timeout=5)
        for _ in range(3):
            for frame in frames(page):
                requests.get(frame, timeout=5).raise_for_status()
            onward = re.search(r'http-equiv="refresh" content="\d; url=([^"]+)"', page.text)
            if not onward:
                break
            page = self.http.get(html.unescape(onward.group(1)), timeout=5)
        return page

    @property
    def token(self) -> str:
        return self.http.cookies.get("fiks", "", domain="localhost.local") or ""


def frames(page: requests.Response) -> list[str]:
    """The addresses of the page's hidden frames."""
    return [html.unescape(frame) for frame in re.findall(r'<iframe src="([^"]+)"', page.text)]


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return html.unescape(found.group(1))


def path_of(url: str) -> str:
    return urlsplit(url).path
