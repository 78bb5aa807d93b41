"""The menu leads only where its reader may go, whatever they hold and wherever they hold it."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from flask import Flask

from fiks.konfigurasjon.rules import CATALOGUE, P, Ressurstype
from fiks.konfigurasjon.service import create_konto
from tests.integration.houses import HOUSE, Hus, make_hus
from tests.integration.konfigurasjon.portals import staff
from tests.integration.utsending.browser import Browser

pytestmark = pytest.mark.usefixtures("inside")

PLACES = (Ressurstype.FIKS_ORG, Ressurstype.SVARUT_KONTO)
HELD = [
    pytest.param(d.navn, d.ressurs_type, id=f"{d.navn} on {d.ressurs_type}")
    for d in CATALOGUE
    if d.ressurs_type in PLACES
]
OF_THE_ORGANISATION = {"/konfigurasjon", "/tjenester", "/ressurser", "/revisjonslogg"}


def somebody(app: Flask, hus: Hus, privilegium: P, sted: Ressurstype) -> Browser:
    where = hus.konto_id if sted is Ressurstype.SVARUT_KONTO else hus.organisasjon_id
    return staff(app, hus.organisasjon_id, privilegium, where)


def menu_of(client: Browser) -> list[str]:
    page = client.get("/oversikt").text
    [nav] = re.findall(r'<nav aria-label="Hovedmeny">.*?</nav>', page, re.S)
    return re.findall(r'href="([^"]+)"', nav)


@pytest.mark.parametrize(("privilegium", "sted"), HELD)
def test_every_entry_of_the_menu_opens(app: Flask, privilegium: P, sted: Ressurstype) -> None:
    client = somebody(app, make_hus(), privilegium, sted)
    links = menu_of(client)
    assert links
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_the_pages_of_the_whole_organisation_are_for_its_own_administrator(app: Flask) -> None:
    hus = make_hus()
    whole, one = (somebody(app, hus, P.ADMIN, sted) for sted in PLACES)
    assert set(menu_of(whole)) >= OF_THE_ORGANISATION
    assert not set(menu_of(one)) & OF_THE_ORGANISATION
    assert {one.get(page).status_code for page in OF_THE_ORGANISATION} == {403}


def test_the_queue_of_letters_to_print_shows_only_to_those_who_have_one(app: Flask) -> None:
    plain, by_hand = make_hus(), make_hus(printleverandor="MANUELL_PRINT")
    assert "/print" not in menu_of(somebody(app, plain, P.SENDE, Ressurstype.SVARUT_KONTO))
    assert "/print" in menu_of(somebody(app, by_hand, P.SENDE, Ressurstype.SVARUT_KONTO))
    assert "/print" not in menu_of(somebody(app, by_hand, P.LESE, Ressurstype.SVARUT_KONTO))
    other = create_konto(by_hand.organisasjon_id, visningsnavn="Annen", avsender=f"{uuid4()}", actor=HOUSE)
    elsewhere = staff(app, by_hand.organisasjon_id, P.SENDE, other)
    assert "/print" not in menu_of(elsewhere)
    assert elsewhere.get("/print").status_code == 200, "whoever has the address is told that nothing waits"
