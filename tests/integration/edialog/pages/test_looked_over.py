"""What is sent is what was looked over: to whom, with what text, which files, and at which level."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask
from sqlalchemy import select

from fiks.core.db import session
from fiks.edialog import work
from fiks.edialog.models import EdialogFil, EdialogSkjema
from fiks.edialog.mottaker import service
from fiks.edialog.rules import Status, letter_id
from fiks.svarut.letters import unseal_mottaker
from fiks.svarut.models import Forsendelse
from portal.texts.edialog.henvendelser import NB
from tests.doubles import tiny_pdf
from tests.integration.edialog.pages.steps import FACTS, begin, id_of, send, upload, version_of
from tests.integration.edialog.skjemaer import Penn, cover, said
from tests.integration.houses import HOUSE, Hus, new_fnr, new_orgnr
from tests.integration.systems import nobody
from tests.integration.utsending.browser import Browser, citizen, post, text_of, token_of
from tests.integration.worlds import FakeRegister
from tests.pagecheck import faults


def written(browser: Browser, hus: Hus, melding: str = "Dette så jeg over.") -> str:
    """A draft that can be sent, with a file; returns its address."""
    page = begin(browser, f"/s/{hus.orgnr}")
    post(browser, page, page, **FACTS | {"melding": melding})
    upload(browser, page, ("a.pdf", tiny_pdf(["a"])))
    return page


def status_of(page: str) -> str:
    session().rollback()
    return session().get_one(EdialogSkjema, id_of(page)).status


def give_another_number(hus: Hus, navn: str) -> str:
    """The konto's mottaker is another organisation from now on; returns its number."""
    other = new_orgnr()
    cover(hus.konto_id, other)
    service.set_mottaker(hus.konto_id, replace(said(hus), orgnr=other, navn=navn), spor=nobody, actor=HOUSE)
    return other


def test_a_text_that_another_tab_has_saved_since_is_looked_over_before_it_is_sent(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    browser = citizen(app, new_fnr())
    page = written(browser, hus)
    summary = browser.get(f"{page}/oppsummering").text
    other = FACTS | {"melding": "Halvferdig.", "versjon": version_of(browser.get(page).text)}
    assert post(browser, page, page, **other).status_code == 303
    told = send(browser, page, summary)
    assert told.status_code == 409 and not faults(told.text)
    assert NB["EDIALOG_ENDRET_ETTER_SYN"] in text_of(told.text) and "Halvferdig." in told.text
    assert status_of(page) == Status.IKKE_INNSENDT
    assert send(browser, page, told.text).location == f"{page}/kvittering"
    assert status_of(page) == Status.UNDER_INNSENDING


def test_a_file_that_is_gone_or_has_come_since_is_looked_over_before_it_is_sent(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    browser = citizen(app, new_fnr())
    page = written(browser, hus)
    summary = browser.get(f"{page}/oppsummering").text
    upload(browser, page, ("b.pdf", tiny_pdf(["b"])))
    told = send(browser, page, summary)
    assert told.status_code == 409 and "a.pdf, b.pdf" in told.text
    fil = session().scalars(select(EdialogFil.id).where(EdialogFil.skjema_id == id_of(page))).first()
    post(browser, f"{page}/vedlegg", f"{page}/vedlegg/{fil}/fjern")
    assert send(browser, page, told.text).status_code == 409
    assert status_of(page) == Status.IKKE_INNSENDT


def test_what_has_become_sensitive_since_is_looked_over_before_it_is_sent(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    browser = citizen(app, new_fnr(), acr=4)
    page = written(browser, hus)
    summary = browser.get(f"{page}/oppsummering").text
    post(browser, page, page, **FACTS, sensitivt="ja")
    told = send(browser, page, summary)
    assert told.status_code == 409 and NB["ED_JA"] in told.text


def test_it_goes_to_the_organisation_the_summary_shows_and_to_no_other(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    browser = citizen(app, new_fnr())
    page = written(browser, hus)
    summary = browser.get(f"{page}/oppsummering").text
    assert f"Lillevik kommune (org.nr. {hus.orgnr})" in text_of(summary)
    assert NB["ED_NY_MOTTAKER"] not in text_of(summary)
    other = give_another_number(hus, "Lillevik næringspark")
    told = send(browser, page, summary)
    assert told.status_code == 409
    assert status_of(page) == Status.IKKE_INNSENDT
    for shown in (told.text, browser.get(f"{page}/oppsummering").text):
        assert f"Lillevik næringspark (org.nr. {other})" in text_of(shown)
        assert NB["ED_NY_MOTTAKER"] in text_of(shown)
    assert send(browser, page, told.text).location == f"{page}/kvittering"
    while work.send_next(Penn(), register):
        pass
    session().rollback()
    letter = session().get_one(Forsendelse, letter_id(id_of(page)))
    assert unseal_mottaker(letter.mottaker_kryptert).digital_id == other


def test_a_form_that_does_not_say_what_was_looked_over_sends_nothing(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    browser = citizen(app, new_fnr())
    page = written(browser, hus)
    token = token_of(browser.get(f"{page}/oppsummering").text)
    assert browser.post(f"{page}/oppsummering", data={"csrf_token": token}).status_code == 409
    assert status_of(page) == Status.IKKE_INNSENDT


def test_sending_twice_what_was_looked_over_sends_it_once(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    browser = citizen(app, new_fnr())
    page = written(browser, hus)
    summary = browser.get(f"{page}/oppsummering").text
    for _ in range(2):
        assert send(browser, page, summary).location == f"{page}/kvittering"
