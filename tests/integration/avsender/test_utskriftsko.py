"""«Utskriftskø»: letters that a konto prints itself are seen, opened and marked as posted, by those who may send."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from flask import Flask, url_for
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import ProvIgjen
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.models import Konto
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.service import create_konto
from fiks.print.rules import Trykksak
from fiks.registeroppslag.rules import Adressebeskyttelse
from fiks.svarut.delivery.address_protection import Noytralt
from fiks.svarut.delivery.print_ordering import record_print
from fiks.svarut.letters import load_letters
from fiks.svarut.lifecycle import print_order
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.paper.manual_queue import PAGE
from fiks.svarut.rules import Kanal, Kanalvalg, Status
from fiks.svarut.sender import actions
from fiks.svarut.transitions import Claim
from portal.session.return_path import own_path
from portal.utskrift import routes
from tests.doubles import tiny_pdf
from tests.integration.avsender.senders import browser_of, make_ansatt, put
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr
from tests.integration.print.orders import orders_of
from tests.integration.svarut.letters import letter, make_letter
from tests.integration.utsending.browser import Browser, post, text_of
from tests.integration.worlds import FakeRegister
from tests.pagecheck import faults

MOST_IN_FIRST_LINE = 4_094
"""What gunicorn takes, and we do not change (`limit_request_line`)."""
CONTENT = tiny_pdf(["et brev på papir"])


@pytest.fixture
def hus() -> Hus:
    made = make_hus()
    with transaction() as tx:
        tx.execute(update(Konto).where(Konto.id == made.konto_id).values(printleverandor="MANUELL_PRINT"))
    return made


def queued(hus: Hus, giroark: tuple[int, ...] = (), number: str = "") -> UUID:
    """A letter that waits to be printed by hand."""
    made = make_letter(hus, number)
    brev = load_letters([made])[made]
    lagret = current().store.put_document([CONTENT], current().keys)
    with transaction() as tx:
        row = tx.scalars(select(Levering).where(Levering.forsendelse_id == made)).one()
        row.status, row.eier, row.forsok = "SENDER", 1, 1
        claim = Claim(row.id, made, 1, 1)
    sak = Trykksak(CONTENT, 1, giroark)
    order = print_order.order_of(claim.levering_id, brev, "MANUELL_PRINT", sak, lagret)
    record_print(claim, Kanalvalg(Kanal.PRINT, "5", "UTEN_ID"), order)
    assert orders_of(made) == [("MANUELL_PRINT", "MOTTATT")]
    session().rollback()
    return made


def printer(app: Flask, hus: Hus, *rights: P) -> Browser:
    return browser_of(app, hus, make_ansatt(hus, *(rights or (P.SENDE, P.LESE))))


def mark(browser: Browser, *ids: object) -> TestResponse:
    """Say that these have been posted, opened or not, as the form of the question would."""
    return confirm(browser, *ids, uapnet="ja")


def confirm(browser: Browser, *ids: object, **more: str) -> TestResponse:
    """Send the form of the question as it is, with `more` in it."""
    chosen = [str(one) for one in ids]
    return post(browser, "/print", where_sent(browser, *ids), id=chosen, **more)  # type: ignore[arg-type]


def where_sent(browser: Browser, *ids: object) -> str:
    """Where a browser sends the form of the question about these: to the page's own address when it does not say."""
    page = "/print/lagt-i-posten?" + "&".join(f"id={one}" for one in ids)
    form = re.search(r'<form method="post"([^>]*) class="panel', browser.get(page).text)
    said = re.search(r'action="([^"]*)"', form.group(1)) if form else None
    return said.group(1) if said else page


