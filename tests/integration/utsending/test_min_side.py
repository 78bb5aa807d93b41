"""Min side in a browser: whom one acts for, the language, and who has looked at one's data."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import ProvIgjen
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.utsending.receivers import typed
from portal.texts.minside.pages import NB, NN
from tests.integration.houses import new_fnr, new_orgnr
from tests.integration.utsending.browser import citizen, post, text_of, token_of
from tests.integration.utsending.kommuner import (
    FakeAltinn,
    Postkasser,
    make_kommune,
    make_mailing,
)

pytestmark = pytest.mark.usefixtures("house")
POST = frozenset({("ROLLE", "A0236")})


@pytest.fixture
def altinn(app: Flask) -> Iterator[FakeAltinn]:
    fake = app.extensions["fiks_altinn"]
    assert isinstance(fake, FakeAltinn)
    yield fake
    fake.feil = None


def test_both_languages_hold_the_same_sentences() -> None:
    assert NB.keys() == NN.keys()


def test_s17_42_whom_one_acts_for_is_always_seen_and_an_old_form_is_no_good(
    app: Flask, altinn: FakeAltinn
) -> None:
    pid, orgnr = new_fnr(), new_orgnr()
    altinn.parter[pid] = [Altinnpart(orgnr, "Fjellheim AS", POST)]
    browser = citizen(app, pid)
    assert browser.get("/minside").location == "/minside/velg"
    page = browser.get("/minside/velg").text
    assert page.index(NB["FORTSETT_SELV_HER"]) < page.index("Fjellheim AS")
    old = token_of(page)
    assert post(browser, "/minside/velg", "/minside/velg", orgnr=orgnr).location == "/minside"
    for path in ("/minside", "/minside/innsyn", "/minside/innlogginger", "/minside/velg"):
        assert "Du representerer Fjellheim AS" in text_of(browser.get(path).text)
    assert browser.post("/minside/velg", data={"csrf_token": old, "orgnr": ""}).status_code == 400
    post(browser, "/minside/velg", "/minside/velg", orgnr="")
    assert NB["DU_ER_DEG_SELV"] in text_of(browser.get("/minside").text)


def test_an_organisation_one_has_no_right_in_is_refused_with_a_reason(app: Flask, altinn: FakeAltinn) -> None:
    pid = new_fnr()
    altinn.parter[pid] = [Altinnpart(new_orgnr(), "Fjellheim AS", POST)]
    browser = citizen(app, pid)
    post(browser, "/minside/velg", "/minside/velg", orgnr=new_orgnr())
    assert NB["REPRESENTERER_IKKE"] in text_of(browser.get("/minside/velg").text)


def test_s17_39_a_unit_one_has_no_right_in_has_no_button(app: Flask, altinn: FakeAltinn) -> None:
    pid, main, sub = new_fnr(), new_orgnr(), new_orgnr()
    altinn.parter[pid] = [
        Altinnpart(main, "Konsernet", frozenset(), velgbar=False),
        Altinnpart(sub, "Avdelingen", POST, True, main),
    ]
    page = citizen(app, pid).get("/minside/velg").text
    assert f'value="{sub}"' in page
    assert "Konsernet" in page
    assert f'value="{main}"' not in page


def test_s17_57_with_altinn_down_ones_own_pages_work_and_say_what_does_not(
    app: Flask, altinn: FakeAltinn
) -> None:
    altinn.feil = ProvIgjen("IKKE_NAADD")
    browser = citizen(app, new_fnr())
    page = browser.get("/minside")
    assert (page.status_code, NB["ROLLER_NEDE"] in text_of(page.text)) == (200, True)
    assert browser.get("/minside/velg").status_code == 503


def test_the_citizen_reads_nynorsk_after_choosing_it(app: Flask) -> None:
    browser = citizen(app, new_fnr())
    assert post(browser, "/minside", "/minside/sprak", sprak="nn", neste="/minside/innsyn").location == (
        "/minside/innsyn"
    )
    page = browser.get("/minside/innsyn").text
    assert '<html lang="nn"' in page
    assert NN["INNSYN_TITTEL"] in text_of(page)
    assert NN["HOPP"] in text_of(page)


def test_who_was_looked_up_sees_organisation_service_and_legal_basis_but_not_who(app: Flask) -> None:
    kommune, pid = make_kommune(), new_fnr()
    mailing = make_mailing(kommune, 1)
    actor = kommune.aktor("saksbehandler")
    typed.look_up(mailing.id, pid, "EIENDOMSSKATT", Postkasser(), actor=actor)
    text = text_of(citizen(app, pid).get("/minside/innsyn").text)
    for seen in (
        "Lillevik kommune",
        "Utsending av brev",
        "Slo opp navn og adresse",
        "eigedomsskattelova § 14",
    ):
        assert seen in text
    assert actor.navn not in text
    assert NB["INNSYN_TOM_TITTEL"] in text_of(citizen(app, new_fnr()).get("/minside/innsyn").text)
    row = session().scalars(select(Audit).where(Audit.objekt_id == str(mailing.id))).first()
    assert row is not None
    assert pid not in str(row.detaljer)


def test_the_citizen_ends_a_login_elsewhere_and_not_the_one_in_use(app: Flask) -> None:
    pid = new_fnr()
    here, there = citizen(app, pid), citizen(app, pid)
    page = here.get("/minside/innlogginger").text
    assert NB["DENNE"] in page
    other = page.split('name="sesjon" value="')[1].split('"')[0]
    post(here, "/minside/innlogginger", "/minside/innlogginger", sesjon=other)
    assert NB["INNLOGGING_AVSLUTTET"] in text_of(here.get("/minside/innlogginger").text)
    assert there.get("/minside").status_code == 302
    assert here.get("/minside").status_code == 200
