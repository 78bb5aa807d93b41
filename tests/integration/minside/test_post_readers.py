"""Those who see letters that are not to themselves: whom one is exposed to, and who acts for an organisation."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import ProvIgjen
from fiks.konfigurasjon.person.service import fnr_index
from fiks.svarut.rules import Status
from portal.texts.minside.inbox import NB
from portal.texts.minside.pages import NB as MINSIDE
from tests.integration.houses import Hus, new_fnr, new_orgnr
from tests.integration.minside.letters import (
    KOMMUNALE_TJENESTER,
    POST_ARKIV,
    TAUSHET,
    TITLE,
    acts_on,
    forget_what_altinn_said,
    letter_to,
    list_of,
    part,
    representing,
    titled,
)
from tests.integration.utsending.browser import citizen, post, text_of
from tests.integration.utsending.kommuner import FakeAltinn


def test_sv12_23_whom_a_letter_is_exposed_to_sees_it_as_shared_and_never_as_unread(
    app: Flask, hus: Hus
) -> None:
    me, reader = new_fnr(), new_fnr()
    made = letter_to(hus, me, **titled(me, eksponert_for=(reader,), kan_svares=False))
    browser = citizen(app, reader)
    words = list_of(browser)
    assert (TITLE in words, NB["POST_DELT"] in words) == (True, True)
    assert NB["POST_ULESTE_INGEN"] in text_of(browser.get("/minside").text)
    assert TITLE not in list_of(browser, "?uleste=ja")
    opened = text_of(browser.get(f"/minside/post/{made}").text)
    assert NB["POST_VED_DELING"] in opened
    assert NB["POST_LESING"] not in opened
    assert "kommer det i posten" not in words + opened


def test_whom_a_letter_is_to_finds_that_those_it_is_shared_with_have_seen_it_and_not_their_own_reading(
    app: Flask, altinn: FakeAltinn, hus: Hus
) -> None:
    me, reader, firm = new_fnr(), new_fnr(), new_orgnr()
    made = letter_to(hus, me, **titled(me, eksponert_for=(reader, firm), kan_svares=False))
    own, other = citizen(app, me), citizen(app, reader)
    other.get(f"/minside/post/{made}")
    other.break_off(f"/forsendelse/{made}/1")
    member = representing(app, altinn, firm, POST_ARKIV)
    assert member.get(f"/forsendelse/{made}/1").data
    own.get(f"/minside/post/{made}")
    assert own.get(f"/forsendelse/{made}/1").data
    words = text_of(own.get("/minside/innsyn").text)
    begun, whole = MINSIDE["GJORT_BREV_NEDLASTING_BEGYNT"], MINSIDE["GJORT_BREV_LASTET_NED"]
    seen = [words.count(said) for said in (MINSIDE["GJORT_BREV_APNET"], begun, whole)]
    assert (seen, MINSIDE["TJENESTE_SVARUT"] in words) == ([1, 2, 1], True)
    for nobody in (other, member):
        assert MINSIDE["INNSYN_TOM_TITTEL"] in text_of(nobody.get("/minside/innsyn").text)
    about = select(Audit.gjelder).where(Audit.objekt_id == str(made), Audit.gjelder.is_not(None))
    assert session().scalars(about).all() == [fnr_index(me)] * 4, "nor is their own reading written as a look"


def test_nobody_is_named_as_looked_at_in_a_letter_to_an_organisation(
    app: Flask, altinn: FakeAltinn, hus: Hus
) -> None:
    orgnr, reader = new_orgnr(), new_fnr()
    made = letter_to(hus, orgnr, **titled(orgnr, eksponert_for=(reader,), kan_svares=False))
    assert citizen(app, reader).get(f"/forsendelse/{made}/1").data
    assert acts_on(made) == [("BREV_NEDLASTING_BEGYNT", None), ("BREV_LASTET_NED", None)]
    assert (
        not session()
        .scalars(select(Audit.id).where(Audit.gjelder.is_not(None), Audit.objekt_id == str(made)))
        .all()
    )


@pytest.mark.parametrize(
    ("rights", "seen"),
    [((POST_ARKIV,), {"vanlig"}), ((TAUSHET,), {"taushet"}), ((POST_ARKIV, TAUSHET), {"vanlig", "taushet"})],
)
def test_sv12_23_each_right_opens_its_own_letters_of_the_organisation(
    app: Flask, altinn: FakeAltinn, hus: Hus, rights: tuple[tuple[str, str], ...], seen: set[str]
) -> None:
    orgnr = new_orgnr()
    made = {
        "vanlig": letter_to(hus, orgnr, **titled(orgnr, "vanlig")),
        "taushet": letter_to(hus, orgnr, **titled(orgnr, "taushet", taushetsbelagt=True)),
    }
    browser = representing(app, altinn, orgnr, *rights)
    words = list_of(browser)
    assert {name for name in made if f" {name} " in words} == seen
    for name, letter in made.items():
        expected = 200 if name in seen else 404
        assert browser.get(f"/minside/post/{letter}").status_code == expected
        assert acts_on(letter) == ([("BREV_APNET", orgnr)] if name in seen else [])
        assert browser.get(f"/forsendelse/{letter}/1").status_code == expected
    assert "Brev til Fjellheim AS" in words


def test_acting_for_an_organisation_ones_own_letters_are_not_mixed_in(
    app: Flask, altinn: FakeAltinn, hus: Hus
) -> None:
    pid, orgnr = new_fnr(), new_orgnr()
    own, theirs = (
        letter_to(hus, pid, **titled(pid, "privat")),
        letter_to(hus, orgnr, **titled(orgnr, "firma")),
    )
    altinn.parter[pid] = [part(orgnr, POST_ARKIV)]
    browser = citizen(app, pid)
    assert ("privat" in list_of(browser), "firma" in list_of(browser)) == (True, False)
    post(browser, "/minside/velg", "/minside/velg", orgnr=orgnr)
    assert ("privat" in list_of(browser), "firma" in list_of(browser)) == (False, True)
    assert browser.get(f"/minside/post/{theirs}").status_code == 200
    assert "privat" not in browser.get(f"/minside/post/{own}").text


def test_the_link_of_a_letter_to_somebody_else_one_can_be_leads_to_be_them(
    app: Flask, altinn: FakeAltinn, hus: Hus
) -> None:
    pid, orgnr, without_post = new_fnr(), new_orgnr(), new_orgnr()
    own, theirs = (letter_to(hus, number, **titled(number)) for number in (pid, orgnr))
    altinn.parter[pid] = [part(orgnr, POST_ARKIV), part(without_post, KOMMUNALE_TJENESTER)]
    browser, choose = citizen(app, pid), "/minside/velg"
    for made, who, before in ((theirs, orgnr, ""), (own, "", orgnr), (own, "", without_post)):
        post(browser, choose, choose, orgnr=before)
        way = f"/minside/post/{made}"
        led = browser.get(way)
        assert (led.status_code, led.location) == (303, f"{choose}?neste={way}")
        assert NB["POST_VELG_HVEM"] in browser.get(str(led.location)).text
        assert post(browser, choose, choose, orgnr=who, neste=way).location == way
        assert TITLE in browser.get(way).text
    hidden = letter_to(hus, pid, status=Status.AKSEPTERT)
    foreign = letter_to(hus, new_orgnr())
    for before in ("", orgnr):
        post(browser, choose, choose, orgnr=before)
        assert [browser.get(f"/minside/post/{one}").status_code for one in (hidden, foreign)] == [404, 404]


def test_without_the_right_to_its_post_the_page_says_which_right_is_lacking(
    app: Flask, altinn: FakeAltinn, hus: Hus
) -> None:
    orgnr = new_orgnr()
    made = letter_to(hus, orgnr, **titled(orgnr))
    browser = representing(app, altinn, orgnr, KOMMUNALE_TJENESTER)
    assert "ulest" not in text_of(browser.get("/minside").text)
    for page in ("/minside/post", f"/minside/post/{made}"):
        answer = browser.get(page)
        assert (answer.status_code, NB["POST_UTEN_RETT"] in text_of(answer.text)) == (403, True)
        assert TITLE not in answer.text


def test_a_right_that_is_taken_away_ends_at_the_next_page(app: Flask, altinn: FakeAltinn, hus: Hus) -> None:
    orgnr = new_orgnr()
    letter_to(hus, orgnr, **titled(orgnr))
    browser = representing(app, altinn, orgnr, POST_ARKIV)
    assert TITLE in list_of(browser)
    for pid in list(altinn.parter):
        altinn.parter[pid] = []
    forget_what_altinn_said()
    answer = browser.get("/minside/post")
    assert answer.location == "/minside"
    assert "Nå representerer du deg selv" in text_of(browser.get("/minside").text)


def test_s17_57_with_altinn_down_own_letters_work_and_those_of_organisations_say_so(
    app: Flask, altinn: FakeAltinn, hus: Hus
) -> None:
    me, orgnr, reader = new_fnr(), new_orgnr(), new_fnr()
    mine = letter_to(hus, me, **titled(me, eksponert_for=(reader,)))
    theirs = letter_to(hus, orgnr, **titled(orgnr))
    acting = representing(app, altinn, orgnr, POST_ARKIV)
    forget_what_altinn_said()
    altinn.feil = ProvIgjen("IKKE_NAADD")
    own = citizen(app, me)
    assert TITLE in list_of(own)
    assert own.get(f"/minside/post/{mine}").status_code == 200
    assert own.get(f"/forsendelse/{mine}/1").status_code == 200
    for page in ("/minside", "/minside/post", f"/minside/post/{theirs}", f"/forsendelse/{theirs}/1"):
        answer = acting.get(page)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
        assert "Du kan ikke representere en virksomhet nå" in text_of(answer.text)
