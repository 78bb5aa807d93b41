"""Pages of a mailing on its way, and of the administration: well made, right numbers, nothing for strangers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, update

from fiks.core.db import session, transaction
from fiks.core.errors import ProvIgjen
from fiks.core.queue.owner_lock import Owner
from fiks.core.values.calendar import OSLO
from fiks.svarut.delivery import circuit_breaker, wakeup
from fiks.svarut.models import Banestatus, Forsendelse, Levering
from fiks.svarut.rules import Kanal, Status
from fiks.svarut.sender import actions
from fiks.utsending.approval import service
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rules import Utsendingstatus, reference
from fiks.utsending.sending.stop_report import Gruppe
from portal.texts import tekst
from portal.texts.utsending.short_findings import SHORT
from tests.integration.databases import Database
from tests.integration.newer import widened
from tests.integration.utsending.browser import Browser, log_in, post, text_of
from tests.integration.utsending.kommuner import (
    Kommune,
    Mailing,
    Postkasser,
    feed,
    hand_over,
    make_kommune,
    make_mailing,
    release,
    send_all,
)
from tests.pagecheck import check_page

pytestmark = pytest.mark.usefixtures("house")
U = Utsendingstatus


def sending(owner: Owner) -> tuple[Kommune, Mailing, str]:
    """Five in mailboxes, three in Altinn, two on paper, one parked."""
    kommune = make_kommune()
    mailing = make_mailing(kommune, 10, parkert=1)
    numbers = list(mailing.fnr.values())
    send_all(kommune, mailing, owner, Postkasser(set(numbers[:5]), set(numbers[5:8])))
    return kommune, mailing, f"/utsendinger/{mailing.id}"


def failing(owner: Owner) -> tuple[Kommune, Mailing, str]:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2)
    world = Postkasser(set(mailing.fnr.values()), nede={Kanal.DPI: ProvIgjen("IKKE_NAADD")})
    release(kommune, mailing)
    feed(mailing)
    with transaction() as tx:
        tx.execute(update(Levering).where(Levering.utsending_id == mailing.id).values(forsok=20))
    hand_over(owner, world)
    return kommune, mailing, f"/utsendinger/{mailing.id}"


def test_the_page_of_a_mailing_on_its_way_adds_up(app: Flask, owner: Owner) -> None:
    kommune, _, address = sending(owner)
    page = log_in(app, kommune, "leser").get(address).text
    check_page(page)
    text = text_of(page)
    assert "11 rader i listen = 10 brev laget + 0 venter + 1 holdt utenfor ." in text
    assert "Digital postkasse 5 Altinn 3" in text
    assert "Papirpost 2 Må behandles 0" in text
    assert text.count("Sum, alle rader 11") == 2


def set_letters(mailing: Mailing, kanal: Kanal, **values: object) -> None:
    with transaction() as tx:
        of_channel = (Forsendelse.utsending_id == mailing.id, Forsendelse.kanal == kanal)
        tx.execute(update(Forsendelse).where(*of_channel).values(**values))


@pytest.mark.parametrize(
    "values",
    [
        {"status": Status.IKKE_LEVERT},
        {"status": Status.AVVIST},
        {"status": Status.FEILET_UNDER_MOTTAK},
        {"status": Status.MANUELT_HANDTERT, "overlevert": None},
        {"status": Status.SLETTET, "status_for_sletting": Status.IKKE_LEVERT},
    ],
)
def test_all_are_said_to_be_handed_over_only_when_all_are(
    app: Flask, owner: Owner, values: dict[str, object]
) -> None:
    kommune, mailing, address = sending(owner)
    client = log_in(app, kommune, "leser")
    assert "Alle brev er overlevert. Utsendingen er fullført når" in text_of(client.get(address).text)
    set_letters(mailing, Kanal.PRINT, **values)
    page = client.get(address).text
    check_page(page)
    assert "Alle brev er avgjort. 2 brev ble ikke levert. Utsendingen er fullført når" in text_of(page)
    assert "Alle brev er overlevert" not in page
    assert 'data-sier="Alle brev er avgjort."' in page, "what a screen reader is told"
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(status=U.FULLFORT))
    ended = text_of(client.get(address).text)
    assert "2 brev ble ikke levert." in ended
    assert "Utsendingen er fullført når" not in ended


@pytest.mark.parametrize(
    ("only_digitally", "then"), [(False, " og de som skal på papir, er skrevet ut"), (True, "")]
)
def test_when_it_will_be_done_is_told_as_it_will_be(
    app: Flask, owner: Owner, only_digitally: bool, then: str
) -> None:
    kommune, mailing, address = sending(owner)
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(kun_digital=only_digitally))
    done = "Utsendingen er fullført når brevene i Altinn er lest, eller lesefristen er ute"
    assert f"{done}{then}." in text_of(log_in(app, kommune, "leser").get(address).text)


def test_letters_that_are_closed_after_they_were_handed_over_are_not_said_to_be_undelivered(
    app: Flask, owner: Owner
) -> None:
    kommune, mailing, address = sending(owner)
    set_letters(mailing, Kanal.ALTINN, status=Status.MANUELT_HANDTERT)
    text = text_of(log_in(app, kommune, "leser").get(address).text)
    assert "Alle brev er overlevert." in text
    assert "ble ikke levert" not in text


def test_nothing_is_said_of_all_while_a_letter_waits_for_a_person(app: Flask, owner: Owner) -> None:
    kommune, mailing, address = sending(owner)
    set_letters(mailing, Kanal.DPI, status=Status.IKKE_LEVERT)
    with transaction() as tx:
        paper = (Levering.utsending_id == mailing.id, Levering.kanal == Kanal.PRINT)
        tx.execute(update(Levering).where(*paper).values(status="TIL_BEHANDLING"))
    text = text_of(log_in(app, kommune, "leser").get(address).text)
    assert "2 brev må behandles" in text
    assert "5 brev ble ikke levert." in text
    assert "Alle brev er" not in text
    assert "Utsendingen er fullført når" not in text


def test_the_list_and_the_page_count_the_letters_that_are_to_be_sent(app: Flask, owner: Owner) -> None:
    kommune, _, address = sending(owner)
    client = log_in(app, kommune, "leser")
    assert "Sendes 10 av 10 0" in text_of(client.get("/utsendinger").text)
    assert "Fremdrift 10 av 10" in text_of(client.get(address).text)


@pytest.mark.parametrize(("status", "antall"), [(U.UTKAST, 5), (U.TIL_GODKJENNING, 3), (U.GODKJENT, 3)])
def test_the_list_counts_the_receivers_of_a_draft_and_then_the_letters(
    app: Flask, status: Utsendingstatus, antall: int
) -> None:
    kommune = make_kommune()
    make_mailing(kommune, 3, parkert=2, status=status)
    listed = text_of(log_in(app, kommune, "leser").get("/utsendinger").text)
    assert f" {antall} mottakere " in listed


@pytest.mark.parametrize("status", [U.SENDES, U.FULLFORT, U.STOPPET])
def test_who_was_held_out_is_found_from_the_page_also_after_the_letters_are_made(
    app: Flask, owner: Owner, status: Utsendingstatus
) -> None:
    kommune, mailing, address = sending(owner)
    found = [
        {"kode": "POSTNR_LEDENDE_NULL", "felt": "postnr", "alvorlighet": "auto", "godtatt": True},
        {"kode": "FNR_UGYLDIG", "felt": "fnr", "alvorlighet": "feil"},
        {"kode": "MOTTAKER_DOED", "felt": "fnr", "alvorlighet": "advarsel"},
        {"kode": "KAN_IKKE_NAAS", "felt": None, "alvorlighet": "advarsel"},
    ]
    held = (Utsendingsrad.utsending_id == mailing.id, Utsendingsrad.radnr == 12)
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(status=status))
        tx.execute(update(Utsendingsrad).where(*held).values(funn=found))
    client, there = log_in(app, kommune, "leser"), f"{address}/stoppsvar/parkert"
    line = re.search(r'id="sumlinje">(.*)</p>', client.get(address).text)
    assert line
    assert f'<a class="ds-link" id="levende-parkert" href="{there}">1 holdt utenfor</a>' in line.group(1)
    page = client.get(there).text
    check_page(page)
    text = text_of(page)
    assert "Holdt utenfor Var ikke med i utsendingen. 1 rad" in text
    assert "Rad Navn Referanse Hvorfor 12 Mottaker 12 =REF+12" in text
    assert f"=REF+12 {SHORT['FNR_UGYLDIG']} {SHORT['KAN_IKKE_NAAS']}" in text


def test_where_nobody_is_held_out_there_is_nobody_to_look_at(app: Flask) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 1)
    release(kommune, mailing)
    feed(mailing)
    page = log_in(app, kommune, "leser").get(f"/utsendinger/{mailing.id}").text
    assert "+ 0 holdt utenfor." in text_of(page)
    assert "stoppsvar/parkert" not in page


@pytest.fixture
def pausable(house: None) -> Iterator[None]:
    """What a test pauses is open again for the others, who share the database."""
    yield
    with transaction() as tx:
        tx.execute(delete(Banestatus))


@pytest.mark.usefixtures("pausable")
def test_why_letters_stand_still_is_told_and_what_to_do_about_it(app: Flask, owner: Owner) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 4)
    release(kommune, mailing)
    client, address = log_in(app, kommune, "leser"), f"/utsendinger/{mailing.id}"
    circuit_breaker.set_frozen(True, "flytting")
    assert "All sending er stanset for en stund" in client.get(address).text, "the hold runs"
    feed(mailing)
    assert "All sending er stanset for en stund" in client.get(address).text
    circuit_breaker.set_frozen(False, None)
    with transaction() as tx:
        tx.execute(insert(Banestatus).values(navn="ALTINN", stengt=True, grunn="MANGE_FEIL"))
    numbers = list(mailing.fnr.values())
    hand_over(owner, Postkasser(set(numbers[:2]), set(numbers[2:])))
    page = client.get(address).text
    check_page(page)
    assert "Altinn tar ikke imot brev nå 2 brev i utsendingen kommer ikke videre ennå." in text_of(page)
    assert "stanset" not in page
    with transaction() as tx:
        tx.execute(update(Banestatus).values(stengt=False))
    assert wakeup.wake_when_open() == 2
    with transaction() as tx:
        mine = update(Levering).where(Levering.utsending_id == mailing.id, Levering.status == "KLAR")
        tx.execute(mine.values(status="VENTER", feilkode="REGISTRE_SVARER_IKKE"))
        waits = select(Levering.id).where(Levering.utsending_id == mailing.id, Levering.status == "VENTER")
        tx.execute(update(Levering).where(Levering.id.in_(waits.limit(1))).values(feilkode="STENGT_KRR"))
    page = client.get(address).text
    check_page(page)
    assert "svarer ikke nå 2 brev i utsendingen kommer ikke videre ennå." in text_of(page)
    with transaction() as tx:
        tx.execute(
            update(Levering).where(Levering.utsending_id == mailing.id).values(neste_forsok=func.now())
        )
    assert wakeup.wake_waiting() >= 2
    hand_over(owner, Postkasser(set(numbers[:2]), set(numbers[2:])))
    assert "tar ikke imot" not in client.get(address).text


def test_a_look_brings_the_tables_along_and_stops_when_nothing_changes(app: Flask, owner: Owner) -> None:
    kommune, mailing, address = sending(owner)
    client = log_in(app, kommune, "leser")
    answer = client.get(f"{address}/fremdrift?status=SENDES", headers={"HX-Request": "true"}).text
    assert 'hx-swap-oob="true"' in answer
    assert 'hx-trigger="every 15s"' in answer
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    assert "hx-trigger" not in client.get(address).text
    assert client.get(f"{address}/fremdrift").location == address


def look(client: Browser, page: str) -> str:
    """What a page's next look at its living part is answered."""
    found = re.search(r'hx-get="([^"]+/fremdrift[^"]*)"', page)
    assert found
    return client.get(found.group(1).replace("&amp;", "&"), headers={"HX-Request": "true"}).text


