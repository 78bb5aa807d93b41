"""An organisation's own prices: said on a page, year by year, and what they were before is kept."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet, IkkeTilgang, UgyldigeFelt
from fiks.core.values.money import format_ore
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.print import EKSEMPELPRISER
from fiks.utsending.cost import estimate, price_list
from portal.texts import detalj_tekst, tekst
from tests.integration.utsending.browser import Browser, log_in, text_of
from tests.integration.utsending.kommuner import ROOT, Kommune, today
from tests.pagecheck import check_page

pytestmark = pytest.mark.usefixtures("house")
LIST = {kind: 10 + nr for nr, kind in enumerate(price_list.KINDS)}


@pytest.fixture
def admin(app: Flask, kommune: Kommune) -> Browser:
    konfigurasjon.grant_privilegium(kommune.personer["utenfor"], P.ADMIN, kommune.id, actor=ROOT)
    return log_in(app, kommune, "utenfor")


def path(aar: int) -> str:
    return f"/konfigurasjon/papir/priser/{aar}"


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


def written(page: str) -> dict[str, str]:
    """The amounts that stand in the form."""
    fields = re.findall(r"<input [^>]+>", page)
    pairs = (re.search(r'name="([^"]+)" value="([^"]*)"', field) for field in fields)
    return {pair[1]: pair[2] for pair in pairs if pair and pair[1] in price_list.KINDS}


def save(client: Browser, aar: int, said: dict[str, str]) -> tuple[int, str]:
    shown = client.get(path(aar)).text
    answer = client.post(path(aar), data=hidden(shown) | said)
    return answer.status_code, answer.text


def test_a_years_prices_are_said_in_kroner_and_used_by_the_estimate(admin: Browser, kommune: Kommune) -> None:
    year = today().year
    assert estimate.price_list(kommune.id, year) == (EKSEMPELPRISER, False)
    empty = admin.get(path(year)).text
    check_page(empty)
    assert written(empty) == dict.fromkeys(price_list.KINDS, "")
    said = dict.fromkeys(price_list.KINDS, "0") | {"ark_ore": "0,22", "PORTO_NORGE_20": "kr 27,50"}
    assert save(admin, year, said)[0] == 303
    found, own = estimate.price_list(kommune.id, year)
    assert (own, found.ar, found.ark_ore, found.porto["NORGE"][0].ore) == (True, year, 22, 2750)
    assert {step.ore for step in found.porto["EUROPA"]} == {0}
    again = admin.get(path(year)).text
    check_page(again)
    assert (written(again)["ark_ore"], written(again)["PORTO_NORGE_20"]) == ("0,22", "27,50")


def test_what_a_price_was_stands_in_the_log(kommune: Kommune) -> None:
    year = today().year
    price_list.set_prices(kommune.id, year, LIST, actor=ROOT)
    price_list.set_prices(kommune.id, year, LIST | {"ark_ore": 1234}, actor=ROOT)
    price_list.set_prices(kommune.id, year, LIST | {"ark_ore": 1234}, actor=ROOT)
    acts = select(Audit.detaljer).where(
        Audit.handling == "PRISER_ENDRET", Audit.organisasjon_id == kommune.id
    )
    first, second = session().scalars(acts.order_by(Audit.id)).all()
    assert first == {"aar": str(year)} | {kind: format_ore(ore) for kind, ore in LIST.items()}
    assert second == {"aar": str(year), "ark_ore": "0,10 → 12,34"}
    assert [detalj_tekst(*one) for one in second.items()] == [f"År: {year}", "Ark: 0,10 → 12,34"]


def test_a_new_year_begins_with_the_last_ones_prices_and_those_stay(admin: Browser, kommune: Kommune) -> None:
    this = today().year
    price_list.set_prices(kommune.id, this, LIST, actor=ROOT)
    shown = admin.get(path(this + 1)).text
    check_page(shown)
    assert f"Dette er prisene for {this}." in text_of(shown)
    assert written(shown) == price_list.as_text(LIST)
    assert estimate.price_list(kommune.id, this + 1)[0].ar == this
    assert save(admin, this + 1, written(shown) | {"ark_ore": "1"})[0] == 303
    listed = text_of(admin.get("/konfigurasjon/papir/priser").text)
    assert f"{this + 1} Se eller endre prisene for {this + 1}" in listed
    assert estimate.price_list(kommune.id, this + 1)[0].ark_ore == 100
    assert estimate.price_list(kommune.id, this)[0].ark_ore == LIST["ark_ore"]


def test_every_price_that_lacks_or_is_wrong_is_told_at_its_field(admin: Browser, kommune: Kommune) -> None:
    year = today().year
    said = price_list.as_text(LIST) | {"ark_ore": "", "giroark_ore": "-1", "PORTO_VERDEN_2000": "0,225"}
    status, page = save(admin, year, said)
    assert status == 422
    check_page(page)
    assert f'id="ark_ore-feil">{tekst("PRIS_MANGLER")}' in page
    assert f'id="PORTO_VERDEN_2000-feil">{tekst("PRIS_UGYLDIG")}' in page
    assert written(page) == said
    status, page = save(admin, year, said | {"ark_ore": "1", "PORTO_VERDEN_2000": "1"})
    assert (status, f'id="giroark_ore-feil">{tekst("PRIS_UGYLDIG")}' in page) == (422, True)
    assert not estimate.price_list(kommune.id, year)[1]


def test_what_another_administrator_said_meanwhile_is_not_written_over(
    admin: Browser, kommune: Kommune
) -> None:
    year = today().year
    shown = admin.get(path(year)).text
    price_list.set_prices(kommune.id, year, LIST, actor=ROOT)
    answer = admin.post(path(year), data=hidden(shown) | price_list.as_text(LIST) | {"ark_ore": "9"})
    assert answer.status_code == 409
    check_page(answer.text)
    assert "Ark: Nå står det «0,10». Du skrev «9»." in text_of(answer.text)
    assert estimate.price_list(kommune.id, year)[0].ark_ore == LIST["ark_ore"]


def test_a_list_that_is_not_whole_is_refused(kommune: Kommune) -> None:
    lacking = {kind: ore for kind, ore in LIST.items() if kind != "ark_ore"}
    with pytest.raises(UgyldigeFelt) as refused:
        price_list.set_prices(kommune.id, today().year, lacking | {"giroark_ore": 1_000_001}, actor=ROOT)
    assert {(one.kode, one.felt) for one in refused.value.feil} == {
        ("PRIS_MANGLER", "ark_ore"),
        ("PRIS_UGYLDIG", "giroark_ore"),
    }


@pytest.mark.parametrize("years", [-1, 2])
def test_a_year_that_is_over_or_far_away_cannot_be_said(admin: Browser, kommune: Kommune, years: int) -> None:
    year = today().year + years
    assert admin.get(path(year)).status_code == 404
    with pytest.raises(IkkeFunnet):
        price_list.set_prices(kommune.id, year, LIST, actor=ROOT)


def test_only_an_administrator_says_them_and_only_they_are_shown_the_way(
    app: Flask, admin: Browser, kommune: Kommune
) -> None:
    with pytest.raises(IkkeTilgang):
        price_list.set_prices(kommune.id, today().year, LIST, actor=kommune.aktor("revisor"))
    other = log_in(app, kommune, "revisor")
    assert other.get("/konfigurasjon/papir/priser").status_code == 403
    assert "/konfigurasjon/papir/priser" not in other.get("/konfigurasjon").text
    assert 'href="/konfigurasjon/papir/priser"' in admin.get("/konfigurasjon").text
    assert log_in(app, kommune, "saksbehandler").get(path(today().year)).status_code == 403
