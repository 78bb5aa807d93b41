"""A kommune whose number nobody has registered: no letter is made of a template that prints it."""

from __future__ import annotations

import pytest

from fiks.core.db import transaction
from fiks.core.errors import Konflikt
from fiks.konfigurasjon.models import Organisasjon
from fiks.utsending.draft import confirm
from fiks.utsending.overview import mailing_page
from fiks.utsending.production import service
from fiks.utsending.rules import Utsendingstatus
from portal.texts import tekst
from tests.portal.utsending.pages import Jobb
from tests.portal.utsending.test_letter_pages import choose

TOLD = tekst("MAL_KREVER_KOMMUNENR")


@pytest.fixture
def uten(jobb: Jobb) -> Jobb:
    """A job with its rows, of a kommune without a number."""
    register(jobb, None)
    jobb.begin(konteringskode="FELLES")
    jobb.read("eiendomsskatt_excel_feller.xlsx")
    jobb.send("kontroll/forslag", "kontroll/forslag", alle="ja")
    return jobb


def register(jobb: Jobb, kommunenr: str | None) -> None:
    with transaction() as tx:
        tx.get_one(Organisasjon, jobb.kommune.id).kommunenr = kommunenr


def write(jobb: Jobb, kilde_nb: str, **more: str) -> None:
    said = {"kilde_nb": kilde_nb, "tittel_nb": "Brev"} | more
    assert jobb.send("brev/rediger", "brev/rediger", navn="Egen mal", **said).status_code == 303


def test_the_tax_note_waits_for_the_number_and_the_pages_say_so(uten: Jobb) -> None:
    choose(uten)
    assert f"Kommunenummeret mangler {TOLD}" in uten.words("brev")
    assert f"{TOLD} Gå til brev" in uten.words("oppsummering")
    refused = uten.send("oppsummering", "oppsummering")
    assert refused.status_code == 422
    assert f'href="{uten.path("steg/brev")}">{TOLD}</a>' in refused.text
    register(uten, "9901")
    assert TOLD not in uten.words("brev") + uten.words("oppsummering")
    assert uten.send("oppsummering", "oppsummering").status_code == 303


@pytest.mark.parametrize(
    "said",
    [
        {"kilde_nb": "Eiendom ((eiendom_lang))"},
        {"kilde_nb": "Hei", "kilde_nn": "Kommune ((kommunenr))"},
        {"kilde_nb": "Hei", "tittel_nb": "((eiendom_lang))"},
    ],
)
def test_wherever_a_template_prints_the_number_it_is_asked_for(uten: Jobb, said: dict[str, str]) -> None:
    write(uten, **said)
    assert TOLD in uten.words("oppsummering")


def test_a_letter_that_says_nothing_of_it_goes_without(uten: Jobb) -> None:
    write(uten, "Til ((navn)).")
    assert TOLD not in uten.words("brev")
    assert uten.send("oppsummering", "oppsummering").status_code == 303


def test_letters_are_not_made_when_the_number_went_away_after_the_control(uten: Jobb) -> None:
    register(uten, "9901")
    choose(uten)
    actor = uten.kommune.aktor("saksbehandler")
    confirm.confirm_control(uten.uuid, actor=actor)
    register(uten, None)
    with pytest.raises(Konflikt, match="MAL_KREVER_KOMMUNENR"):
        service.start_production(uten.uuid, actor=actor)
    assert mailing_page.detail(uten.uuid, actor=actor).status is Utsendingstatus.KONTROLLERT