def test_the_queue_shows_what_waits_and_a_letter_is_opened_audited(app: Flask, hus: Hus) -> None:
    made, browser = queued(hus), printer(app, hus)
    page = browser.get("/print")
    assert page.status_code == 200
    assert "1 brev fra Eiendomsskatt venter på utskrift." in text_of(page.text) and "Skatteseddel" in text_of(
        page.text
    )
    assert "Til Kari Fjellstad" in text_of(page.text)
    assert faults(page.text) == []
    pdf = browser.get(f"/print/{made}/brev.pdf")
    assert (pdf.mimetype, pdf.data) == ("application/pdf", CONTENT)
    assert pdf.headers["Cache-Control"] == "no-store"
    session().rollback()
    rows = select(Audit.handling).where(Audit.objekt_id == str(made))
    assert session().scalars(rows).all() == ["BREV_LASTET_NED_FOR_PRINT"]


def test_what_was_written_with_edialog_stands_in_the_queue_without_its_title(app: Flask, hus: Hus) -> None:
    made = queued(hus)
    put(made, opphav="EDIALOG", tittel="Bekymring for sønnen min")
    first, second = printer(app, hus), printer(app, hus)
    pages = [first.get("/print"), first.get("/print/lagt-i-posten", query_string={"id": str(made)})]
    assert first.get(f"/print/{made}/brev.pdf").status_code == 200
    pages.append(second.get(f"/print/{made}/brev.pdf"))
    assert [page.status_code for page in pages] == [200, 200, 409]
    assert all("Henvendelse fra eDialog" in page.text for page in pages)
    assert not any("Bekymring" in page.text for page in pages)


def test_sv12_46_who_prints_by_hand_is_told_which_pages_go_on_giro_paper(app: Flask, hus: Hus) -> None:
    browser = printer(app, hus)
    queued(hus)
    assert "Giroark" not in text_of(browser.get("/print").text)
    queued(hus, giroark=(1, 3))
    page = browser.get("/print").text
    assert "Giroark: side 1, 3" in text_of(page) and faults(page) == []


def test_what_has_been_posted_is_asked_about_marked_once_and_leaves_the_queue(app: Flask, hus: Hus) -> None:
    first, second, browser = queued(hus), queued(hus), printer(app, hus)
    asked = browser.get(f"/print/lagt-i-posten?id={first}&id={second}")
    assert "Er alle 2 brevene skrevet ut og lagt i posten?" in text_of(asked.text)
    assert faults(asked.text) == []
    assert letter(first).status == Status.SENDT_PRINT, "nothing is done by asking"
    for said in ("2 brev er merket som lagt i posten", "Brevene var alt merket som lagt i posten."):
        answer = mark(browser, first, second)
        assert answer.status_code == 303
        assert said in text_of(browser.get("/print").text)
    session().rollback()
    assert [letter(one).status for one in (first, second)] == [Status.PRINTET] * 2
    assert orders_of(first) == [("MANUELL_PRINT", "POSTLAGT")]
    assert "Ingen brev venter på utskrift" in text_of(browser.get("/print").text)


def test_the_question_names_the_letters_and_what_nobody_has_opened_is_confirmed_by_itself(
    app: Flask, hus: Hus
) -> None:
    printed, forgotten, browser = queued(hus), queued(hus), printer(app, hus)
    browser.get(f"/print/{printed}/brev.pdf")
    asked = browser.get(f"/print/lagt-i-posten?id={printed}&id={forgotten}").text
    assert text_of(asked).count("Skatteseddel, til Kari Fjellstad") == 2
    assert text_of(asked).count("Ikke åpnet") == 1 and 'id="uapnet"' in asked
    refused = confirm(browser, printed, forgotten)
    assert refused.status_code == 422 and faults(refused.text) == []
    assert "kryss av for at det likevel er lagt i posten" in text_of(refused.text)
    assert [letter(one).status for one in (printed, forgotten)] == [Status.SENDT_PRINT] * 2
    assert 'id="uapnet"' not in browser.get(f"/print/lagt-i-posten?id={printed}").text
    assert confirm(browser, printed).status_code == 303
    assert "Brevet er merket som lagt i posten." in text_of(browser.get("/print").text)
    assert "1 brev du valgte, ligger ikke lenger i køen" in text_of(
        browser.get(f"/print/lagt-i-posten?id={printed}&id={forgotten}").text
    )
    assert browser.get(f"/print/lagt-i-posten?id={printed}").status_code == 303
    assert "Det du valgte, ligger ikke lenger i køen." in text_of(browser.get("/print").text)


