"""A form that came when its login was over, or for another kommune than the one that is chosen: nothing is done, which
is said by the name of the act, and nothing that was written is lost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from fiks.core.db import session, transaction
from fiks.konfigurasjon import models
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.person import sessions
from fiks.konfigurasjon.rules import P
from fiks.utsending.models import Utsending
from fiks.utsending.rules import Utsendingstatus as U
from portal.session.kept_form import SKJEMA
from tests.integration.houses import HOUSE
from tests.integration.utsending.browser import Browser, log_in, marks_of, open_session, text_of
from tests.integration.utsending.kommuner import Kommune, make_kommune, make_mailing
from tests.pagecheck import check_page, faults
from tests.portal.utsending.pages import Jobb


def send(client: Browser, shown: str, page: str, action: str = "", **data: str) -> TestResponse:
    """Send a form of a page that stood open."""
    return client.post(
        action or page, data=marks_of(shown) | data, headers={"Referer": f"http://localhost{page}"}
    )


def let_the_login_be_over() -> None:
    with transaction() as tx:
        idle = models.Sesjon.sist_sett - timedelta(minutes=40)
        tx.execute(update(models.Sesjon).values(sist_sett=idle))


def log_in_again(client: Browser, kommune: Kommune, rolle: str, answer: TestResponse) -> None:
    """As the login after the page of 401 does it: what waits goes with its person."""
    token = open_session(kommune.pid[rolle], acr=4)
    sessions.choose_organisation(token, kommune.id)
    waiting = re.search(r"skjema=([\w-]+)", answer.text)
    sessions.save_data(token, {SKJEMA: waiting.group(1)} if waiting else {})
    client.set_cookie("fiks", token)


def words_of(answer: TestResponse, status: int) -> str:
    assert answer.status_code == status
    assert not faults(answer.text)
    return text_of(answer.text)


@pytest.mark.parametrize("from_dialog", [False, True])
def test_whoever_stops_a_mailing_too_late_reads_that_it_is_not_stopped_and_is_led_to_the_question(
    jobb: Jobb, from_dialog: bool
) -> None:
    mailing = make_mailing(jobb.kommune, 3, status=U.SENDES)
    client = log_in(jobb.app, jobb.kommune, "stopper")
    question = f"/utsendinger/{mailing.id}/stopp"
    page = f"/utsendinger/{mailing.id}" if from_dialog else question
    shown = client.get(page).text
    let_the_login_be_over()
    answer = send(client, shown, page, question)
    told = words_of(answer, 401)
    assert "Du trykket «Stopp utsendingen». Det er ikke gjort ennå." in told
    assert "tatt vare på" not in told
    assert f"neste={question}&" in answer.text.replace("&amp;", "&")
    session().rollback()
    assert session().get_one(Utsending, mailing.id, populate_existing=True).status == U.SENDES
    assert "skjema=" not in answer.text


def test_an_act_without_a_page_of_its_own_is_offered_again_by_its_name(jobb: Jobb) -> None:
    mailing = make_mailing(jobb.kommune, 3, status=U.SENDES)
    page = f"/utsendinger/{mailing.id}"
    shown = jobb.client.get("/utsendinger/ny").text
    let_the_login_be_over()
    answer = send(jobb.client, shown, page, f"{page}/prov-alle-igjen")
    assert "Du trykket «Prøv alle på nytt». Det er ikke gjort ennå." in words_of(answer, 401)
    log_in_again(jobb.client, jobb.kommune, "saksbehandler", answer)
    kept = jobb.client.get("/innlogging/skjema")
    told = words_of(kept, 200)
    assert "Dette er ikke gjort ennå" in told and "Det du skrev" not in told
    assert re.search(r'type="submit">Prøv alle på nytt</button>', kept.text)


def test_what_was_written_is_looked_over_beside_the_name_of_the_act(jobb: Jobb) -> None:
    mailing = make_mailing(jobb.kommune, 3, status=U.TIL_GODKJENNING)
    page = f"/utsendinger/{mailing.id}/godkjenning"
    client = log_in(jobb.app, jobb.kommune, "godkjenner")
    shown = client.get(page).text
    let_the_login_be_over()
    answer = send(client, shown, page, f"/utsendinger/{mailing.id}/avvis", grunn="Feil sats.")
    told = words_of(answer, 401)
    assert (
        "Du trykket «Send tilbake». Det er ikke gjort ennå." in told and "Vi tar vare på det du skrev" in told
    )
    log_in_again(client, jobb.kommune, "godkjenner", answer)
    kept = client.get("/innlogging/skjema")
    assert "Det du skrev, er tatt vare på" in words_of(kept, 200)
    assert 'value="Feil sats."' in kept.text
    assert re.search(r'type="submit">Send tilbake</button>', kept.text)


def test_what_binds_to_what_was_looked_at_is_looked_at_again(jobb: Jobb) -> None:
    mailing = make_mailing(jobb.kommune, 3, status=U.TIL_GODKJENNING)
    page = f"/utsendinger/{mailing.id}/godkjenning"
    client = log_in(jobb.app, jobb.kommune, "godkjenner")
    shown = client.get(page).text
    let_the_login_be_over()
    answer = send(client, shown, page, f"/utsendinger/{mailing.id}/godkjenn", digest="00" * 32)
    assert "Du trykket «Godkjenn utsendingen». Det er ikke gjort ennå." in words_of(answer, 401)
    assert "skjema=" not in answer.text and f"neste={page}&" in answer.text.replace("&amp;", "&")


def test_a_question_that_names_what_it_replaces_is_asked_again(jobb: Jobb) -> None:
    """Nobody has written in it: what it says of itself is what its page showed."""
    jobb.begin(art="FLETTEBREV")
    page = jobb.path("oppsummering")
    shown = jobb.client.get(jobb.path("fakta")).text
    let_the_login_be_over()
    answer = send(jobb.client, shown, page, vist="0" * 64, sett="x")
    assert "Du trykket «Lag brevene og send til godkjenning»." in words_of(answer, 401)
    assert f"neste={page}&" in answer.text.replace("&amp;", "&") and "skjema=" not in answer.text


def test_a_template_that_was_written_for_the_kommune_of_another_tab_is_not_lost(jobb: Jobb) -> None:
    """The mailing is not the chosen kommune's any more, and would not be found there."""
    jobb.begin()
    page = jobb.path("brev/rediger")
    shown = jobb.see("brev/rediger")
    other = make_kommune("Fjordvik kommune")
    person = jobb.kommune.personer["saksbehandler"]
    konfigurasjon.grant_privilegium(person, P.SENDE, other.konto_id, actor=HOUSE)
    change(jobb.client, other)
    answer = send(jobb.client, shown, page, navn="Lang mal", kilde_nb="# En time\n\nav skriving ((navn)).")
    told = words_of(answer, 409)
    assert "Du har byttet til Fjordvik kommune i en annen fane." in told
    assert "Du trykket «Lagre ny versjon og bruk den». Det er ikke gjort ennå." in told
    change(jobb.client, jobb.kommune)
    kept = jobb.client.get("/innlogging/skjema").text
    check_page(kept)
    assert "av skriving ((navn))." in kept


def change(client: Browser, kommune: Kommune) -> None:
    """Choose this kommune in another tab."""
    side = "/velg-organisasjon"
    shown = client.get(side).text
    assert send(client, shown, side, organisasjon=str(kommune.id)).status_code == 302


def test_a_script_that_sends_files_is_told_in_a_sentence(jobb: Jobb) -> None:
    jobb.begin(art="ETT_DOKUMENT_PER_RAD")
    shown = jobb.client.get(jobb.path("fakta")).text
    other = make_kommune("Fjordvik kommune")
    person = jobb.kommune.personer["saksbehandler"]
    konfigurasjon.grant_privilegium(person, P.SENDE, other.konto_id, actor=HOUSE)
    change(jobb.client, other)
    answer = jobb.client.post(
        jobb.path("brev/filer/mangler"),
        data=marks_of(shown) | {"filer": "[]"},
        headers={"Accept": "application/json", "Referer": "http://localhost/"},
    )
    assert answer.status_code == 409
    assert answer.get_json()["grunn"].startswith("Du har byttet til Fjordvik kommune i en annen fane.")
