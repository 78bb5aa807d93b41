"""A process that serves one part of the portal leads nobody to what only another part has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from config.settings import Settings
from fiks.konfigurasjon import operators
from fiks.konfigurasjon.person.rules import Personopplysninger
from portal import create_app
from portal.blueprints import DELER
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.minside.letters import letter_to
from tests.integration.utsending.browser import Browser, citizen, log_in
from tests.integration.utsending.kommuner import FakeAltinn, make_kommune
from tests.pagecheck import Page
from tests.security.crawl import Side, crawl

PLACES = {"a": "href", "link": "href", "form": "action", "script": "src", "img": "src", "iframe": "src"}
PARTS = sorted(set(DELER) - {"app"})


def made(settings: Settings, name: str) -> Flask:
    app = create_app(settings, blueprints=DELER[name])
    app.config["TESTING"] = True
    app.test_client_class = Browser
    app.extensions["fiks_altinn"] = FakeAltinn()
    return app


def starts(app: Flask) -> list[tuple[str, bool]]:
    """Every page that is asked for by its address alone, and one that is not there."""
    plain = [
        rule for rule in app.url_map.iter_rules() if not rule.arguments and "GET" in (rule.methods or ())
    ]
    return [(rule.rule, False) for rule in plain] + [("/finnes-ikke", False)]


def visitors(app: Flask, hus: Hus) -> Iterator[tuple[str, Browser]]:
    """Nobody in particular, a receiver with a letter, and staff who run the platform besides."""
    yield "fremmed", app.test_client()  # type: ignore[misc]
    if "minside.forside" not in app.view_functions:
        return
    me = new_fnr()
    letter_to(hus, me)
    yield "mottaker", citizen(app, me)
    kommune = make_kommune()
    operators.make_operator(Personopplysninger(kommune.pid["saksbehandler"], "saksbehandler"), actor=HOUSE)
    yield "ansatt", log_in(app, kommune, "saksbehandler")
    alone = new_fnr()
    operators.make_operator(Personopplysninger(alone, "Rut Solberg"), actor=HOUSE)
    yield "plattformen", citizen(app, alone, acr=4)


def dead_ends(app: Flask, side: Side) -> Iterator[str]:
    """The page's own addresses that the part has no route for."""
    routes = app.url_map.bind("localhost")
    for tag, given in Page(side.html).tags:
        address = given.get(PLACES.get(tag, ""), "").split("#")[0]
        if not address.startswith("/") or address.startswith("//"):
            continue
        method = given.get("method", "get").upper() if tag == "form" else "GET"
        try:
            routes.match(address.partition("?")[0], method=method)
        except HTTPException as error:
            yield f"{side}: {method} {address} {error.code}"


@pytest.mark.parametrize("name", PARTS)
def test_every_page_of_a_part_leads_to_pages_of_the_same_part(
    name: str, settings: Settings, hus: Hus
) -> None:
    app = made(settings, name)
    found: list[str] = []
    for rolle, client in visitors(app, hus):
        sider = crawl(client, rolle, name, starts(app))
        expected = {"/finnes-ikke": 404, "/forsendelse/publickey/hent": 404}  # there are no keys here
        found += [
            f"{side}: {side.status}"
            for side in sider
            if side.status in (404, 405, 500) and side.status != expected.get(side.adresse)
        ]
        found += [dead for side in sider for dead in dead_ends(app, side)]
    assert not found
