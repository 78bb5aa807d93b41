"""The konto's pages of eDialog: who can be written to, who prints, and the forms citizens choose between."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import update

from fiks.core.db import transaction
from fiks.core.errors import ProvIgjen
from fiks.edialog import queries
from fiks.edialog.mottaker import forms, service
from fiks.edialog.mottaker import queries as mottaker_queries
from fiks.edialog.rules import Mottakeroppsett, Skjemaoppsett
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.models import Sesjon
from fiks.konfigurasjon.person import sessions
from fiks.konfigurasjon.rules import P
from fiks.registeroppslag.rules import Enhetstatus, Registeradresse, Virksomhet
from portal.texts import tekst
from portal.texts.edialog.henvendelser import NB
from tests.integration.edialog.pages.steps import FACTS, begin, id_of
from tests.integration.edialog.skjemaer import cover, row_of
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr, new_orgnr
from tests.integration.konfigurasjon.open_pages import acts, send_open, ticked, told, value_of
from tests.integration.svarinn.conftest import Altinn
from tests.integration.systems import nobody
from tests.integration.utsending.browser import Browser, citizen, open_session, post, text_of
from tests.integration.worlds import FakeRegister
from tests.pagecheck import faults

FORM = {
    "aktiv": "ja",
    "navn": "Lillevik kommune",
    "adresselinje1": "Torget 1",
    "adresselinje2": "",
    "adresselinje3": "",
    "postnr": "4262",
    "poststed": "AVALDSNES",
    "printleverandor": "GRAFISK_DIGITAL",
}


def administrator(app: Flask, hus: Hus) -> Browser:
    """The browser of somebody who administers the whole organisation."""
    pid = new_fnr()
    person = konfigurasjon.register_person(pid, navn="Astrid Nordli", actor=HOUSE)
    konfigurasjon.grant_privilegium(person, P.ADMIN, hus.organisasjon_id, actor=HOUSE)
    token = open_session(pid, acr=4)
    sessions.choose_organisation(token, hus.organisasjon_id)
    client = app.test_client()
    assert isinstance(client, Browser)
    client.set_cookie("fiks", token)
    return client


@pytest.fixture
def admin(app: Flask, hus: Hus) -> Browser:
    return administrator(app, hus)


def checked(page: str) -> str:
    """Which of the two prints, on the page."""
    [found] = re.findall(r'type="radio" name="printleverandor".*value="(\w+)" checked', page)
    return str(found)


def test_who_prints_is_shown_and_changed(app: Flask, hus: Hus, admin: Browser) -> None:
    way = f"/kontoer/{hus.konto_id}/edialog"
    assert checked(admin.get(way).text) == "GRAFISK_DIGITAL"
    given = FORM | {"orgnr": hus.orgnr, "printleverandor": "MANUELL_PRINT"}
    assert post(admin, way, way, **given).location == way
    page = admin.get(way).text
    assert checked(page) == "MANUELL_PRINT" and not faults(page)
    kept = mottaker_queries.mottaker_of(hus.konto_id, actor=HOUSE)[1]
    assert (kept.printleverandor, kept.aktiv) == ("MANUELL_PRINT", True)
    refused = post(admin, way, way, **given | {"printleverandor": "GRAFISK_DIGITAL"})
    assert refused.status_code == 422 and not faults(refused.text)
    assert tekst("FAKTURA_MANGLER_FOR_PRINT") in text_of(refused.text)
    assert checked(refused.text) == "GRAFISK_DIGITAL", "what was chosen is not lost"
    assert mottaker_queries.mottaker_of(hus.konto_id, actor=HOUSE)[1] == kept


def test_a_konto_that_prints_itself_does_so_for_edialog_until_something_else_is_said(app: Flask) -> None:
    hus = make_hus(printleverandor="MANUELL_PRINT")
    admin, way = administrator(app, hus), f"/kontoer/{hus.konto_id}/edialog"
    page = admin.get(way).text
    assert checked(page) == "MANUELL_PRINT" and not faults(page)
    assert "Skjemaer" not in page


def test_the_address_is_filled_in_from_enhetsregisteret_and_nothing_is_saved(
    app: Flask, hus: Hus, admin: Browser, register: FakeRegister
) -> None:
    way, before = f"/kontoer/{hus.konto_id}/edialog", mottaker_queries.mottaker_of(hus.konto_id, actor=HOUSE)
    address = Registeradresse(("Postboks 5", "Sentrum"), "0101", "OSLO")
    register.units[hus.orgnr] = Virksomhet(hus.orgnr, "LILLEVIK", Enhetstatus.FUNNET, "KOMM", address)
    given = FORM | {"orgnr": hus.orgnr, "hent": "ja"}
    page = post(admin, way, way, **given | {"navn": ""})
    assert page.status_code == 200 and not faults(page.text)
    for value in ("LILLEVIK", "Postboks 5", "Sentrum", "0101", "OSLO"):
        assert f'value="{value}"' in page.text, value
    assert 'value="Lillevik kommune"' in post(admin, way, way, **given).text, (
        "the name that was written stays"
    )
    unknown = new_orgnr()
    register.units[unknown] = Virksomhet(unknown, "", Enhetstatus.IKKE_FUNNET)
    for orgnr, code in (("123", "ORGNR_UGYLDIG"), (unknown, "EDIALOG_ORGNR_UKJENT")):
        refused = post(admin, way, way, **given | {"orgnr": orgnr})
        assert refused.status_code == 422 and tekst(code) in text_of(refused.text)
        assert 'value="Torget 1"' in refused.text
    register.nede = ProvIgjen("HTTP_503")
    assert tekst("EDIALOG_REGISTER_BORTE") in text_of(post(admin, way, way, **given).text)
    assert mottaker_queries.mottaker_of(hus.konto_id, actor=HOUSE) == before


def test_another_number_than_ones_own_is_saved_when_altinn_says_so_and_else_the_page_says_why(
    app: Flask, hus: Hus, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    way, office = f"/kontoer/{hus.konto_id}/edialog", new_orgnr()
    cover(hus.konto_id, office)
    given = FORM | {"orgnr": office}
    for altinn, status, why in (
        (Altinn(), 422, tekst("EDIALOG_UTEN_POST_ARKIV", orgnr=office)),
        (Altinn(nede=True), 503, tekst("ROLLER_UTILGJENGELIG")),
    ):
        monkeypatch.setitem(app.extensions, "fiks_altinn", altinn)
        forget_parties()
        refused = post(admin, way, way, **given)
        assert refused.status_code == status and not faults(refused.text)
        assert why in text_of(refused.text) and f'value="{office}"' in refused.text
    assert mottaker_queries.mottaker_of(hus.konto_id, actor=HOUSE)[1].orgnr == hus.orgnr
    monkeypatch.setitem(app.extensions, "fiks_altinn", Altinn({office: "Havvik havn"}))
    forget_parties()
    assert post(admin, way, way, **given).location == way
    assert mottaker_queries.mottaker_of(hus.konto_id, actor=HOUSE)[1].orgnr == office


def set_up(hus: Hus) -> Mottakeroppsett:
    return mottaker_queries.mottaker_of(hus.konto_id, actor=HOUSE)[1]


def colleague(hus: Hus, **change: object) -> Mottakeroppsett:
    """What somebody else makes of it meanwhile."""
    new = replace(set_up(hus), **change)  # type: ignore[arg-type]
    service.set_mottaker(hus.konto_id, new, spor=nobody, actor=HOUSE)
    return new


def test_what_a_colleague_has_written_meanwhile_is_shown_and_not_written_over(
    hus: Hus, admin: Browser
) -> None:
    way = f"/kontoer/{hus.konto_id}/edialog"
    shown, before = admin.get(way).text, acts(hus.konto_id, "EDIALOG_MOTTAKER_ENDRET")
    theirs = colleague(
        hus, navn="Postmottak", poststed="HAVVIK", aktiv=False, printleverandor="MANUELL_PRINT"
    )
    answer = send_open(admin, shown, way, **FORM | {"orgnr": hus.orgnr, "navn": "Lillevik"})
    words = told(answer)
    assert "Navn innbyggerne ser: Nå står det «Postmottak». Du skrev «Lillevik»." in words
    assert "Ta imot henvendelser: Nå står det «Nei». Navn" in words
    assert "må på papir? Nå står det «Vi skriver ut og sender selv»." in words
    assert ticked(answer.text) == {("printleverandor", "MANUELL_PRINT")}
    merged = {name: value_of(answer.text, name) for name in ("navn", "poststed")}
    assert merged == {"navn": "Lillevik", "poststed": "HAVVIK"}
    assert set_up(hus) == theirs
    assert acts(hus.konto_id, "EDIALOG_MOTTAKER_ENDRET") == before + 1
    again = FORM | merged | {"orgnr": hus.orgnr, "printleverandor": "MANUELL_PRINT", "aktiv": ""}
    assert send_open(admin, answer.text, way, **again).location == way
    assert set_up(hus) == replace(theirs, navn="Lillevik")


def test_the_address_from_enhetsregisteret_makes_the_form_no_younger(
    hus: Hus, admin: Browser, register: FakeRegister
) -> None:
    way, given = f"/kontoer/{hus.konto_id}/edialog", FORM | {"orgnr": hus.orgnr}
    shown = admin.get(way).text
    address = Registeradresse(("Postboks 5",), "0101", "OSLO")
    register.units[hus.orgnr] = Virksomhet(hus.orgnr, "LILLEVIK", Enhetstatus.FUNNET, "KOMM", address)
    theirs = colleague(hus, navn="Postmottak")
    filled = send_open(admin, shown, way, **given, hent="ja")
    assert (filled.status_code, value_of(filled.text, "poststed")) == (200, "OSLO")
    told(send_open(admin, filled.text, way, **given | {"adresselinje1": "Postboks 5"}))
    assert set_up(hus) == theirs


def test_altinn_is_not_asked_about_a_number_that_a_colleague_has_replaced(
    app: Flask, hus: Hus, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    way, office = f"/kontoer/{hus.konto_id}/edialog", new_orgnr()
    cover(hus.konto_id, office)
    colleague(hus, orgnr=office)
    shown = admin.get(way).text
    colleague(hus, orgnr=hus.orgnr)
    monkeypatch.setitem(app.extensions, "fiks_altinn", Altinn(nede=True))
    forget_parties()
    answer = send_open(admin, shown, way, **FORM | {"orgnr": office, "navn": "Lillevik"})
    assert f"Organisasjonsnummer: Nå står det «{hus.orgnr}»." in told(answer)
    assert value_of(answer.text, "orgnr") == hus.orgnr


def test_of_two_who_switch_edialog_on_the_second_is_told_what_the_first_has_written(app: Flask) -> None:
    hus = make_hus()
    way, admin = f"/kontoer/{hus.konto_id}/edialog", administrator(app, hus)
    shown = admin.get(way).text
    theirs = colleague(hus, navn="Postmottak", aktiv=True, poststed="HAVVIK", postnr="4262")
    words = told(send_open(admin, shown, way, **FORM | {"orgnr": hus.orgnr}))
    assert "Navn innbyggerne ser: Nå står det «Postmottak»." in words and "/s/" in words
    assert set_up(hus) == theirs


def test_a_form_that_is_sent_twice_changes_edialog_once(app: Flask) -> None:
    hus = make_hus(printleverandor="MANUELL_PRINT")
    way, admin = f"/kontoer/{hus.konto_id}/edialog", administrator(app, hus)
    shown, given = admin.get(way).text, FORM | {"orgnr": hus.orgnr, "printleverandor": "MANUELL_PRINT"}
    for _ in range(2):
        assert send_open(admin, shown, way, **given).location == way
    assert (set_up(hus).navn, set_up(hus).aktiv) == ("Lillevik kommune", True)
    assert acts(hus.konto_id, "EDIALOG_MOTTAKER_ENDRET") == 1


def test_what_a_colleague_has_written_of_a_form_meanwhile_is_not_written_over(
    hus: Hus, admin: Browser
) -> None:
    nr = forms.add_form(hus.konto_id, Skjemaoppsett("Klage", "Klage på vedtak"), actor=HOUSE)
    page = f"/kontoer/{hus.konto_id}/edialog/skjemaer/{nr}"
    shown, theirs = admin.get(page).text, Skjemaoppsett("Klager", "Klage på eiendomsskatt")
    forms.change_form(hus.konto_id, nr, theirs, actor=HOUSE)
    answer = send_open(admin, shown, page, navn="Klage", tittel="Klage 2026")
    words = told(answer)
    assert "Navn på skjemaet: Nå står det «Klager». Tittel" in words
    assert "Nå står det «Klage på eiendomsskatt». Du skrev «Klage 2026»." in words
    assert [value_of(answer.text, name) for name in ("navn", "tittel")] == ["Klager", "Klage 2026"]
    assert stored_form(hus, nr) == theirs
    assert acts(hus.konto_id, "EDIALOG_SKJEMA_ENDRET") == 1
    assert send_open(admin, answer.text, page, navn="Klager", tittel="Klage 2026").status_code == 303
    assert stored_form(hus, nr) == Skjemaoppsett("Klager", "Klage 2026")


def stored_form(hus: Hus, nr: int) -> Skjemaoppsett:
    [form] = [one for one in forms.forms_of_konto(hus.konto_id, actor=HOUSE) if one.nr == nr]
    return Skjemaoppsett(form.navn, form.tittel)


def test_a_form_changed_by_what_is_sent_twice_is_changed_once(hus: Hus, admin: Browser) -> None:
    nr = forms.add_form(hus.konto_id, Skjemaoppsett("Klage", "Klage på vedtak"), actor=HOUSE)
    page = f"/kontoer/{hus.konto_id}/edialog/skjemaer/{nr}"
    shown = admin.get(page).text
    for _ in range(2):
        assert send_open(admin, shown, page, navn="Klage", tittel="Klage 2026").status_code == 303
    assert stored_form(hus, nr).tittel == "Klage 2026"
    assert acts(hus.konto_id, "EDIALOG_SKJEMA_ENDRET") == 1


def forget_parties() -> None:
    """Let what Altinn said be too old to be used."""
    with transaction() as tx:
        tx.execute(update(Sesjon).values(parter_hentet=None))


def test_a_form_that_is_made_by_two_presses_is_one(app: Flask, hus: Hus, admin: Browser) -> None:
    new = f"/kontoer/{hus.konto_id}/edialog/skjemaer/nytt"
    for tittel in ("Klage på vedtak", "Klage på vedtak", "Klage på gebyr"):
        assert post(admin, new, new, navn="Klage", tittel=tittel).status_code == 303
    offered = [one.tittel for one in forms.forms_of_konto(hus.konto_id, actor=HOUSE)]
    assert sorted(offered) == ["", "Klage på gebyr", "Klage på vedtak"]


def test_a_form_is_made_changed_taken_away_and_the_standard_one_put_back(
    app: Flask, hus: Hus, admin: Browser
) -> None:
    way = f"/kontoer/{hus.konto_id}/edialog"
    new = f"{way}/skjemaer/nytt"
    assert not faults(admin.get(new).text)
    wrong = post(admin, new, new, navn="", tittel="")
    assert wrong.status_code == 422 and not faults(wrong.text)
    for code in ("EDIALOG_SKJEMANAVN", "EDIALOG_TITTEL_MANGLER"):
        assert tekst(code) in text_of(wrong.text)
    assert post(admin, new, new, navn="Klage", tittel="Klage på vedtak").location == way
    page = admin.get(way).text
    short = queries.mottaker(hus.orgnr).short_id
    assert f"/s/{short}?skjema=2" in page and "Tittel: Klage på vedtak" in text_of(page)
    assert not faults(page)
    form = f"{way}/skjemaer/2"
    assert post(admin, form, form, navn="Klage", tittel="Klage 2026").location == way
    assert "Tittel: Klage 2026" in text_of(admin.get(way).text)
    assert admin.get(f"{way}/skjemaer/1").location == way, "the standard form is not changed"
    for nr in (1, 2):
        gone = f"{way}/skjemaer/{nr}/fjern"
        question = admin.get(gone).text
        assert ("det siste skjemaet" in text_of(question)) is (nr == 2) and not faults(question)
        assert send_open(admin, question, gone).location == way
        assert "Skjemaet er fjernet" in text_of(admin.get(way).text)
        assert send_open(admin, question, gone).location == way
        assert "Skjemaet var alt fjernet" in text_of(admin.get(way).text)
    assert send_open(admin, question, f"{way}/skjemaer/9/fjern").status_code == 404
    empty = admin.get(way).text
    assert "ingen kan begynne" in text_of(empty) and not faults(empty)
    assert admin.get(form).status_code == admin.get(f"{form}/fjern").status_code == 404
    assert post(admin, way, f"{way}/skjemaer/standard").location == way
    assert [one.tittel for one in forms.forms_of_konto(hus.konto_id, actor=HOUSE)] == [""]


def test_who_takes_away_what_has_become_the_last_form_is_told_so_first(hus: Hus, admin: Browser) -> None:
    way = f"/kontoer/{hus.konto_id}/edialog"
    nr = forms.add_form(hus.konto_id, Skjemaoppsett("Klage", "Klage på vedtak"), actor=HOUSE)
    page = f"{way}/skjemaer/{nr}/fjern"
    question = admin.get(page).text
    forms.remove_form(hus.konto_id, 1, actor=HOUSE)
    anew = send_open(admin, question, page)
    assert anew.status_code == 409 and not faults(anew.text)
    assert tekst("EDIALOG_SKJEMAER_ENDRET") in text_of(anew.text) and "det siste skjemaet" in text_of(
        anew.text
    )
    assert len(forms.forms_of_konto(hus.konto_id, actor=HOUSE)) == 1
    assert send_open(admin, anew.text, page).location == way
    assert forms.forms_of_konto(hus.konto_id, actor=HOUSE) == []


def test_there_are_no_forms_to_make_before_there_is_a_mottaker(app: Flask) -> None:
    hus = make_hus()
    admin = administrator(app, hus)
    assert admin.get(f"/kontoer/{hus.konto_id}/edialog/skjemaer/nytt").status_code == 404


def test_a_citizen_chooses_what_it_is_about_or_comes_by_a_link_to_one_form(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    nr = forms.add_form(hus.konto_id, Skjemaoppsett("Klage", "Klage på vedtak"), actor=HOUSE)
    browser, way = citizen(app, new_fnr()), f"/s/{hus.orgnr}"
    page = browser.get(way).text
    for word in (NB["ED_HVA_GJELDER"], "Klage", NB["ED_NOE_ANNET"]):
        assert word in text_of(page)
    assert not faults(page)
    refused = post(browser, way, way)
    assert refused.status_code == 422 and not faults(refused.text)
    assert NB["EDIALOG_VELG_SKJEMA"] in text_of(refused.text)
    chosen = post(browser, way, way, skjema=str(nr)).location
    form = browser.get(chosen).text
    assert 'name="tittel"' not in form and "Klage på vedtak" in text_of(form) and not faults(form)
    assert post(browser, chosen, chosen, **FACTS | {"tittel": "Noe annet"}).status_code == 303
    summary = browser.get(f"{chosen}/oppsummering").text
    assert "Klage på vedtak" in text_of(summary) and "#tittel" not in summary and not faults(summary)
    linked = browser.get(f"{way}?skjema={nr}").text
    assert f'name="skjema" value="{nr}"' in linked and NB["ED_NOE_ANNET"] not in linked
    assert not faults(linked)
    for junk in ("x", "9" * 40, "-1"):
        assert NB["ED_NOE_ANNET"] in browser.get(f"{way}?skjema={junk}").text
        assert post(browser, way, way, skjema=junk).status_code in (303, 422)
    assert row_of(id_of(chosen)).skjematype_id is not None


def test_nobody_begins_where_there_is_no_form(app: Flask, hus: Hus, register: FakeRegister) -> None:
    browser, way = citizen(app, new_fnr()), f"/s/{hus.orgnr}"
    standard = begin(browser, way)
    forms.remove_form(hus.konto_id, 1, actor=HOUSE)
    assert browser.get(way).location == "/minside/henvendelser"
    assert NB["EDIALOG_TAR_IKKE_IMOT"] in text_of(browser.get("/minside/henvendelser").text)
    assert post(browser, standard, standard, **FACTS).location == f"{standard}/vedlegg"
