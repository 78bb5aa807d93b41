"""Slett utkastet: a page that says what goes, a button that deletes it, and a clear no when it is too late."""

from __future__ import annotations

import pytest
from flask import Flask

from fiks.core.db import session, transaction
from fiks.utsending.models import Utsending
from fiks.utsending.rules import EDITABLE, Utsendingstatus
from tests.integration.utsending.browser import log_in, post, text_of
from tests.integration.utsending.kommuner import Kommune, make_kommune
from tests.pagecheck import check_page
from tests.portal.utsending.pages import Jobb

CSV = "navn;adresselinje1;postnr;poststed\nKari Nordmann;Storgata 1;4262;AVALDSNES\n"


def mailing(jobb: Jobb) -> Utsending | None:
    session().rollback()
    return session().get(Utsending, jobb.uuid, populate_existing=True)


def test_the_question_names_what_goes_and_that_nothing_has_been_sent(jobb: Jobb) -> None:
    jobb.begin()
    jobb.read("mine.csv", CSV.encode())
    assert f'href="{jobb.path("slett")}"' in jobb.see("")
    asked = jobb.words("slett")
    assert "Ingen brev fra utsendingen er sendt." in asked
    assert "1 mottaker med alle opplysninger" in asked and "filen «mine.csv»" in asked
    assert "forhåndsvisning" not in asked
    assert mailing(jobb) is not None


def test_the_button_deletes_it_and_leads_to_the_list_once_or_twice(jobb: Jobb) -> None:
    jobb.begin()
    token_page = jobb.client.get(jobb.path("slett")).text
    token = token_page.split('name="csrf_token" value="')[1].split('"')[0]
    for _ in range(2):
        answer = jobb.client.post(jobb.path("slett"), data={"csrf_token": token})
        assert (answer.status_code, answer.location) == (303, "/utsendinger")
        assert "Utkastet er slettet." in jobb.client.get("/utsendinger").text
    assert mailing(jobb) is None
    assert jobb.client.get(jobb.path("slett")).status_code == 404


@pytest.mark.parametrize("left", [s for s in Utsendingstatus if s not in EDITABLE])
def test_what_has_left_preparation_is_told_plainly_and_stays(jobb: Jobb, left: Utsendingstatus) -> None:
    jobb.begin()
    page = jobb.client.get(jobb.path("slett")).text
    with transaction() as tx:
        row = tx.get_one(Utsending, jobb.uuid)
        row.status, row.frigis_tid = left, row.opprettet
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    for method in ("GET", "POST"):
        form = {"csrf_token": token} if method == "POST" else None
        answer = jobb.client.open(jobb.path("slett"), method=method, data=form)
        assert answer.location == jobb.path("")
        told = jobb.client.get(answer.location).text
        assert "Ingenting er slettet." in text_of(told)
        check_page(told)
    found = mailing(jobb)
    assert found is not None and found.status == left
    assert "Slett utkastet" not in jobb.client.get(jobb.path("")).text


def test_the_other_kommune_is_told_that_there_is_no_such_page(app: Flask, jobb: Jobb) -> None:
    jobb.begin()
    stranger = log_in(app, make_kommune("Fjordvik kommune"), "saksbehandler")
    assert stranger.get(jobb.path("slett")).status_code == 404
    assert post(stranger, "/utsendinger/ny", jobb.path("slett")).status_code == 404
    assert mailing(jobb) is not None


def test_who_may_only_look_is_refused(app: Flask, kommune: Kommune, jobb: Jobb) -> None:
    jobb.begin()
    reader = log_in(app, kommune, "leser")
    assert reader.get(jobb.path("slett")).status_code == 403
    assert "Slett utkastet" not in reader.get(jobb.path("")).text
    assert mailing(jobb) is not None
