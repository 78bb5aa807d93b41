"""Something is given to a person or a group, for a time or until it is taken away."""

from __future__ import annotations

import pytest
from flask import Flask

from fiks.konfigurasjon import queries
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import P
from tests.integration.houses import HOUSE, Hus, make_person, new_fnr
from tests.integration.konfigurasjon.holders import acts, grants_of, last_act, make_gruppe
from tests.integration.tilganger.visits import (
    ADMIN,
    SENDE,
    Besok,
    confirm,
    give,
    held,
    ressurs_page,
    session_of,
)
from tests.integration.utsending.browser import text_of
from tests.pagecheck import Page, faults


def test_a_new_person_is_given_something_by_number_and_name(admin: Besok, hus: Hus) -> None:
    fnr = new_fnr()
    answer = give(
        admin, hus, hvem="NY", fnr=f"{fnr[:6]} {fnr[6:]}", navn="Nora Ny", begrunnelse="Vikar", **SENDE
    )
    assert answer.location == ressurs_page(hus.konto_id)
    page = admin.read(ressurs_page(hus.konto_id))
    assert "Nora Ny har fått tilgangen" in page
    assert fnr not in page
    made = konfigurasjon.person_by_pid(fnr)
    assert made is not None
    [row] = grants_of(made)
    assert (row.privilegium, row.begrunnelse, row.gyldig_til) == (P.SENDE, "Vikar", None)


@pytest.mark.parametrize("what", [SENDE, ADMIN], ids=["given", "asked about"])
def test_the_number_of_somebody_known_here_is_refused_with_another_name_and_what_to_do_is_said(
    admin: Besok, hus: Hus, what: dict[str, str]
) -> None:
    fnr = new_fnr()
    kari = konfigurasjon.register_person(fnr, navn="Kari Lie Nordmann", actor=HOUSE)
    konfigurasjon.grant_privilegium(kari, P.LESE, hus.konto_id, actor=HOUSE)
    refused = give(admin, hus, hvem="NY", fnr=fnr, navn="Nora Ny", **what)
    assert refused.status_code == 422
    assert "kjent her under et annet navn. Rett nummeret" in text_of(refused.text)
    assert not faults(refused.text)
    assert held(kari, hus.konto_id) == {P.LESE}


def test_what_is_told_names_who_has_the_number_and_not_what_was_written(admin: Besok, hus: Hus) -> None:
    here, elsewhere = new_fnr(), new_fnr()
    kari = konfigurasjon.register_person(here, navn="Kari Lie Nordmann", actor=HOUSE)
    konfigurasjon.grant_privilegium(kari, P.LESE, hus.konto_id, actor=HOUSE)
    konfigurasjon.register_person(elsewhere, navn="Hege Hansen", actor=HOUSE)
    give(admin, hus, hvem="NY", fnr=here, navn="nordmann, kari", **SENDE)
    assert "Kari Lie Nordmann har fått tilgangen" in text_of(admin.read(ressurs_page(hus.konto_id)))
    asked = give(admin, hus, hvem="NY", fnr=elsewhere, navn="Nora Ny", **ADMIN)
    assert "Hege Hansen" not in admin.read(str(asked.location)), (
        "who is not known here is not named to anybody"
    )
    confirm(admin, asked)
    assert "Hege Hansen har fått tilgangen" in text_of(admin.read(ressurs_page(hus.konto_id)))


def test_somebody_known_here_is_found_by_name_and_chosen(admin: Besok, hus: Hus) -> None:
    kari = make_person(P.LESE, ressurs=hus.konto_id, navn="Kari Nordmann")
    page = give(admin, hus, sok="nordm", finn="ja", begrunnelse="Skal sende", **SENDE)
    assert page.status_code == 200
    assert f'value="PERSON:{kari}"' in page.text
    assert "Skal sende" in page.text, "what was written is kept"
    assert not faults(page.text)
    assert held(kari, hus.konto_id) == {P.LESE}, "to look is not to give"
    assert give(admin, hus, hvem=f"PERSON:{kari}", **SENDE).status_code == 303
    assert held(kari, hus.konto_id) == {P.LESE, P.SENDE}


def test_enter_after_a_new_search_text_looks_and_gives_nobody_anything(admin: Besok, hus: Hus) -> None:
    kari = make_person(P.LESE, ressurs=hus.konto_id, navn="Kari Nordmann")
    berit = make_person(P.LESE, ressurs=hus.konto_id, navn="Berit Bakke")
    page = f"{ressurs_page(hus.konto_id)}/ny"
    assert Page(admin.read(page)).pressed[page]["name"] == "enter", "what Enter presses"
    chosen = {"hvem": f"PERSON:{kari}", "enter": "ja", **SENDE}
    found = give(admin, hus, sok="bakke", sokt="nordm", **chosen)
    assert found.status_code == 200
    assert f'value="PERSON:{berit}"' in found.text
    assert held(kari, hus.konto_id) == {P.LESE}, "nor the one who was chosen before"
    assert give(admin, hus, sok="bakke", sokt="bakke", **chosen).status_code == 303
    assert held(kari, hus.konto_id) == {P.LESE, P.SENDE}, "then Enter gives"


def test_a_search_for_nothing_is_told_what_to_write(admin: Besok, hus: Hus) -> None:
    page = give(admin, hus, finn="ja", **SENDE)
    assert page.status_code == 422
    assert "Skriv hele eller deler av navnet" in text_of(page.text)
    assert not faults(page.text)