def test_the_number_in_the_question_of_stopping_follows_the_letters(app: Flask, owner: Owner) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 6)
    release(kommune, mailing)
    feed(mailing)
    client = log_in(app, kommune, "stopper")
    page = client.get(f"/utsendinger/{mailing.id}").text
    check_page(page)
    assert "6 brev er ikke sendt ennå." in text_of(page)
    hand_over(owner, Postkasser(set(mailing.fnr.values())), times=1)
    part = look(client, page)
    assert '<div class="stack" id="konsekvens" hx-swap-oob="true">' in part
    assert re.search(r"[0-5] brev er ikke sendt ennå\.", text_of(part))
    assert "konsekvens" not in look(log_in(app, kommune, "leser"), page)


def test_that_letters_must_be_seen_to_is_said_as_it_happens_and_once(app: Flask, owner: Owner) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    address = f"/utsendinger/{mailing.id}"
    release(kommune, mailing)
    feed(mailing)
    client = log_in(app, kommune, "stopper")
    page = client.get(address).text
    assert '<div id="ma-behandles" hidden>' in page
    assert "ma-behandles" not in look(client, page)
    with transaction() as tx:
        of_it = update(Levering).where(Levering.utsending_id == mailing.id)
        tx.execute(of_it.values(status="TIL_BEHANDLING", feilkode="IKKE_NAADD"))
    part = look(client, page)
    assert '<div id="ma-behandles" hx-swap-oob="true">' in part
    assert "3 brev må behandles" in text_of(part) and "Prøv alle på nytt" in part
    assert "ma-behandles" not in look(client, part), "its buttons are left alone while the number is the same"
    whole = client.get(address).text
    check_page(whole)
    assert "3 brev må behandles" in text_of(whole)