def test_what_the_question_said_is_not_with_it_is_not_marked_with_the_rest(app: Flask, hus: Hus) -> None:
    printed, closed, browser = queued(hus), queued(hus), printer(app, hus)
    for one in (printed, closed):
        browser.get(f"/print/{one}/brev.pdf")
    actions.set_manually_handled(closed, actor=HOUSE)
    session().rollback()
    asked = browser.get(f"/print/lagt-i-posten?id={printed}&id={closed}").text
    assert "1 brev du valgte, ligger ikke lenger i køen og er ikke med her." in text_of(asked)
    named = re.findall(r'name="id" value="([^"]+)"', asked)
    assert named == [str(printed)]
    assert post(browser, "/print", where_sent(browser, printed, closed), id=named).status_code == 303  # type: ignore[arg-type]
    assert "Brevet er merket som lagt i posten." in text_of(browser.get("/print").text)
    session().rollback()
    assert (letter(printed).status, letter(closed).status) == (Status.PRINTET, Status.MANUELT_HANDTERT)


def test_a_full_page_of_ticks_is_there_still_after_a_login(app: Flask, hus: Hus) -> None:
    with app.test_request_context():
        ids = [str(uuid4()) for _ in range(PAGE)]
        page = url_for("utskrift.postlagt", konto=hus.konto_id, id=ids)
    answer = app.test_client().get(page)
    assert answer.status_code == 302
    [back] = parse_qs(urlsplit(answer.location).query)["neste"]
    assert own_path(back) == page
    assert len(f"GET {answer.location} HTTP/1.1") < MOST_IN_FIRST_LINE


def test_a_letter_that_has_left_the_queue_is_neither_opened_nor_marked(app: Flask, hus: Hus) -> None:
    made, browser = queued(hus), printer(app, hus)
    actions.set_manually_handled(made, actor=HOUSE)
    session().rollback()
    assert orders_of(made) == [("MANUELL_PRINT", "AVBESTILT")]
    assert browser.get(f"/print/{made}/brev.pdf").status_code == 303
    assert "ligger ikke lenger i køen" in text_of(browser.get("/print").text)
    mark(browser, made)
    told = "lest, avsluttet eller slettet, eller tatt ut av køen: «Skatteseddel» til Kari Fjellstad."
    assert told in text_of(browser.get("/print").text)
    session().rollback()
    assert letter(made).status == Status.MANUELT_HANDTERT