def test_a_group_is_given_something(admin: Besok, hus: Hus) -> None:
    member = make_person()
    group = make_gruppe(hus, member, navn="Skatt")
    assert "Gruppen Skatt" in admin.read(f"{ressurs_page(hus.konto_id)}/ny")
    assert give(admin, hus, hvem=f"GRUPPE:{group}", **SENDE).status_code == 303
    assert queries.is_authorised(member, P.SENDE, hus.konto_id)
    assert "Skatt" in admin.read(ressurs_page(hus.konto_id))


def test_s17_07_days_are_whole_days_in_oslo(admin: Besok, hus: Hus) -> None:
    fnr = new_fnr()
    days = {"fra": "01.12.2098", "til": "31.12.2098"}
    assert give(admin, hus, hvem="NY", fnr=fnr, navn="Nora Ny", **days, **SENDE).status_code == 303
    made = konfigurasjon.person_by_pid(fnr)
    assert made is not None
    [row] = grants_of(made)
    assert row.gyldig_fra.isoformat() == "2098-11-30T23:00:00+00:00"
    assert row.gyldig_til is not None
    assert row.gyldig_til.isoformat() == "2098-12-31T23:00:00+00:00"
    page = text_of(admin.read(ressurs_page(hus.konto_id)))
    assert "fra 01.12.2098 til og med 31.12.2098" in page
    assert "Gjelder ikke ennå" in admin.read(f"/tilganger/personer/{made}")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Velg hvem som skal få tilgangen"),
        ({"hvem": "PERSON:tull"}, "Velg hvem som skal få tilgangen"),
        ({"hvem": "NY", "fnr": "123", "navn": "Nora"}, "ikke gyldig"),
        ({"hvem": "NY", "navn": "N"}, "Skriv personens fulle navn"),
        ({"fra": "i morgen"}, "Skriv datoen på formen"),
        ({"fra": "01.01.2020"}, "Startdatoen er passert"),
        ({"til": "01.01.2020"}, "Sluttdatoen er passert"),
        ({"fra": "02.01.2099", "til": "01.01.2099"}, "Sluttdatoen er før startdatoen"),
    ],
)
def test_a_form_that_cannot_be_used_says_why_and_gives_nothing(
    admin: Besok, hus: Hus, data: dict[str, str], sentence: str
) -> None:
    before = acts(hus.organisasjon_id)
    answer = give(admin, hus, **data, **SENDE)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert not faults(answer.text)
    assert acts(hus.organisasjon_id) == before


def test_a_form_without_a_privilege_and_with_a_number_in_the_reason_is_refused(
    admin: Besok, hus: Hus
) -> None:
    fnr = new_fnr()
    answer = give(admin, hus, hvem="NY", fnr=fnr, navn="Nora Ny")
    assert (answer.status_code, "Velg minst én tilgang" in answer.text) == (422, True)
    assert fnr not in answer.text, "a number is not sent back"
    answer = give(admin, hus, hvem="NY", fnr=fnr, navn="Nora Ny", begrunnelse=f"for {new_fnr()}", **SENDE)
    assert (answer.status_code, "uten fødselsnummer" in answer.text) == (422, True)
    assert konfigurasjon.person_by_pid(fnr) is None


def test_what_somebody_has_already_is_named_at_its_box_and_the_rest_not_given(admin: Besok, hus: Hus) -> None:
    kari = make_person(P.SENDE, ressurs=hus.konto_id, navn="Kari Nordmann")
    both = {**SENDE, f"privilegium.{P.LESE}": "ja"}
    answer = give(admin, hus, hvem=f"PERSON:{kari}", **both)
    assert answer.status_code == 422
    assert "Lage utsendinger er gitt fra før" in answer.text
    assert not faults(answer.text)
    assert held(kari, hus.konto_id) == {P.SENDE}


def test_a_new_administrator_is_asked_about_and_the_number_never_sent_to_the_browser(
    app: Flask, hus: Hus
) -> None:
    stale, fnr = Besok(app, hus, P.ADMIN, minutes_ago=6), new_fnr()
    asked = give(stale, hus, hvem="NY", fnr=fnr, navn="Nora Ny", **ADMIN)
    assert fnr not in str(asked.location)
    assert stale.get(str(asked.location)).location.startswith("/innlogging/bekreft")
    session_of(stale, minutes=0)
    question = stale.read(str(asked.location))
    assert fnr not in question
    assert "En administrator kan gi og fjerne tilganger her" in text_of(question)
    assert konfigurasjon.person_by_pid(fnr) is None
    assert confirm(stale, asked).location == ressurs_page(hus.konto_id)
    made = konfigurasjon.person_by_pid(fnr)
    assert made is not None
    assert held(made, hus.konto_id) == {P.ADMIN}


def test_giving_oneself_something_by_ones_own_number_is_asked_about(admin: Besok, hus: Hus) -> None:
    asked = give(admin, hus, hvem="NY", fnr=admin.pid, navn="Anne Admin", **SENDE)
    assert "Vil du gi tilgang til deg selv?" in admin.read(str(asked.location))
    confirm(admin, asked)
    assert last_act(hus.organisasjon_id, "PRIVILEGIUM_GITT").detaljer["til_seg_selv"] is True
