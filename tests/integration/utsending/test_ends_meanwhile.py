"""A page that is made just as the work it tells of begins or ends says that it goes on, or shows what it left.

Neither is not enough: it would say that nobody is at it, or have no way on, and nothing would load it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from flask import Flask

from config.settings import Settings
from fiks.core.actor import Aktor
from fiks.utsending.receivers import typed, uploads
from fiks.utsending.samlet import service
from portal import create_app
from portal.texts import tekst
from tests.integration.databases import Database, QuickProcess
from tests.integration.svarut.in_between import before_any
from tests.integration.utsending.bigfiles import begin_with, set_up, two_pages, work
from tests.integration.utsending.browser import Browser, log_in, text_of
from tests.integration.utsending.jobs import begin, read
from tests.integration.utsending.kommuner import Kommune, make_kommune
from tests.integration.utsending.lists import register

pytestmark = [pytest.mark.usefixtures("at_noon", "outside"), pytest.mark.slow]
WORK = (" arbeidsdel", " opplasting", " brevfil", " utsendingsrad")
"""The tables by which a page knows how far work is."""
GOES_ON = "Du kan lukke siden og komme tilbake."


@pytest.fixture
def portal(database: Database, store_url: str) -> Flask:
    made = create_app(
        Settings.from_env(
            {"FIKS_ENV": "test", "DATABASE_URL": database.app_url, "OBJECT_STORE_URL": store_url}
        )
    )
    made.test_client_class = Browser
    return made


def pages_as(
    portal: Flask,
    kommune: Kommune,
    process: QuickProcess,
    address: str,
    order: Callable[[], None],
    *,
    begins: bool,
) -> Iterator[str]:
    """The page, for each question it asks about work: what `order` orders begins, or ends, before that question."""
    client, number = log_in(portal, kommune, "saksbehandler"), 0
    act = order if begins else lambda: work(process)
    while True:
        if not begins:
            order()
        with before_any(WORK, process, act, number=number) as done:
            answer = client.get(address)
        assert answer.status_code == 200
        yield text_of(answer.text)
        work(process)
        if not done:
            assert number > 3
            return
        number += 1


def check(page: str, done: str) -> bool:
    """Whether the page shows what the work left; else it says that it goes on."""
    assert tekst("ARBEID_TAPT") not in page
    assert (done in page) != (GOES_ON in page), page
    return done in page


BEGINS_OR_ENDS = pytest.mark.parametrize("begins", [True, False], ids=["begins", "ends"])


@BEGINS_OR_ENDS
def test_a_list_that_is_read_meanwhile(portal: Flask, process: QuickProcess, *, begins: bool) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, "eiendomsskatt.csv")
    read(utsending_id, process)
    address = f"/utsendinger/{utsending_id}/mottakere"
    maker = kommune.aktor("saksbehandler")

    def order() -> None:
        uploads.read_again(utsending_id, actor=maker)

    pages = pages_as(portal, kommune, process, address, order, begins=begins)
    assert {check(page, "Listen er lest") for page in pages} == {True, False}


def read_anew(utsending_id: UUID, maker: Aktor) -> None:
    service.set_up(utsending_id, two_pages(), actor=maker)


def cut_anew(utsending_id: UUID, maker: Aktor) -> None:
    service.cut_again(utsending_id, actor=maker)


@BEGINS_OR_ENDS
@pytest.mark.parametrize("anew", [read_anew, cut_anew])
def test_a_big_file_that_is_cut_or_read_meanwhile(
    portal: Flask, process: QuickProcess, anew: Callable[[UUID, Aktor], None], *, begins: bool
) -> None:
    kommune = make_kommune()
    utsending_id = begin_with(kommune)
    work(process)
    set_up(kommune, utsending_id, process, two_pages())
    address = f"/utsendinger/{utsending_id}/mottakere/samlet"
    maker = kommune.aktor("saksbehandler")

    def order() -> None:
        anew(utsending_id, maker)

    pages = pages_as(portal, kommune, process, address, order, begins=begins)
    assert {check(page, "Brevene er lest") for page in pages} == {True, False}


def test_rows_that_are_put_in_meanwhile_are_no_control_that_was_broken_off(
    portal: Flask, process: QuickProcess
) -> None:
    """They come with their number in one transaction, and nobody works on them."""
    kommune = make_kommune()
    utsending_id = begin(kommune)
    client, written = log_in(portal, kommune, "saksbehandler"), list[int]()

    def one_more() -> None:
        values = {
            "navn": "Ola Fjell",
            "adresselinje1": f"Gata {len(written)}",
            "postnr": "0001",
            "poststed": "OSLO",
        }
        written.append(typed.add_row(utsending_id, values, register(), actor=kommune.aktor("saksbehandler")))

    one_more()
    for number in range(12):
        with before_any(WORK, process, one_more, number=number):
            answer = client.get(f"/utsendinger/{utsending_id}/kontroll")
        assert answer.status_code == 200
        assert "Ikke alle radene er kontrollert" not in text_of(answer.text), number
    assert len(written) > 4
