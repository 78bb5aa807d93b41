"""A long text is not lost when the form's token is old or Altinn does not answer; nor is anything done unseen."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from fiks.core.db import session
from fiks.core.errors import ProvIgjen
from fiks.edialog.content import unseal
from fiks.edialog.models import EdialogSkjema
from fiks.konfigurasjon.person.altinn import Altinnpart
from portal.texts.edialog.henvendelser import NB, NN
from portal.texts.minside.pages import NB as MINSIDE
from tests.integration.edialog.pages.steps import FACTS, begin, id_of, version_of
from tests.integration.houses import Hus, new_fnr, new_orgnr
from tests.integration.minside.letters import (
    KOMMUNALE_TJENESTER,
    POST_ARKIV,
    forget_what_altinn_said,
    part,
)
from tests.integration.utsending.browser import Browser, citizen, open_session, post, text_of, token_of
from tests.integration.worlds import FakeRegister
from tests.pagecheck import faults

LONG = "Min lange klage. " * 20
KEPT = "/innlogging/skjema"


def save(browser: Browser, page: str, html: str, **changes: str) -> TestResponse:
    """Save from this page as a browser shows it, whatever has happened since."""
    form = {"csrf_token": token_of(html), "versjon": version_of(html), **FACTS, "melding": LONG, **changes}
    return browser.post(page, data=form, headers={"Referer": f"http://localhost{page}"})


def text_kept(page: str) -> str:
    """The message of the draft, as it is saved."""
    session().rollback()
    return unseal(session().get_one(EdialogSkjema, id_of(page)).innhold_kryptert).utkast.melding


def send_again(browser: Browser, html: str, **changes: str) -> TestResponse:
    """Press the button of the form that is shown again."""
    [form] = [one for one in re.findall(r"(?s)<form.*?</form>", html) if 'name="melding"' in one]
    fields = dict(re.findall(r'<input [^>]*?name="([^"]+)" value="([^"]*)"', form))
    [fields["melding"]] = re.findall(r"(?s)<textarea [^>]*>\n?(.*?)</textarea>", form)
    if 'name="sensitivt"' in form and "checked" not in form:
        fields.pop("sensitivt")
    [action] = re.findall(r'action="([^"]+)"', form[:200])
    return browser.post(action, data=fields | changes, headers={"Referer": "http://localhost" + KEPT})


def test_a_text_is_kept_and_not_saved_when_one_has_logged_in_anew_in_another_tab(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    me = new_fnr()
    browser = citizen(app, me)
    page = begin(browser, f"/s/{hus.orgnr}")
    html = browser.get(page).text
    browser.set_cookie("fiks", open_session(me, acr=4))
    assert save(browser, page, html, sensitivt="ja").location == KEPT
    assert text_kept(page) == ""
    shown = browser.get(KEPT).text
    assert not faults(shown)
    assert NB["SKJEMA_TATT_VARE_PA_TITTEL"] in shown and LONG.strip() in shown
    assert "Fiks forvaltning" not in shown
    assert send_again(browser, shown).location == f"{page}/vedlegg"
    assert text_kept(page) == LONG.strip()
    session().rollback()
    assert session().get_one(EdialogSkjema, id_of(page)).sensitivt


def test_the_form_that_is_shown_again_has_no_machinery_and_is_in_ones_own_language(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    me = new_fnr()
    browser = citizen(app, me)
    page = begin(browser, f"/s/{hus.orgnr}")
    html = browser.get(page).text
    browser.set_cookie("fiks", open_session(me, acr=4))
    assert save(browser, page, html, sensitivt="ja").location == KEPT
    post(browser, KEPT, "/minside/sprak", sprak="nn", neste=KEPT)
    shown = browser.get(KEPT).text
    assert NN["SKJEMA_TATT_VARE_PA_TITTEL"] in shown and NN["ED_FELT_MELDING"] in shown
    assert re.search(r'<input type="hidden" name="versjon" value="[0-9a-f]{64}">', shown)
    assert re.search(
        r'<input class="ds-input" type="checkbox"[^>]* name="sensitivt" value="ja" checked', shown
    )
    assert re.search(r'<textarea [^>]*name="melding"', shown)


def test_a_text_written_for_another_than_one_now_acts_for_waits_until_one_has_changed_back(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    me, orgnr = new_fnr(), new_orgnr()
    app.extensions["fiks_altinn"].parter[me] = [part(orgnr, POST_ARKIV, KOMMUNALE_TJENESTER)]
    browser, velg = citizen(app, me), "/minside/velg"
    page = begin(browser, f"/s/{hus.orgnr}")
    html = browser.get(page).text
    post(browser, velg, velg, orgnr=orgnr)
    assert save(browser, page, html).location == KEPT
    shown = browser.get(KEPT).text
    assert send_again(browser, shown).status_code == 404
    assert text_kept(page) == ""
    post(browser, velg, velg, orgnr="", neste=KEPT)
    assert send_again(browser, browser.get(KEPT).text).location == f"{page}/vedlegg"
    assert text_kept(page) == LONG.strip()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Referer": "https://evil.example/"},
        {"Referer": "http://localhost/s/x", "Origin": "https://evil.example"},
        {"Referer": "http://localhost/s/x", "Origin": "null"},
    ],
)
def test_a_form_from_another_page_than_ours_is_not_kept(
    app: Flask, hus: Hus, register: FakeRegister, headers: dict[str, str]
) -> None:
    browser = citizen(app, new_fnr())
    page = begin(browser, f"/s/{hus.orgnr}")
    answer = browser.post(page, data=FACTS, headers=headers)
    assert answer.status_code == 400
    assert browser.get(KEPT).location == "/"
    assert text_kept(page) == ""


def test_a_form_in_which_nothing_was_written_is_not_kept(app: Flask, register: FakeRegister) -> None:
    browser = citizen(app, new_fnr())
    headers = {"Referer": "http://localhost/minside/velg"}
    form = {"csrf_token": "gammelt", "orgnr": new_orgnr(), "neste": "/minside"}
    assert browser.post("/minside/velg", data=form, headers=headers).status_code == 400
    assert browser.get(KEPT).location == "/"


def test_a_text_written_for_an_organisation_is_shown_again_when_altinn_does_not_answer(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    altinn, me, orgnr = app.extensions["fiks_altinn"], new_fnr(), new_orgnr()
    altinn.parter[me] = [part(orgnr, POST_ARKIV, KOMMUNALE_TJENESTER)]
    browser, way = citizen(app, me), f"/s/{hus.orgnr}"
    post(browser, f"/minside/velg?neste={way}", "/minside/velg", orgnr=orgnr, neste=way)
    page = begin(browser, way)
    html = browser.get(page).text
    forget_what_altinn_said()
    app.extensions["fiks_altinn"] = Away()
    try:
        told = save(browser, page, html)
        assert browser.get(page).status_code == 503
        assert "Min lange klage" not in browser.get(page).text
    finally:
        app.extensions["fiks_altinn"] = altinn
    assert told.status_code == 503 and not faults(told.text)
    assert NB["ROLLER_NEDE_SKREVET"] in text_of(told.text) and LONG.strip() in told.text
    assert MINSIDE["FORTSETT_SELV_HER"] not in told.text
    assert text_kept(page) == ""
    assert send_again(browser, told.text).location == f"{page}/vedlegg"
    assert text_kept(page) == LONG.strip()


class Away:
    """An Altinn that does not answer."""

    def authorized_parties(self, pid: str) -> list[Altinnpart]:
        raise ProvIgjen("HTTP_503")
