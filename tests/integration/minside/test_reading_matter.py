"""Help, privacy and accessibility of Min side: the citizen's own, in both languages, also before a login."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from fiks.edialog.rules import Status
from portal.minside.language import TEXTS
from portal.texts.minside.help import HJELP, Side
from portal.texts.minside.statements import PERSONVERN, TILGJENGELIGHET
from tests.integration.houses import new_fnr
from tests.integration.utsending.browser import citizen, post, text_of
from tests.pagecheck import check_page

PAGES = {
    "/minside/hjelp": HJELP,
    "/minside/personvern": PERSONVERN,
    "/minside/tilgjengelighet": TILGJENGELIGHET,
}
EVERY = pytest.mark.parametrize("path", PAGES)
OWN = re.compile(r'<a class="ds-link" href="([^"]+)">', re.DOTALL)


def sentences(side: Side) -> str:
    parts = [" ".join((one.tittel, *one.avsnitt, *one.punkter)) for one in side.deler]
    return " ".join((side.tittel, side.ingress, *parts))


def footer(page: str) -> list[str]:
    return OWN.findall(page.split("<footer", 1)[1])


@EVERY
def test_both_languages_have_the_same_parts(path: str) -> None:
    nb, nn = PAGES[path]["nb"], PAGES[path]["nn"]
    shapes = [[(len(o.avsnitt), len(o.punkter), bool(o.lenke)) for o in side.deler] for side in (nb, nn)]
    assert shapes[0] == shapes[1]


@EVERY
@pytest.mark.parametrize("sprak", ["nb", "nn"])
def test_what_a_page_calls_by_name_is_called_so_on_min_side(path: str, sprak: str) -> None:
    named = re.findall("«([^»]+)»", sentences(PAGES[path][sprak]))
    said = set(TEXTS[sprak].values()) | set(re.findall("«([^»]+)»", " ".join(TEXTS[sprak].values())))
    assert [name for name in named if name not in said] == []


@EVERY
def test_who_is_not_logged_in_reads_it_in_either_language(app: Flask, path: str) -> None:
    browser = app.test_client()
    for address, sprak in ((path, "nb"), (f"{path}?sprak=nn", "nn"), (f"{path}?sprak=se", "nb")):
        page = browser.get(address).text
        check_page(page)
        assert f'<html lang="{sprak}"' in page
        assert PAGES[path][sprak].ingress in text_of(page)
    assert all(address.endswith("?sprak=nn") for address in footer(browser.get(f"{path}?sprak=nn").text))


def test_every_page_of_min_side_leads_to_its_own_help_in_the_chosen_language(app: Flask) -> None:
    browser = citizen(app, new_fnr())
    post(browser, "/minside", "/minside/sprak", sprak="nn")
    for path in ("/minside", "/minside/post", "/minside/henvendelser", *PAGES):
        page = browser.get(path).text
        check_page(page)
        assert sorted(footer(page)) == sorted(PAGES)
    for path, texts in PAGES.items():
        assert texts["nn"].ingress in text_of(browser.get(path).text)


def test_the_status_names_on_the_help_page_are_those_of_the_lists() -> None:
    for sprak, side in HJELP.items():
        named = {line.split(":")[0] for part in side.deler for line in part.punkter if ": " in line}
        skjema = [f"ED_S_{status}" for status in Status]
        assert {TEXTS[sprak][code] for code in ("POST_ULEST", "POST_LEST", "POST_DELT", *skjema)} <= named