def test_the_stop_names_its_consequence_and_answers_exactly(app: Flask, owner: Owner) -> None:
    kommune, _, address = sending(owner)
    client = log_in(app, kommune, "stopper")
    page = client.get(f"{address}/stopp").text
    check_page(page)
    assert "Brev som allerede er sendt, kan ikke trekkes tilbake." in page
    stopped = client.get(post(client, f"{address}/stopp", f"{address}/stopp").location).text
    check_page(stopped)
    text = text_of(stopped)
    assert "Har fått brevet, eller får det 10 Har ikke fått brevet 1 Avklares 0" in text
    assert re.search(r"I Altinn, ikke lest .*? 3 ", text)
    for gruppe in Gruppe:
        check_page(client.get(f"{address}/stoppsvar/{gruppe.lower()}").text)
    assert client.get(f"{address}/stoppsvar/annet").status_code == 404
    check_page(client.get(f"{address}/ikke-skriv-ut").text)
    post(client, f"{address}/ikke-skriv-ut", f"{address}/ikke-skriv-ut")
    assert "I Altinn, skrives ikke ut" in client.get(address).text


def test_paper_that_waits_can_be_stopped_by_a_button_that_says_how_much(app: Flask, owner: Owner) -> None:
    kommune, _, address = sending(owner)
    client = log_in(app, kommune, "stopper")
    assert client.get(f"{address}/stopp-papir").location == address, "what goes on is not kept off paper"
    post(client, f"{address}/stopp", f"{address}/stopp")
    page = client.get(address).text
    assert "2 av dem er ikke hos trykkeriet ennå, og kan stoppes." in text_of(page)
    assert "stopp-papir" not in log_in(app, kommune, "leser").get(address).text
    question = client.get(f"{address}/stopp-papir").text
    check_page(question)
    assert "2 brev skal på papir, men er ikke hos trykkeriet." in text_of(question)
    done = client.get(post(client, f"{address}/stopp-papir", f"{address}/stopp-papir").location).text
    check_page(done)
    assert "2 brev blir ikke skrevet ut." in text_of(done)
    assert "Har fått brevet 8 Har ikke fått brevet 3 Avklares 0" in text_of(done)
    assert "stopp-papir" not in done
    assert client.get(f"{address}/stopp-papir").location == address
    late = client.get(post(client, address, f"{address}/stopp-papir").location).text
    assert "Ingen brev ble stoppet: trykkeriet har fått alle." in text_of(late)