def test_who_opens_a_letter_that_may_not_be_printed_any_more_or_of_which_nobody_can_say_is_told_so(
    app: Flask, hus: Hus, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = FakeRegister(nede=ProvIgjen("HTTP_503"))
    monkeypatch.setitem(app.extensions, "fiks_register", register)
    number = register.add_person(new_fnr(), beskyttelse=Adressebeskyttelse.STRENGT_FORTROLIG)
    made, browser = queued(hus, number=number), printer(app, hus)
    where = f"/print?konto={hus.konto_id}"
    for said, left in (("Det ligger fortsatt i køen. Prøv igjen", 1), ("og er tatt ut av køen", 0)):
        answer = browser.get(f"/print/{made}/brev.pdf?konto={hus.konto_id}")
        assert (answer.status_code, answer.location) == (303, where)
        page = browser.get(where).text
        assert said in text_of(page) and page.count(f"/print/{made}/brev.pdf") == left
        assert not re.search("fortrolig|kode 6|gradert", page, re.IGNORECASE)
        register.nede = None
    assert browser.get(f"/print/{made}/brev.pdf").status_code == 303
    assert "ligger ikke lenger i køen" in text_of(browser.get("/print").text)
    assert "Tatt ut av køen" not in text_of(browser.get(f"/forsendelser/{made}").text), (
        "that is for SE_SPERRET"
    )


def test_what_was_posted_before_it_was_taken_from_the_queue_is_found_there_and_marked(
    app: Flask, hus: Hus, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = FakeRegister()
    monkeypatch.setitem(app.extensions, "fiks_register", register)
    number = register.add_person(new_fnr())
    made, other = queued(hus, number=number), queued(hus)
    first, second = printer(app, hus), printer(app, hus)
    assert first.get(f"/print/{made}/brev.pdf").status_code == 200
    assert "Tatt ut av køen etter" not in first.get("/print").text
    register.add_person(number, beskyttelse=Adressebeskyttelse.STRENGT_FORTROLIG)
    assert second.get(f"/print/{made}/brev.pdf").status_code == 303
    page = second.get("/print").text
    assert re.search("åpnet det for utskrift .*: spør om det alt er lagt i posten", text_of(page))
    assert str(made) not in page, "which it was is told to nobody who had not opened it"
    page = first.get("/print").text
    assert "Tatt ut av køen etter at du åpnet dem" in text_of(page) and faults(page) == []
    assert f"/print/{made}/brev.pdf" not in page and f'value="{made}"' in page
    assert not re.search("fortrolig|kode 6|gradert", page, re.IGNORECASE)
    assert str(made) not in second.get(f"/print/lagt-i-posten?id={made}&id={other}").text
    asked = first.get(f"/print/lagt-i-posten?id={made}&id={other}").text
    assert "1 brev er tatt ut av køen, men var åpnet før det" in text_of(asked) and faults(asked) == []
    assert mark(first, made, other).status_code == 303
    page = first.get("/print").text
    assert "2 brev er merket som lagt i posten" in text_of(page) and str(made) not in page
    session().rollback()
    assert letter(made).status == Status.PRINTET
    where = f"/forsendelser/{made}"
    assert f"{where}/retur" in first.get(where).text
    assert post(first, f"{where}/slett", f"{where}/retur").status_code == 303
    assert "Det er registrert at brevet kom i retur." in text_of(first.get(where).text)


def test_who_opens_a_letter_of_which_the_register_says_nothing_is_told_whom_to_ask_about_which(
    app: Flask, hus: Hus, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = FakeRegister(nede=ProvIgjen("UFORSTAAELIG_SVAR"))
    monkeypatch.setitem(app.extensions, "fiks_register", register)
    made, browser = queued(hus, number=register.add_person(new_fnr())), printer(app, hus)
    assert browser.get(f"/print/{made}/brev.pdf").status_code == 303
    assert f"kontakt brukerstøtte og oppgi brevets id: {made}" in text_of(browser.get("/print").text)


def test_to_ask_for_the_headers_of_a_letter_neither_opens_it_nor_takes_it_from_the_queue(
    app: Flask, hus: Hus, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = FakeRegister()
    monkeypatch.setitem(app.extensions, "fiks_register", register)
    number = register.add_person(new_fnr(), beskyttelse=Adressebeskyttelse.STRENGT_FORTROLIG)
    made, browser = queued(hus, number=number), printer(app, hus)
    answer = browser.head(f"/print/{made}/brev.pdf")
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "application/pdf", b"")
    assert answer.headers["Cache-Control"] == "no-store"
    assert (register.spurt, orders_of(made)) == ([], [("MANUELL_PRINT", "MOTTATT")])
    assert session().scalars(select(Audit.handling).where(Audit.objekt_id == str(made))).all() == []
    session().rollback()
    actions.set_manually_handled(made, actor=HOUSE)
    session().rollback()
    assert browser.head(f"/print/{made}/brev.pdf").status_code == 404


def test_a_letter_that_is_renamed_when_its_receiver_is_looked_up_is_shown_by_its_new_name(
    app: Flask, hus: Hus, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = FakeRegister()
    monkeypatch.setitem(app.extensions, "fiks_register", register)
    # What masks a row is not what this is about; the letter is of none here.
    monkeypatch.setattr(routes, "mask_row", lambda *_: Noytralt("Brev fra kommunen", {}))
    number = register.add_person(new_fnr())
    made = queued(hus, number=number)
    put(made, utsending_id=uuid4(), radnr=1)
    assert printer(app, hus).get(f"/print/{made}/brev.pdf").status_code == 200
    register.add_person(number, beskyttelse=Adressebeskyttelse.FORTROLIG)
    page = printer(app, hus).get(f"/print/{made}/brev.pdf")
    assert page.status_code == 409
    assert "Brev fra kommunen" in text_of(page.text) and "Skatteseddel" not in page.text


def test_nothing_chosen_is_said_and_changes_nothing(app: Flask, hus: Hus) -> None:
    made, browser = queued(hus), printer(app, hus)
    for wrong in ([], ["rot"]):
        assert mark(browser, *wrong).status_code == 303
        assert "Velg minst ett brev" in text_of(browser.get("/print").text)
    session().rollback()
    assert letter(made).status == Status.SENDT_PRINT


def test_who_may_not_send_gets_neither_queue_nor_letter_and_a_stranger_not_even_that_it_is_there(
    app: Flask, hus: Hus
) -> None:
    made = queued(hus)
    reader = printer(app, hus, P.LESE)
    assert [reader.get(path).status_code for path in ("/print", f"/print/{made}/brev.pdf")] == [403, 403]
    other = make_hus("Annevik kommune")
    stranger = printer(app, other)
    assert stranger.get(f"/print/{made}/brev.pdf").status_code == 404
    assert str(made) not in stranger.get("/print").text
    assert stranger.get(f"/print/lagt-i-posten?id={made}").status_code == 303
    mark(stranger, made)
    session().rollback()
    assert session().scalars(select(Forsendelse.status).where(Forsendelse.id == made)).one() == "SENDT_PRINT"


def test_a_letter_that_came_back_is_registered_once_from_its_own_page(app: Flask, hus: Hus) -> None:
    made, browser = queued(hus), printer(app, hus)
    where = f"/forsendelser/{made}"
    assert f"{where}/retur" not in browser.get(where).text
    assert browser.get(f"{where}/retur").status_code == 303
    assert "Bare brev dere selv har lagt i posten" in text_of(browser.get(where).text)
    mark(browser, made)
    assert f"{where}/retur" in browser.get(where).text
    asked = browser.get(f"{where}/retur")
    assert "Har brevet kommet i retur?" in text_of(asked.text) and faults(asked.text) == []
    assert orders_of(made) == [("MANUELL_PRINT", "POSTLAGT")], "nothing is done by asking"
    for said in ("Det er registrert at brevet kom i retur.", "og bare én gang"):
        assert post(browser, f"{where}/slett", f"{where}/retur").status_code == 303
        page = browser.get(where).text
        assert said in text_of(page)
    assert "Brevet kom i retur fra mottakeren" in text_of(page) and f"{where}/retur" not in page
    session().rollback()
    assert (letter(made).status, orders_of(made)) == (Status.PRINTET, [("MANUELL_PRINT", "RETUR")])


def test_only_kontoer_with_a_queue_are_offered_and_who_has_none_is_told_so(app: Flask, hus: Hus) -> None:
    other = create_konto(
        hus.organisasjon_id, visningsnavn="Ved trykkeriet", avsender=f"{uuid4()}", actor=HOUSE
    )
    third = create_konto(hus.organisasjon_id, visningsnavn="Barnevern", avsender=f"{uuid4()}", actor=HOUSE)
    with transaction() as tx:
        tx.execute(update(Konto).where(Konto.id == third).values(printleverandor="MANUELL_PRINT"))
    queued(hus)
    person = make_ansatt(hus, P.SENDE)
    for one in (other, third):
        konfigurasjon.grant_privilegium(person.aktor.person_id, P.SENDE, one, actor=HOUSE)
    page = browser_of(app, hus, person).get("/print").text
    assert "Eiendomsskatt (1 venter)" in text_of(page) and "Barnevern (0 venter)" in text_of(page)
    assert "Ved trykkeriet" not in text_of(page)
    without = make_hus("Annevik kommune")
    assert "Ingen brev venter" in text_of(printer(app, without).get("/print").text)
