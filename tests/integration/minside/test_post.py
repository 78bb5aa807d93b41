"""«Post fra kommunen»: who sees which letters, what of them, and what opening one does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text, update

from fiks.core.db import transaction
from fiks.core.errors import ProvIgjen
from fiks.konfigurasjon.konto_models import Kontooppsett
from fiks.konfigurasjon.models import Sesjon
from fiks.svarut import inbox, lifecycle
from fiks.svarut.letters import Brevlenke
from fiks.svarut.mottak import Dokumentfakta, Lenke, Svaradresse
from fiks.svarut.rules import Slettetype, Status
from portal.minside.post import Lenkevisning
from portal.texts.innboks import NB, NN
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr, new_orgnr
from tests.integration.minside.letters import (
    KOMMUNALE_TJENESTER,
    POST_ARKIV,
    TAUSHET,
    WAY,
    acts_on,
    letter_to,
    part,
    status_of,
)
from tests.integration.utsending.browser import Browser, citizen, post, text_of
from tests.integration.utsending.kommuner import FakeAltinn
from tests.submissions import ADDRESS, submission

TITLE = "Vedtak om barnehageplass"
HIDDEN = "Varsel fra barnevernet"


def titled(number: str, tittel: str = TITLE, **said: object) -> dict[str, object]:
    return {"said": submission(digital_id=number, tittel=tittel, **said)}


def list_of(browser: Browser, query: str = "") -> str:
    answer = browser.get(f"/minside/post{query}")
    assert answer.status_code == 200
    return text_of(answer.text)


def representing(app: Flask, altinn: FakeAltinn, orgnr: str, *rights: tuple[str, str]) -> Browser:
    """Somebody with these rights in Altinn who acts for the organisation."""
    pid = new_fnr()
    altinn.parter[pid] = [part(orgnr, *rights)]
    browser = citizen(app, pid, acr=4)
    assert post(browser, "/minside/velg", "/minside/velg", orgnr=orgnr).location == "/minside"
    return browser


def test_both_languages_hold_the_same_sentences_and_the_same_values() -> None:
    assert NB.keys() == NN.keys()
    assert [k for k in NB if NB[k].count("{") != NN[k].count("{")] == []


# What lies in the inbox


def test_a_citizen_sees_own_letters_and_nobody_elses(app: Flask, hus: Hus) -> None:
    me, other = new_fnr(), new_fnr()
    mine = letter_to(hus, me, **titled(me))
    theirs = letter_to(hus, other, **titled(other, "Andres brev"))
    page = citizen(app, me).get("/minside/post").text
    assert str(mine) in page
    assert TITLE in page
    assert "Lillevik kommune" in page
    assert str(theirs) not in page
    assert "Andres brev" not in page


@pytest.mark.parametrize("status", list(Status))
def test_a_letter_is_there_from_its_hand_over_on_and_only_if_it_came_to_something(
    hus: Hus, status: Status
) -> None:
    me = new_fnr()
    made = letter_to(hus, me, status=status)
    shown = [brev.id for brev in inbox.letters(inbox.of_person(me, 4), inbox.Utvalg())]
    hidden = ("MOTTATT", "AKSEPTERT", "AVVIST", "FEILET_UNDER_MOTTAK", "IKKE_LEVERT", "MANUELT_HANDTERT")
    assert shown == ([] if status in (*hidden, "SLETTET") else [made])
    assert set(WAY) == set(Status)


def test_a_konto_that_does_not_show_its_letters_on_min_side_does_not(app: Flask, hus: Hus) -> None:
    me = new_fnr()
    made = letter_to(hus, me)
    with transaction() as tx:
        tx.add(Kontooppsett(konto_id=hus.konto_id, vises_paa_minside=False))
    browser = citizen(app, me)
    assert NB["POST_TOM_TITTEL"] in list_of(browser)
    assert browser.get(f"/minside/post/{made}").status_code == 404
    assert browser.get(f"/forsendelse/{made}/1").status_code == 200


def test_unread_letters_are_marked_and_counted_on_the_front_page(app: Flask, hus: Hus) -> None:
    me = new_fnr()
    letter_to(hus, me)
    letter_to(hus, me, status=Status.LEVERT_SDP)
    letter_to(hus, me, status=Status.LEST)
    browser = citizen(app, me)
    assert "Du har 2 uleste brev." in text_of(browser.get("/minside").text)
    page = browser.get("/minside/post").text
    assert page.count("ds-link ulest") == 2
    assert list_of(browser, "?uleste=ja").count("Ulest ") == 2
    assert "Lest " not in list_of(browser, "?uleste=ja")


def test_the_newest_letter_is_first_and_pages_hold_every_letter_once(app: Flask, hus: Hus) -> None:
    me, n = new_fnr(), inbox.PAGE + 3
    at = datetime(2026, 3, 1, tzinfo=UTC)
    made = [letter_to(hus, me, opprettet=at + timedelta(minutes=k // 2)) for k in range(n)]
    boks = inbox.of_person(me, 3)
    first = inbox.letters(boks, inbox.Utvalg())
    rest = inbox.letters(boks, inbox.Utvalg(), after=first[-1].id)
    seen = [brev.id for brev in (*first, *rest)]
    assert (len(first), len(rest), len(set(seen))) == (inbox.PAGE, 3, n)
    assert set(seen) == set(made)
    assert [b.sendt for b in (*first, *rest)] == sorted((b.sendt for b in (*first, *rest)), reverse=True)
    page = citizen(app, me).get("/minside/post").text
    assert f"/minside/post?etter={first[-1].id}" in page
    assert inbox.letters(boks, inbox.Utvalg(), after=letter_to(hus, new_fnr())) == first


def test_the_list_can_be_narrowed_to_a_year_and_a_sender(app: Flask, hus: Hus) -> None:
    me, other = new_fnr(), make_hus("Fjordvik kommune")
    new_year = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
    letter_to(hus, me, opprettet=new_year, **titled(me, "Nyttår"))
    letter_to(other, me, opprettet=new_year - timedelta(days=1), **titled(me, "Romjul"))
    browser = citizen(app, me)
    assert ("Nyttår" in list_of(browser, "?aar=2026"), "Romjul" in list_of(browser, "?aar=2026")) == (
        True,
        False,
    )
    by_sender = list_of(browser, f"?avsender={other.organisasjon_id}&aar=")
    assert ("Nyttår" in by_sender, "Romjul" in by_sender) == (False, True)
    assert NB["POST_INGEN_TREFF_TITTEL"] in list_of(browser, "?aar=2020")
    assert "Nyttår" in list_of(browser, "?aar=99999&avsender=x&etter=y")


def test_what_happens_to_an_unread_letter_is_told_in_plain_words(app: Flask, hus: Hus) -> None:
    deadline = datetime(2026, 11, 27, 14, tzinfo=UTC)
    me = new_fnr()
    letter_to(hus, me, lesefrist=deadline)
    assert "Leser du ikke brevet innen 27.11.2026 kl. 15.00, kommer det i posten." in list_of(
        citizen(app, me)
    )
    for never in ({"kun_digital": True}, {"uten_adresse": True}, {"lesefrist_utlopt": deadline}):
        other = new_fnr()
        letter_to(hus, other, lesefrist=deadline, **never)
        assert "kommer det i posten" not in list_of(citizen(app, other))
    printed = new_fnr()
    letter_to(hus, printed, status=Status.SENDT_PRINT)
    assert NB["POST_PAPIR"] in list_of(citizen(app, printed))


# Higher level


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
    answer = citizen(app, me).get(f"/minside/post/{high}")
    assert answer.location == f"/innlogging/start?neste=/minside/post/{high}&nivaa=4"
    assert acts_on(high) == []
    assert citizen(app, new_fnr()).get(f"/minside/post/{high}").status_code == 404
    assert HIDDEN in citizen(app, me, acr=4).get(f"/minside/post/{high}").text


# One letter


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
    lifecycle.mark_read_externally(
        made, fnr=me, tidspunkt=datetime.now(UTC), systemnavn="Websak", actor=HOUSE
    )
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
    link = Lenkevisning.of(Brevlenke(url, "Trykk", ""))
    assert (link.url, link.vert) == (url if shown else "", host)


def test_a_letter_that_may_be_answered_says_that_answering_comes_with_edialog(app: Flask, hus: Hus) -> None:
    me = new_fnr()
    answers = Svaradresse(ADDRESS, new_orgnr())
    made = letter_to(hus, me, **titled(me, kan_svares=True, svar_sendes_til=answers))
    page = citizen(app, me).get(f"/minside/post/{made}").text
    assert NB["POST_SVAR_SENERE"] in text_of(page)
    assert "edialog" not in page.replace(NB["POST_SVAR_SENERE"], "").lower()


def test_another_citizens_letter_is_as_one_that_is_not_there(app: Flask, hus: Hus) -> None:
    made = letter_to(hus, new_fnr())
    browser = citizen(app, new_fnr(), acr=4)
    assert browser.get(f"/minside/post/{made}").status_code == 404
    assert browser.get(f"/minside/post/{uuid4()}").status_code == 404
    assert acts_on(made) == []


# Deleted


def test_sv12_34_what_has_been_deleted_is_told_in_plain_words_and_is_gone(app: Flask, hus: Hus) -> None:
    me = new_fnr()
    made = letter_to(hus, me, **titled(me))
    lifecycle.delete_documents(made, alt=Slettetype.ALLE, actor=HOUSE)
    browser = citizen(app, me)
    assert NB["POST_TOM_TITTEL"] in list_of(browser)
    for page in (f"/minside/post/{made}", f"/forsendelse/{made}/1"):
        answer = browser.get(page)
        assert (answer.status_code, NB["POST_BORTE"] in text_of(answer.text)) == (410, True)
        assert TITLE not in answer.text
        assert citizen(app, new_fnr()).get(page).status_code == 404


# Exposed


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


# On behalf of an organisation


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
    assert browser.get(f"/minside/post/{theirs}").status_code == 404
    post(browser, "/minside/velg", "/minside/velg", orgnr=orgnr)
    assert ("privat" in list_of(browser), "firma" in list_of(browser)) == (False, True)
    assert browser.get(f"/minside/post/{own}").status_code == 404


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
    _forget_what_altinn_said()
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
    _forget_what_altinn_said()
    altinn.feil = ProvIgjen("IKKE_NAADD")
    own = citizen(app, me)
    assert TITLE in list_of(own)
    assert own.get(f"/minside/post/{mine}").status_code == 200
    assert own.get(f"/forsendelse/{mine}/1").status_code == 200
    for page in ("/minside", "/minside/post", f"/minside/post/{theirs}", f"/forsendelse/{theirs}/1"):
        answer = acting.get(page)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
        assert "Du kan ikke representere en virksomhet nå" in text_of(answer.text)


def test_the_list_is_found_by_index_and_never_by_reading_every_letter() -> None:
    with transaction() as tx:
        tx.execute(text("SET LOCAL enable_seqscan = off"))
        query = inbox.letter_rows().where(*inbox.theirs(inbox.of_person(new_fnr(), 4)))
        compiled = query.compile(tx.get_bind(), compile_kwargs={"render_postcompile": True})
        plan = "\n".join(
            row[0] for row in tx.connection().exec_driver_sql(f"EXPLAIN {compiled}", compiled.params).all()
        )
    assert "ix_forsendelse_mottaker_indeks" in plan
    assert "ix_eksponering_indeks" in plan
    assert "Seq Scan on forsendelse" not in plan


def _forget_what_altinn_said() -> None:
    """As if fifteen minutes had gone by."""
    with transaction() as tx:
        tx.execute(update(Sesjon).values(parter_hentet=None))
