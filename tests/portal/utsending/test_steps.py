"""Step 1 and the way through: saved, resumed, refused with what to do."""

from __future__ import annotations

import pytest
from flask import Flask

from fiks.utsending import detail_queries
from portal.texts import tekst
from tests.integration.utsending.browser import log_in, text_of
from tests.integration.utsending.kommuner import make_kommune
from tests.portal.test_pages import check_page
from tests.portal.utsending.pages import Jobb


def test_the_first_step_saves_a_draft_and_goes_on_to_the_receivers(jobb: Jobb) -> None:
    answer = jobb.begin(konteringskode="EISK-2027", farger="ja")
    assert answer.location == jobb.path("mottakere")
    u = detail_queries.detail(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler"))
    assert (u.tittel, u.status, u.konteringskode, u.farger) == (
        "Eiendomsskatt 2027",
        "UTKAST",
        "EISK-2027",
        True,
    )


def test_saving_as_a_draft_goes_to_the_mailings_own_page(jobb: Jobb) -> None:
    assert jobb.begin(lagre="utkast").location == jobb.path()
    assert "Fortsett der du var" in text_of(jobb.client.get(jobb.path()).text)


@pytest.mark.parametrize(
    ("felt", "verdi", "kode"),
    [
        ("tittel", "", "TITTEL_UGYLDIG"),
        ("brevdato", "2026-12-01", "DATO_FORM"),
        ("brevdato", "31.02.2027", "DATO_FORM"),
        ("brevdato", "01.01.2020", "BREVDATO_PASSERT"),
        ("kunngjoringsdato", "i morgen", "DATO_FORM"),
        ("konto", "", "KONTO_MANGLER"),
        ("konteringskode", "EISK/2027", "KONTERINGSKODE_UGYLDIG"),
        ("sikkerhetsniva", "LAV", "NIVA_UGYLDIG"),
        ("art", "BREVDUE", "VALG_UGYLDIG"),
    ],
)
def test_a_field_at_fault_is_told_first_and_at_the_field(
    jobb: Jobb, felt: str, verdi: str, kode: str
) -> None:
    answer = jobb.begin(**{felt: verdi})
    assert answer.status_code == 422
    check_page(answer.text)
    assert "<title>Feil: " in answer.text
    assert f'href="#{felt}">{tekst(kode)}' in answer.text
    assert f'id="{felt}-feil">{tekst(kode)}' in answer.text


def test_what_was_written_stands_in_the_form_that_comes_back(jobb: Jobb) -> None:
    answer = jobb.begin(tittel="Varsel om <feiing>", brevdato="x")
    assert 'value="Varsel om &lt;feiing&gt;"' in answer.text


def test_a_konto_of_another_kommune_cannot_be_chosen(jobb: Jobb) -> None:
    assert jobb.begin(konto=str(make_kommune().konto_id)).status_code == 422


def test_facts_are_changed_later_and_only_what_was_changed_is_other(jobb: Jobb) -> None:
    jobb.begin()
    page = jobb.see("fakta")
    assert 'value="Eiendomsskatt 2027"' in page
    form = {"tittel": "Ny tittel", "art": "FLETTEBREV", "brevdato": "31.12.2099"}
    answer = jobb.send("fakta", "fakta", **form, levering="BARE_DIGITALT", sikkerhetsniva="HOYESTE")
    assert answer.location == jobb.path("mottakere")
    u = detail_queries.detail(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler"))
    assert (u.tittel, u.kun_digital, u.tosidig, u.sikkerhetsniva) == ("Ny tittel", True, False, "HOYESTE")


def test_a_step_is_found_by_its_name(jobb: Jobb) -> None:
    jobb.begin()
    assert jobb.client.get(jobb.path("steg/brev")).location == jobb.path("brev")
    assert jobb.client.get(jobb.path("steg/hemmelig")).status_code == 404


@pytest.mark.parametrize(
    "side", ["fakta", "mottakere", "mottakere/skriv", "brev", "brev/rediger", "oppsummering"]
)
def test_every_page_of_an_empty_draft_is_well_made(jobb: Jobb, side: str) -> None:
    jobb.begin()
    assert "Trinn" in jobb.words(side)


def test_a_colleague_without_the_right_to_send_is_refused(app: Flask, jobb: Jobb) -> None:
    jobb.begin()
    reader = log_in(app, jobb.kommune, "leser")
    for side in ("fakta", "mottakere", "kontroll", "brev", "oppsummering"):
        assert reader.get(jobb.path(side)).status_code == 403


def test_somebody_of_another_kommune_cannot_see_that_it_exists(app: Flask, jobb: Jobb) -> None:
    jobb.begin()
    stranger = log_in(app, make_kommune(), "saksbehandler")
    for side in ("fakta", "mottakere", "kontroll", "brev", "oppsummering", "mottakere/skriv"):
        assert stranger.get(jobb.path(side)).status_code == 404