def test_the_unsent_rows_become_a_draft_by_a_button(app: Flask) -> None:
    kommune = make_kommune(angrefrist=600)
    mailing = make_mailing(kommune, 3)
    release(kommune, mailing)
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    client, address = log_in(app, kommune, "saksbehandler"), f"/utsendinger/{mailing.id}"
    answer = post(client, address, f"{address}/nytt-utkast")
    assert answer.location != address
    page = client.get(answer.location).text
    check_page(page)
    assert "Fortsett der du var" in page
    assert "håndtert for hånd" not in page


@pytest.mark.parametrize(
    ("closed", "told"),
    [
        ((2,), "1 brev er ikke med, fordi det er satt som håndtert for hånd."),
        ((2, 3), "2 brev er ikke med, fordi de er satt som håndtert for hånd."),
        ((2, 3, 4), "Alle brevene er sendt, håndtert for hånd, eller ligger alt i en ny utsending."),
    ],
)
def test_the_draft_of_the_unsent_says_how_many_were_left_out_as_closed_by_hand(
    app: Flask, closed: tuple[int, ...], told: str
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    release(kommune, mailing)
    feed(mailing)
    letters = select(Forsendelse.id).where(
        Forsendelse.utsending_id == mailing.id, Forsendelse.radnr.in_(closed)
    )
    for letter in session().scalars(letters).all():
        actions.set_manually_handled(letter, actor=kommune.aktor("stopper"))
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    client, address = log_in(app, kommune, "saksbehandler"), f"/utsendinger/{mailing.id}"
    page = client.get(post(client, address, f"{address}/nytt-utkast").location).text
    check_page(page)
    assert told in text_of(page)


def test_letters_that_failed_can_be_found_and_sent_again(app: Flask, owner: Owner) -> None:
    kommune, _, address = failing(owner)
    client = log_in(app, kommune, "saksbehandler")
    assert "2\u00a0brev må behandles" in client.get(address).text
    listed = client.get(f"{address}/brevliste?feil=ja").text
    check_page(listed)
    assert listed.count("Prøv igjen<") == 2
    assert "Fikk ikke kontakt med kanalen" in listed
    post(client, f"{address}/brevliste/2", f"{address}/brevliste/2/prov-igjen")
    assert client.get(f"{address}/brevliste?feil=ja").text.count("Prøv igjen<") == 1
    for said in ("1\u00a0brev prøves på nytt.", tekst("INGENTING_IGJEN")):
        post(client, address, f"{address}/prov-alle-igjen")
        assert said in client.get(address).text
    assert "Ingen treff" in client.get(f"{address}/brevliste?feil=ja").text


def test_a_reader_may_look_but_not_touch(app: Flask, owner: Owner) -> None:
    kommune, _, address = failing(owner)
    client = log_in(app, kommune, "leser")
    page = client.get(address).text
    for word in ("Stopp utsendingen", "Prøv alle på nytt", "Trekk tilbake", "Frigi utsendingen"):
        assert word not in page
    assert "Prøv igjen" not in client.get(f"{address}/brevliste").text
    assert client.get(f"{address}/stopp").status_code == 403


def test_the_timeline_tells_every_step_in_words(app: Flask, owner: Owner) -> None:
    kommune, mailing, address = sending(owner)
    client = log_in(app, kommune, "leser")
    for radnr, number in mailing.fnr.items():
        page = client.get(f"{address}/brevliste/{radnr}").text
        check_page(page)
        assert number not in page
        items = re.findall(r"<li><strong>([^<]+)</strong>", page)
        assert items[0] == "Mottatt, og tildelt forsendelse-id"
        assert len(items) >= 8
        assert not [item for item in items if "_" in item or item.isupper()]
    assert "Klagefrist" in page
    assert client.get(f"{address}/brevliste/999").status_code == 404


def test_the_report_comes_as_a_file(app: Flask, owner: Owner) -> None:
    kommune, _, address = sending(owner)
    client = log_in(app, kommune, "leser")
    csv = client.get(f"{address}/rapport.csv")
    assert csv.headers["Content-Disposition"].startswith('attachment; filename="rapport-')
    assert "Sendt til digital postkasse" in csv.text
    assert client.get(f"{address}/rapport.xlsx").data[:2] == b"PK"
    assert client.get(f"{address}/rapport.exe").status_code == 404


def test_the_list_is_searched_and_paged(app: Flask) -> None:
    kommune = make_kommune()
    for _ in range(27):
        make_mailing(kommune, 1)
    client = log_in(app, kommune, "leser")
    page = client.get("/utsendinger").text
    check_page(page)
    assert page.count("/utsendinger/") >= 25
    following = re.search(r'href="(/utsendinger\?for=\d+)"', page)
    assert following
    rest = client.get(following.group(1)).text
    check_page(rest)
    assert "Til første side" in rest
    assert rest.count('<tr role="row"') == 3
    reference = re.findall(r"(\d{4}-\d{4,}) ·", page)[3]
    found = client.get(f"/utsendinger?sok={reference}&status=TIL_GODKJENNING").text
    assert re.findall(r"(\d{4}-\d{4,}) ·", found) == [reference]
    assert "Ingen treff" in client.get("/utsendinger?sok=finnes ikke").text


def test_a_reference_has_the_year_that_it_is_in_norway() -> None:
    assert reference(147, datetime(2026, 12, 31, 22, 30, tzinfo=UTC)) == "2026-0147"
    assert reference(148, datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == "2027-0148"


def test_a_reference_finds_its_mailing_and_none_whose_title_has_its_number(app: Flask) -> None:
    kommune = make_kommune()
    sought = session().get_one(Utsending, make_mailing(kommune, 1).id)
    other = make_mailing(kommune, 1).id
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == other).values(tittel=f"Varsel {sought.nr}"))
    client = log_in(app, kommune, "leser")
    reference = f"{sought.opprettet.astimezone(OSLO).year}-{sought.nr:04}"
    for sok, count in ((reference, 1), (str(sought.nr), 2), (f" {reference} ", 1)):
        found = client.get("/utsendinger", query_string={"sok": sok}).text
        assert len(re.findall(r"(\d{4}-\d{4,}) ·", found)) == count, sok
        assert f"{reference} ·" in found


