"""Slett utkastet: a page that says what goes, a button that deletes it, and a clear no when it is too late."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import update

from fiks.core.db import session, transaction
from fiks.utsending.draft import service
from fiks.utsending.file_models import Brevfil
from fiks.utsending.models import Arbeidsdel, Utsending
from fiks.utsending.overview import mailings
from fiks.utsending.receivers import uploads
from fiks.utsending.rules import EDITABLE, Delart, Utsendingstatus
from portal.texts import tekst
from tests.integration.utsending.browser import log_in, post, text_of
from tests.integration.utsending.kommuner import Kommune, make_kommune
from tests.pagecheck import check_page
from tests.portal.utsending.pages import Jobb

CSV = "navn;adresselinje1;postnr;poststed\nKari Nordmann;Storgata 1;4262;AVALDSNES\n"


def mailing(jobb: Jobb) -> Utsending | None:
    session().rollback()
    return session().get(Utsending, jobb.uuid, populate_existing=True)


def asked_to_delete(jobb: Jobb) -> dict[str, str]:
    """What the form of the question says."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', jobb.see("slett")))


def put_in_a_list(jobb: Jobb) -> None:
    uploads.upload(jobb.uuid, "LISTE", "ny.csv", [CSV.encode()], actor=jobb.kommune.aktor("saksbehandler"))


def type_a_receiver(jobb: Jobb) -> None:
    jobb.send(
        "mottakere/skriv",
        "mottakere/skriv",
        navn="Per Vik",
        adresselinje1="Gata 1",
        postnr="4262",
        poststed="X",
    )


def choose_a_template(jobb: Jobb) -> None:
    chosen = mailings.templates(jobb.kommune.id)[0][0]
    service.choose_template(jobb.uuid, chosen, actor=jobb.kommune.aktor("saksbehandler"))


@pytest.mark.parametrize(
    ("change", "what", "goes"),
    [
        (put_in_a_list, "listen", "filen «ny.csv»"),
        (type_a_receiver, "mottakerne", "1 mottaker med alle opplysninger"),
        (choose_a_template, "malen", "valgene som er gjort"),
    ],
)
def test_what_a_colleague_has_put_in_since_the_question_is_not_deleted(
    jobb: Jobb, change: Callable[[Jobb], None], what: str, goes: str
) -> None:
    jobb.begin()
    asked = asked_to_delete(jobb)
    change(jobb)
    answer = jobb.client.post(jobb.path("slett"), data=asked)
    assert answer.status_code == 409
    check_page(answer.text)
    assert tekst("VIST_ENDRET", hva=what) in text_of(answer.text)
    assert goes in text_of(answer.text), "what goes now"
    assert mailing(jobb) is not None
    again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
    assert jobb.client.post(jobb.path("slett"), data=again).location == "/utsendinger"
    assert mailing(jobb) is None


def test_a_draft_whose_list_is_being_read_can_be_deleted_all_the_while(jobb: Jobb) -> None:
    jobb.begin()
    put_in_a_list(jobb)
    asked = asked_to_delete(jobb)
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == jobb.uuid).values(antall_rader=1))
    assert jobb.client.post(jobb.path("slett"), data=asked).location == "/utsendinger"


def test_a_draft_whose_big_file_is_being_cut_can_be_deleted_all_the_while(jobb: Jobb) -> None:
    jobb.begin()
    with transaction() as tx:
        tx.add(Arbeidsdel(utsending_id=jobb.uuid, art=Delart.KUTT, nr=1, fra=1, til=2))
    asked = asked_to_delete(jobb)
    with transaction() as tx:
        tx.add(Brevfil(utsending_id=jobb.uuid, nr=1, vist_navn="Brev 1", storrelse=0, sha256=b""))
    assert jobb.client.post(jobb.path("slett"), data=asked).location == "/utsendinger"


def test_a_form_that_does_not_say_what_its_page_showed_deletes_nothing(jobb: Jobb) -> None:
    jobb.begin()
    asked = {name: value for name, value in asked_to_delete(jobb).items() if name != "sett"}
    assert jobb.client.post(jobb.path("slett"), data=asked).status_code == 409
    assert mailing(jobb) is not None


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
    asked = asked_to_delete(jobb)
    for _ in range(2):
        answer = jobb.client.post(jobb.path("slett"), data=asked)
        assert (answer.status_code, answer.location) == (303, "/utsendinger")
        assert "Utkastet er slettet." in jobb.client.get("/utsendinger").text
    assert mailing(jobb) is None
    assert jobb.client.get(jobb.path("slett")).status_code == 404


@pytest.mark.parametrize("left", [s for s in Utsendingstatus if s not in EDITABLE])
def test_what_has_left_preparation_is_told_plainly_and_stays(jobb: Jobb, left: Utsendingstatus) -> None:
    jobb.begin()
    asked = asked_to_delete(jobb)
    with transaction() as tx:
        row = tx.get_one(Utsending, jobb.uuid)
        row.status, row.frigis_tid = left, row.opprettet
    for method in ("GET", "POST"):
        form = asked if method == "POST" else None
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
