"""One letter of «Post fra kommunen»: the level it demands, its files and links, and what is left of a deleted one."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from flask import Flask

from fiks.svarut.mottak import Dokumentfakta, Lenke, Svaradresse
from fiks.svarut.rules import Slettetype, Status
from fiks.svarut.sender import actions
from portal.minside.post import Lenkevisning
from portal.texts.minside.inbox import NB
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr, new_orgnr
from tests.integration.minside.letters import (
    TITLE,
    acts_on,
    letter_to,
    list_of,
    status_of,
    titled,
)
from tests.integration.utsending.browser import citizen, text_of
from tests.submissions import ADDRESS

HIDDEN = "Varsel fra barnevernet"


def test_s17_37_in_a_level_three_session_a_level_four_letter_is_only_a_number(app: Flask, hus: Hus) -> None:
    me, secret = new_fnr(), make_hus("Hemmelig kommune")
    letter_to(hus, me, **titled(me))
    high = letter_to(secret, me, sikkerhetsniva="HOYESTE", **titled(me, HIDDEN))
    weak = citizen(app, me)
    for query in ("", "?uleste=ja", f"?avsender={secret.organisasjon_id}", f"?etter={high}"):
        page = weak.get(f"/minside/post{query}").text
        assert "1 brev krever høyere sikkerhet" in text_of(page)
        assert "/innlogging/start?nivaa=4&amp;neste=/minside/post" in page
        for secret_word in (HIDDEN, "Hemmelig", str(high)):
            assert secret_word not in page.replace(query.partition("=")[2], "")
    front = text_of(weak.get("/minside").text)
    assert ("Du har 1 ulest brev." in front, "1 brev krever høyere sikkerhet" in front) == (True, True)
    strong = list_of(citizen(app, me, acr=4))
    assert (HIDDEN in strong, "krever høyere sikkerhet" in strong) == (True, False)


def test_sv12_22_a_level_four_letter_is_not_opened_in_a_level_three_session(app: Flask, hus: Hus) -> None:
    me = new_fnr()
    high = letter_to(hus, me, sikkerhetsniva="HOYESTE", **titled(me, HIDDEN))
    for page in (f"/minside/post/{high}", f"/forsendelse/{high}/1"):
        answer = citizen(app, me).get(page)
        assert (answer.status_code, HIDDEN in answer.text) == (302, False)
        assert answer.location == f"/innlogging/start?neste={page}&nivaa=4"
        assert citizen(app, new_fnr(), acr=4).get(page).status_code == 404
    assert (acts_on(high), status_of(high)) == ([], Status.SENDT_ALTINN)
    assert HIDDEN in citizen(app, me, acr=4).get(f"/minside/post/{high}").text
    assert citizen(app, me, acr=4).get(f"/forsendelse/{high}/1").data


def test_the_page_of_a_letter_shows_its_files_and_opening_it_is_audited_but_is_not_reading(
    app: Flask, hus: Hus
) -> None:
    me = new_fnr()
    files = (
        Dokumentfakta("vedtak.pdf", "application/pdf"),
        Dokumentfakta("plan.pdf", "application/pdf", sensitiv=True),
    )
    made = letter_to(hus, me, **titled(me, dokumenter=files))
    browser = citizen(app, me)
    page = browser.get(f"/minside/post/{made}").text
    assert (f"/forsendelse/{made}/1" in page, f"/forsendelse/{made}/2" in page) == (True, True)
    words = text_of(page)
    for said in ("Last ned vedtak.pdf", "Last ned plan.pdf", NB["POST_VED_LESING"], NB["POST_IKKE_LEST"]):
        assert said in words
    assert words.count(NB["POST_SENSITIV"]) == 1
    assert status_of(made) is Status.SENDT_ALTINN
    assert acts_on(made) == [("BREV_APNET", None)]
    assert browser.get(f"/forsendelse/{made}/1").data
    assert status_of(made) is Status.LEST
    after = text_of(browser.get(f"/minside/post/{made}").text)
    assert "Du leste brevet første gang" in after
    assert NB["POST_VED_LESING"] not in after


def test_sv12_33_a_letter_read_in_another_system_is_told_as_read(app: Flask, hus: Hus) -> None:
    me = new_fnr()
    made = letter_to(hus, me)
    actions.mark_read_externally(made, fnr=me, tidspunkt=datetime.now(UTC), systemnavn="Websak", actor=HOUSE)
    assert "Brevet ble registrert som lest" in text_of(citizen(app, me).get(f"/minside/post/{made}").text)


def test_links_of_a_sender_say_whose_page_they_lead_to(app: Flask, hus: Hus) -> None:
    me = new_fnr()
    link = Lenke("https://soknad.kommune.example/x?a=1&b=2", "Les mer", "Se her")
    made = letter_to(hus, me, **titled(me, lenker=(link,)))
    page = citizen(app, me).get(f"/minside/post/{made}").text
    address = 'href="https://soknad.kommune.example/x?a=1&amp;b=2" rel="noopener noreferrer nofollow"'
    assert address in page
    assert "Se her Les mer Lenken går til soknad.kommune.example" in text_of(page)


@pytest.mark.parametrize(
    ("url", "shown", "host"),
    [
        ("https://kommune.example@evil.example/x", True, "evil.example"),
        ("HTTP://kommune.example", True, "kommune.example"),
        ("javascript:alert(1)", False, ""),
        ("data:text/html,x", False, ""),
        ("//evil.example", False, ""),
        ("https://[", False, ""),
    ],
)
def test_only_what_leads_to_a_web_page_can_be_followed(url: str, shown: bool, host: str) -> None:
    link = Lenkevisning.of(Lenke(url, "Trykk", ""))
    assert (link.url, link.vert) == (url if shown else "", host)


def test_a_letter_that_may_be_answered_leads_to_where_one_answers(app: Flask, hus: Hus) -> None:
    me = new_fnr()
    answers = Svaradresse(ADDRESS, new_orgnr())
    made = letter_to(hus, me, **titled(me, kan_svares=True, svar_sendes_til=answers))
    page = citizen(app, me).get(f"/minside/post/{made}").text
    assert NB["POST_SVAR_OM"] in text_of(page)
    assert f'href="/edialog/svar/{made}"' in page
    plain = letter_to(hus, me)
    assert "/edialog/svar/" not in citizen(app, me).get(f"/minside/post/{plain}").text


def test_another_citizens_letter_is_as_one_that_is_not_there(app: Flask, hus: Hus) -> None:
    made = letter_to(hus, new_fnr())
    browser = citizen(app, new_fnr(), acr=4)
    assert browser.get(f"/minside/post/{made}").status_code == 404
    assert browser.get(f"/minside/post/{uuid4()}").status_code == 404
    assert acts_on(made) == []


def test_sv12_34_what_has_been_deleted_is_told_in_plain_words_and_is_gone(app: Flask, hus: Hus) -> None:
    me = new_fnr()
    made = letter_to(hus, me, **titled(me))
    actions.delete_documents(made, alt=Slettetype.ALLE, actor=HOUSE)
    browser = citizen(app, me)
    assert NB["POST_TOM_TITTEL"] in list_of(browser)
    for page in (f"/minside/post/{made}", f"/forsendelse/{made}/1"):
        answer = browser.get(page)
        assert (answer.status_code, NB["POST_BORTE"] in text_of(answer.text)) == (410, True)
        assert TITLE not in answer.text
        assert citizen(app, new_fnr()).get(page).status_code == 404