@pytest.mark.parametrize("sok", ["²", "12²", "①", "१", "12345678901234567890"])
def test_a_search_for_digits_that_are_no_number_finds_nothing(app: Flask, sok: str) -> None:
    kommune = make_kommune()
    make_mailing(kommune, 1)
    answer = log_in(app, kommune, "leser").get("/utsendinger", query_string={"sok": sok})
    assert answer.status_code == 200
    assert "Ingen treff" in answer.text


def test_the_overview_and_the_administration_are_well_made(app: Flask, owner: Owner) -> None:
    kommune, _, _ = sending(owner)
    make_mailing(kommune, 2)
    overview = log_in(app, kommune, "godkjenner").get("/oversikt").text
    check_page(overview)
    assert "Godkjenn «Eiendomsskatt 2027»" in overview
    assert "Brev overlevert siste 14 dager 10 80 % digitalt" in text_of(overview)
    assert 'href="/oversikt/statistikk">Brev overlevert siste 14 dager</a>' in overview
    assert "Brev overlevert" in (auditors := log_in(app, kommune, "revisor").get("/oversikt").text)
    assert "/oversikt/statistikk" not in auditors
    statistics = log_in(app, kommune, "leser").get("/oversikt/statistikk").text
    check_page(statistics)
    revisor = log_in(app, kommune, "revisor")
    for path in ("/oversikt", "/konfigurasjon", "/tilganger", "/revisjonslogg"):
        page = revisor.get(path)
        assert page.status_code == 200, path
        check_page(page.text)
    log = revisor.get("/revisjonslogg?handling=UTSENDING_FRIGITT").text
    check_page(log)
    assert log.count('<tr role="row"') == 2


