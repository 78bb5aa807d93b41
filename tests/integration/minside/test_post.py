"""«Post fra kommunen»: who sees which letters, in what order, and what is told of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, literal, text

from fiks.core.db import session, transaction
from fiks.core.values.address import Adresse
from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon.konto.models import Kontooppsett
from fiks.konfigurasjon.person.representation import SVARUT
from fiks.svarut.inbox import queries, row
from fiks.svarut.models import Forsendelse
from fiks.svarut.mottak import Innsending, Svaradresse
from fiks.svarut.rules import Opphav, Status
from fiks.svarut.sender import actions
from portal.texts.minside.inbox import NB, NN
from tests.integration.databases import Database, plan_of
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr, new_orgnr
from tests.integration.minside.letters import (
    TITLE,
    WAY,
    copies_of,
    copy_letter,
    handed_over,
    letter_to,
    list_of,
    status_of,
    titled,
)
from tests.integration.utsending.browser import citizen, text_of
from tests.submissions import submission


def test_both_languages_hold_the_same_sentences_and_the_same_values() -> None:
    assert NB.keys() == NN.keys()
    assert [k for k in NB if NB[k].count("{") != NN[k].count("{")] == []


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
    shown = [brev.id for brev in queries.list_letters(queries.postboks_of_person(me, 4), queries.Utvalg())]
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


def test_a_letter_that_is_closed_after_its_hand_over_stays_with_its_receiver(app: Flask, hus: Hus) -> None:
    me = new_fnr()
    made = handed_over(hus, me, **titled(me))
    browser = citizen(app, me)
    actions.set_manually_handled(made, actor=HOUSE)
    assert status_of(made) is Status.MANUELT_HANDTERT
    assert TITLE in list_of(browser, "?uleste=ja")
    assert NB["POST_IKKE_LEST"] in text_of(browser.get(f"/minside/post/{made}").text)
    assert browser.get(f"/forsendelse/{made}/1").data
    assert status_of(made) is Status.MANUELT_HANDTERT
    assert NB["POST_INGEN_TREFF_TITTEL"] in list_of(browser, "?uleste=ja")
    assert "Du leste brevet første gang" in text_of(browser.get(f"/minside/post/{made}").text)
    assert NB["POST_ULESTE_INGEN"] in text_of(browser.get("/minside").text)


def test_more_unread_letters_than_are_counted_are_told_as_more(app: Flask, hus: Hus) -> None:
    me = new_fnr()
    copy_letter(letter_to(hus, me), queries.MOST_COUNTED)
    browser = citizen(app, me)
    assert "Du har flere enn 1 000 uleste brev." in text_of(browser.get("/minside").text)
    copy_letter(letter_to(hus, me, sikkerhetsniva="HOYESTE"), queries.MOST_COUNTED)
    assert "Flere enn 1 000 brev krever høyere sikkerhet" in list_of(browser)


def test_of_many_letters_the_years_and_the_senders_of_the_chosen_year_can_be_chosen(
    app: Flask, hus: Hus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SENDERS_OF", 1)
    me, older = new_fnr(), make_hus("Østvik kommune")
    letter_to(hus, me, opprettet=datetime(2026, 3, 1, tzinfo=UTC))
    letter_to(older, me, opprettet=datetime(2024, 12, 31, 23, 30, tzinfo=UTC))
    letter_to(older, me, opprettet=datetime(2022, 5, 1, tzinfo=UTC))
    boks, everything = queries.postboks_of_person(me, 4), queries.Utvalg()
    assert queries.filter_choices(boks, everything).aar == (2026, 2025, 2022)
    assert [name for _, name in queries.filter_choices(boks, everything).avsendere] == ["Lillevik kommune"]
    for narrowed in (queries.Utvalg(aar=2022), queries.Utvalg(avsender=older.organisasjon_id)):
        names = [name for _, name in queries.filter_choices(boks, narrowed).avsendere]
        assert names == ["Lillevik kommune", "Østvik kommune"]


def test_the_newest_letter_is_first_and_pages_hold_every_letter_once(app: Flask, hus: Hus) -> None:
    me, n = new_fnr(), queries.PAGE + 3
    at = datetime(2026, 3, 1, tzinfo=UTC)
    made = [letter_to(hus, me, opprettet=at + timedelta(minutes=k // 2)) for k in range(n)]
    boks = queries.postboks_of_person(me, 3)
    first = queries.list_letters(boks, queries.Utvalg())
    rest = queries.list_letters(boks, queries.Utvalg(), after=first[-1].id)
    seen = [brev.id for brev in (*first, *rest)]
    assert (len(first), len(rest), len(set(seen))) == (queries.PAGE, 3, n)
    assert set(seen) == set(made)
    assert [b.dato for b in (*first, *rest)] == sorted((b.dato for b in (*first, *rest)), reverse=True)
    page = citizen(app, me).get("/minside/post").text
    assert f"/minside/post?etter={first[-1].id}" in page
    assert queries.list_letters(boks, queries.Utvalg(), after=letter_to(hus, new_fnr())) == first


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
    assert "Nyttår" in list_of(browser, "?aar=9999&avsender=x&etter=y")


def left(at: datetime, kanal: str = "ALTINN") -> dict[str, Any]:
    """What a letter that was handed over then has."""
    return {"overlevert": at, "kanal": kanal}


def test_a_letter_has_the_date_and_the_year_that_it_left_in_and_the_place_that_it_came_in_with(
    app: Flask, hus: Hus
) -> None:
    me, eve = new_fnr(), datetime(2025, 12, 31, 23, 30, tzinfo=OSLO)
    letter_to(hus, me, opprettet=eve, **left(eve + timedelta(days=2)), **titled(me, "Nyttår"))
    newest = eve + timedelta(minutes=1)
    letter_to(hus, me, opprettet=newest, **left(newest), **titled(me, "Gammelt år"))
    browser, boks = citizen(app, me), queries.postboks_of_person(me, 4)

    assert queries.filter_choices(boks, queries.Utvalg()).aar == (2026, 2025)
    for year, its, other in ((2026, "Nyttår", "Gammelt år"), (2025, "Gammelt år", "Nyttår")):
        page = list_of(browser, f"?aar={year}")
        assert (its in page, other in page) == (True, False)
    assert "Sendt 02.01.2026" in list_of(browser, "?aar=2026")
    assert [one.tittel for one in queries.list_letters(boks, queries.Utvalg())] == ["Gammelt år", "Nyttår"]


def test_a_letter_says_sent_only_when_it_has_left_and_what_a_citizen_wrote_says_that_it_came(
    app: Flask, hus: Hus
) -> None:
    me, made, gone = new_fnr(), datetime(2026, 2, 28, 23, 59, tzinfo=OSLO), datetime(2026, 3, 3, tzinfo=OSLO)
    paper = Status.SENDT_PRINT
    unposted = letter_to(hus, me, status=paper, opprettet=made, **left(gone, "PRINT"))
    posted = letter_to(hus, me, status=Status.PRINTET, opprettet=made, **left(gone, "PRINT"))
    browser = citizen(app, me)
    for letter_id, said in ((unposted, "Laget 28.02.2026"), (posted, "Sendt 03.03.2026")):
        assert said in text_of(browser.get(f"/minside/post/{letter_id}").text)

    orgnr = new_orgnr()
    letter_to(hus, orgnr, said=written_to(orgnr), opprettet=made, **left(gone))
    box = queries.postboks_of_organisation(orgnr, frozenset({SVARUT}), 4)
    assert [(one.datert, one.dato) for one in queries.list_letters(box, queries.Utvalg())] == [
        ("MOTTATT", gone)
    ]


def written_to(orgnr: str) -> Innsending:
    """What Kari sends with eDialog."""
    kari = Svaradresse(Adresse("Kari Fjellstad", postnr="4262", poststed="AVALDSNES"), new_fnr())
    return submission(digital_id=orgnr, opphav=Opphav.EDIALOG, svar_sendes_til=kari)


def test_what_somebody_has_written_with_edialog_is_from_them_and_not_from_who_pays(hus: Hus) -> None:
    orgnr = new_orgnr()
    made = letter_to(hus, orgnr, said=written_to(orgnr))
    ordinary = letter_to(hus, orgnr)
    box, of_hus = (
        queries.postboks_of_organisation(orgnr, frozenset({SVARUT}), 4),
        queries.Utvalg(avsender=hus.organisasjon_id),
    )
    assert {one.id: one.avsender for one in queries.list_letters(box, queries.Utvalg())} == {
        made: "Kari Fjellstad",
        ordinary: "Lillevik kommune",
    }
    assert [one.id for one in queries.list_letters(box, of_hus)] == [ordinary]
    with transaction() as tx:
        tx.get_one(Forsendelse, made).innhold_kryptert = b"skadet"
    assert [one.avsender for one in queries.list_letters(box, queries.Utvalg()) if one.id == made] == [""]


def test_only_organisations_that_have_written_can_be_asked_for(hus: Hus) -> None:
    orgnr = new_orgnr()
    letter_to(hus, orgnr, said=written_to(orgnr))
    box = queries.postboks_of_organisation(orgnr, frozenset({SVARUT}), 4)
    assert queries.filter_choices(box, queries.Utvalg()).avsendere == ()


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
    for status, said in ((Status.SENDT_PRINT, "POST_TIL_PAPIR"), (Status.PRINTET, "POST_PAPIR")):
        on_paper = new_fnr()
        letter_id = letter_to(hus, on_paper, status=status)
        client = citizen(app, on_paper)
        for page in (list_of(client), text_of(client.get(f"/minside/post/{letter_id}").text)):
            assert [code for code in ("POST_TIL_PAPIR", "POST_PAPIR") if NB[code] in page] == [said]


def test_the_list_is_found_by_index_and_never_by_reading_every_letter(hus: Hus) -> None:
    others = copies_of(
        letter_to(hus, new_fnr()), 5_000, mottaker_indeks=func.uuid_send(func.gen_random_uuid())
    )
    try:
        session().execute(others)
        me = queries.postboks_of_person(new_fnr(), 4)
        wanted = queries.Utvalg(), queries.Utvalg(aar=2026)
        plans = [plan_of(queries.page_query(me, one, None, queries.PAGE)) for one in wanted]
    finally:
        session().rollback()
    for plan in plans:
        assert "ix_forsendelse_innboks" in plan
        assert "ix_eksponering_indeks" in plan
        assert "Seq Scan on forsendelse" not in plan


def test_what_left_in_a_year_is_looked_for_among_few_of_the_letters_of_the_year_before(
    hus: Hus, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SENDERS_OF", 10)
    monkeypatch.setattr(row, "MOST_LATE", 10)
    me, old = new_fnr(), datetime(2025, 6, 1, tzinfo=OSLO)
    letter = letter_to(hus, me, opprettet=old, **left(old))
    earlier = literal(old) + func.random() * timedelta(days=100)
    with transaction() as tx:
        tx.execute(copies_of(letter, 2_000, opprettet=earlier, overlevert=earlier))
    with database.owner() as owner:
        owner.execute("VACUUM ANALYZE forsendelse")

    boks, year = queries.postboks_of_person(me, 4), queries.Utvalg(aar=2026)
    before = letters_read()
    assert queries.list_letters(boks, year) == []
    assert queries.filter_choices(boks, year).aar == (2025,)
    assert letters_read() - before < 100


def test_of_the_year_before_only_the_newest_letters_are_of_the_year_that_they_left_in(
    hus: Hus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row, "MOST_LATE", 1)
    me, eve, gone = new_fnr(), datetime(2025, 12, 31, tzinfo=OSLO), datetime(2026, 1, 2, tzinfo=OSLO)
    _, newest = (letter_to(hus, me, opprettet=eve + timedelta(hours=n), **left(gone)) for n in range(2))
    shown = queries.list_letters(queries.postboks_of_person(me, 4), queries.Utvalg(aar=2026))
    assert [one.id for one in shown] == [newest]


def letters_read() -> int:
    """How many rows of letters the present transaction has read, but for what their indexes say."""
    read = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'forsendelse'"
    return int(session().execute(text(read)).scalar_one())