def test_what_waits_for_the_approver_is_counted_in_letters_and_not_in_rows(app: Flask) -> None:
    kommune = make_kommune()
    make_mailing(kommune, 3, parkert=2)
    waiting = text_of(log_in(app, kommune, "godkjenner").get("/oversikt").text)
    assert "Godkjenn «Eiendomsskatt 2027» 3 brev" in waiting


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/fremdrift?status=SENDES",
        "/godkjenning",
        "/frigi",
        "/stopp",
        "/stoppsvar/stoppet",
        "/ikke-skriv-ut",
        "/stopp-papir",
        "/brevliste",
        "/brevliste/2",
        "/rapport.csv",
        "/rapport.xlsx",
    ],
)
def test_the_other_kommune_gets_404(app: Flask, owner: Owner, path: str) -> None:
    _, _, address = sending(owner)
    other = make_kommune("Fjordvik kommune")
    headers = {"HX-Request": "true"} if "fremdrift" in path else {}
    codes = {
        log_in(app, other, rolle).get(address + path, headers=headers).status_code
        for rolle in ("stopper", "godkjenner")
    }
    assert codes <= {404, 403}
    assert 404 in codes


def test_nobody_without_a_right_sees_anything(app: Flask, owner: Owner) -> None:
    kommune, _, address = sending(owner)
    client = log_in(app, kommune, "utenfor")
    for path in ("/utsendinger", address, "/oversikt", "/konfigurasjon", "/revisjonslogg"):
        assert client.get(path).status_code == 403
    assert log_in(app, kommune, "leser").get("/revisjonslogg").status_code == 403


def test_a_mailing_in_a_state_that_only_a_newer_release_knows_is_shown_and_nothing_is_offered(
    app: Flask, migration_database_url: str, database_url: str
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2)
    browser = log_in(app, kommune, "saksbehandler")
    address = f"/utsendinger/{mailing.id}"
    shared = Database("felles", migration_database_url, database_url)
    with widened(shared, "ck_utsending_status"):
        with transaction() as tx:
            tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(status="PA_VENT"))
        for path in ("/utsendinger", address):
            answer = browser.get(path)
            assert answer.status_code == 200, path
            assert "Pa vent" in text_of(answer.text)
        refused = post(browser, address, f"{address}/fakta", tittel="Ny")
        assert refused.status_code in (303, 409)
