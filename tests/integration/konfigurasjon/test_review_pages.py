"""The pages of the half-yearly review, and the notice of it on the front page."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

import pytest
from flask import Flask

from fiks.core.db import transaction
from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon import authorization
from fiks.konfigurasjon.gjennomgang import queries
from fiks.konfigurasjon.gjennomgang import service as gjennomgang_service
from fiks.konfigurasjon.gjennomgang.queries import PAGE
from fiks.konfigurasjon.models import Gjennomgang
from fiks.konfigurasjon.rules import ANSWER_WITHIN, P
from fiks.konfigurasjon.tilgang import service
from tests.integration.houses import HOUSE, Hus, make_hus, make_person
from tests.integration.konfigurasjon.holders import alone, grants_of, last_act
from tests.integration.konfigurasjon.visitors import send, visitor
from tests.integration.utsending.browser import Browser, text_of
from tests.pagecheck import faults

pytestmark = pytest.mark.usefixtures("inside")

PAGE_OF_IT = "/tilganger/gjennomgang"


def started(hus: Hus) -> str:
    """The page of rows of a review that is begun."""
    return f"{PAGE_OF_IT}/{gjennomgang_service.start_review(hus.organisasjon_id, actor=HOUSE)}"


def holder(hus: Hus, navn: str = "Kari Fjellstad") -> tuple[UUID, UUID]:
    """Somebody who may send, and the grant."""
    person_id = make_person(P.SENDE, ressurs=hus.konto_id, navn=navn)
    [grant] = grants_of(person_id)
    return person_id, grant.id


def answer_all(client: Browser, page: str, svar: str = "BEHOLD") -> dict[str, str]:
    """The same answer for every row of the page."""
    return dict.fromkeys(re.findall(r'name="(svar-[^"]+)" id="behold', client.get(page).text), svar)


def test_s17_10_a_review_is_started_answered_and_finished_by_its_pages(app: Flask) -> None:
    hus = alone(make_hus())
    client = visitor(app, hus, P.ADMIN)
    person_id, grant = holder(hus)
    assert "Det er ikke gjort noen gjennomgang ennå" in client.get(PAGE_OF_IT).text
    begun = send(client, PAGE_OF_IT, f"{PAGE_OF_IT}/start")
    page = begun.location
    assert "Frist" in client.get(page).text
    assert "0 av 2 besvart" in text_of(client.get(page).text)
    form = answer_all(client, page) | {f"svar-{grant}": "FJERN"}
    asked = send(client, page, f"{page}/svar", **form)
    assert asked.status_code == 200
    assert "Vil du fjerne 1 tilgang?" in text_of(asked.text)
    assert "Kari Fjellstad" in asked.text
    assert faults(asked.text) == []
    assert authorization.is_authorised(person_id, P.SENDE, hus.konto_id)
    done = send(client, page, f"{page}/svar", **form, bekreftet="ja")
    assert (done.status_code, done.location) == (303, PAGE_OF_IT)
    assert not authorization.is_authorised(person_id, P.SENDE, hus.konto_id)
    shown = text_of(client.get(PAGE_OF_IT).text)
    assert "Svarene er lagret: 1 beholdt, 1 fjernet." in shown
    assert "Tidligere gjennomganger" in shown
    assert last_act(hus.organisasjon_id, "GJENNOMGANG_FULLFORT").detaljer["fjernet"] == 1
    assert client.get(page).location == PAGE_OF_IT


def test_s17_10_the_date_and_that_it_has_passed_and_was_reminded_of_are_shown(app: Flask) -> None:
    hus = make_hus()
    page = started(hus)
    client = visitor(app, hus, P.ADMIN)
    assert "Fristen er ute" not in client.get(PAGE_OF_IT).text
    with transaction() as tx:
        row = tx.get_one(Gjennomgang, UUID(page.rsplit("/", 1)[1]))
        row.startet -= ANSWER_WITHIN
        row.frist -= ANSWER_WITHIN
    gjennomgang_service.remind_overdue()
    shown = text_of(client.get(PAGE_OF_IT).text)
    assert "Fristen er ute" in shown
    assert "Siste påminnelse" in shown
    assert faults(client.get(PAGE_OF_IT).text) == []


def test_what_only_keeps_is_saved_without_a_question(app: Flask) -> None:
    hus = make_hus()
    _, grant = holder(hus)
    page, client = started(hus), visitor(app, hus, P.ADMIN)
    saved = send(client, page, f"{page}/svar", **{f"svar-{grant}": "BEHOLD"})
    assert (saved.status_code, saved.location) == (303, page)
    assert str(grant) not in client.get(page).text
    assert str(grant) in client.get(f"{page}?vis=beholdt").text
    assert faults(client.get(f"{page}?vis=beholdt").text) == []


def test_to_save_what_is_kept_already_says_that_nothing_is_changed(app: Flask) -> None:
    hus = make_hus()
    _, grant = holder(hus)
    page, client = started(hus), visitor(app, hus, P.ADMIN)
    for told in ("Svarene er lagret: 1 beholdt, 0 fjernet.", "Du har ikke endret noe"):
        send(client, page, f"{page}/svar", **{f"svar-{grant}": "BEHOLD"})
        assert told in text_of(client.get(page).text)


def test_the_rest_of_a_page_is_kept_by_one_button_and_what_is_marked_is_still_asked_about(app: Flask) -> None:
    hus = make_hus()
    grantees = [holder(hus)[1] for _ in range(3)]
    page, client = started(hus), visitor(app, hus, P.ADMIN)
    vist = " ".join(map(str, grantees))
    form = {f"svar-{grantees[0]}": "FJERN", "behold_resten": "ja", "vist": vist}
    asked = send(client, page, f"{page}/svar", **form)
    assert "2 tilganger beholdes" in text_of(asked.text)
    back = send(client, page, f"{page}/svar", **form, tilbake="ja")
    assert re.search(rf'id="fjern-{grantees[0]}" value="FJERN" checked', back.text)
    assert re.search(rf'id="behold-{grantees[1]}" value="BEHOLD" checked', back.text)
    for one in grantees[1:]:
        assert f'name="svar-{one}" value="BEHOLD"' in asked.text


def test_a_grant_that_ended_meanwhile_is_not_asked_about(app: Flask) -> None:
    hus = make_hus()
    _, grant = holder(hus)
    page, client = started(hus), visitor(app, hus, P.ADMIN)
    service.revoke(grant, actor=HOUSE)
    assert send(client, page, f"{page}/svar", **{f"svar-{grant}": "FJERN"}).location == page


def test_what_is_told_is_what_was_done_and_not_what_was_sent(app: Flask) -> None:
    hus = make_hus()
    (_, gone), (_, kept), (_, taken) = (holder(hus) for _ in range(3))
    page, client = started(hus), visitor(app, hus, P.ADMIN)
    service.revoke(gone, actor=HOUSE)
    form = {f"svar-{gone}": "FJERN", f"svar-{kept}": "BEHOLD", f"svar-{taken}": "FJERN"}
    send(client, page, f"{page}/svar", **form, bekreftet="ja")
    told = text_of(client.get(page).text)
    assert "Svarene er lagret: 1 beholdt, 1 fjernet. Avsluttet før du svarte: 1." in told
    assert "Gjennomgangen er fullført" not in told


def test_the_answer_that_finishes_the_review_says_so_and_one_that_comes_later_is_refused(app: Flask) -> None:
    hus = alone(make_hus())
    client = visitor(app, hus, P.ADMIN)
    _, grant = holder(hus)
    page = started(hus)
    form = answer_all(client, page)
    assert send(client, page, f"{page}/svar", **form).location == PAGE_OF_IT
    assert "2 beholdt, 0 fjernet. Gjennomgangen er fullført." in text_of(client.get(PAGE_OF_IT).text)
    late = send(client, PAGE_OF_IT, f"{page}/svar", **{f"svar-{grant}": "FJERN"}, bekreftet="ja")
    assert (late.status_code, late.location) == (303, PAGE_OF_IT)
    told = text_of(client.get(PAGE_OF_IT).text)
    assert "Gjennomgangen er fullført og kan ikke endres. Svarene dine er ikke lagret." in told
    assert "Svarene er lagret" not in told


def test_a_page_without_an_answer_says_so(app: Flask) -> None:
    hus = make_hus()
    page = started(hus)
    answer = send(visitor(app, hus, P.ADMIN), page, f"{page}/svar", **{"svar-x": "FJERN", "vist": "y"})
    assert answer.status_code == 422
    assert "Velg «Behold» eller «Fjern»" in answer.text
    assert faults(answer.text) == []


def test_many_rows_come_in_pages(app: Flask) -> None:
    hus = make_hus()
    for n in range(PAGE + 1):
        holder(hus, f"Person {n:03}")
    page, client = started(hus), visitor(app, hus, P.ADMIN)
    first = client.get(page).text
    assert first.count('value="FJERN"') == PAGE
    [onward] = re.findall(r'href="([^"]+etter=[^"]+)"', first)
    assert client.get(onward.replace("&amp;", "&")).text.count('value="FJERN"') == 2


def test_the_last_administrator_is_told_why_and_nothing_is_taken(app: Flask) -> None:
    hus = alone(make_hus())
    client = visitor(app, hus, P.ADMIN)
    page = started(hus)
    form = answer_all(client, page, "FJERN")
    asked = send(client, page, f"{page}/svar", **form)
    assert "fjerne din egen tilgang" in text_of(asked.text)
    send(client, page, f"{page}/svar", **form, bekreftet="ja")
    assert "minst én administrator" in client.get(page).text


def test_an_administrator_of_a_konto_sees_the_rows_below_it_and_no_others(app: Flask) -> None:
    hus = make_hus()
    _, below = holder(hus)
    [above] = grants_of(make_person(P.ORG_LES, ressurs=hus.organisasjon_id, navn="Over Kontoen"))
    page, client = started(hus), visitor(app, hus, P.ADMIN, ressurs=hus.konto_id)
    shown = client.get(page).text
    assert str(below) in shown
    assert "Over Kontoen" not in shown
    sent = send(client, page, f"{page}/svar", **{f"svar-{above.id}": "BEHOLD"})
    assert sent.status_code in (403, 404)
    assert "I hele organisasjonen" not in client.get(PAGE_OF_IT).text


def test_the_front_page_says_that_it_waits_with_the_date_until_the_visitors_own_are_answered(
    app: Flask,
) -> None:
    hus = make_hus()
    admin, sender = visitor(app, hus, P.ADMIN), visitor(app, hus, P.SENDE, ressurs=hus.konto_id)
    assert "Gjennomgang av tilganger venter" not in admin.get("/oversikt").text
    page = started(hus)
    shown = text_of(admin.get("/oversikt").text)
    assert "Gjennomgang av tilganger venter" in shown
    assert "frist" in shown
    assert "Gjennomgang av tilganger venter" not in sender.get("/oversikt").text
    send(admin, page, f"{page}/svar", **answer_all(admin, page))
    assert "Gjennomgang av tilganger venter" not in admin.get("/oversikt").text


def test_another_organisations_review_is_not_found(app: Flask) -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    page = started(other)
    client = visitor(app, hus, P.ADMIN)
    assert client.get(page).status_code == 404
    assert send(client, PAGE_OF_IT, f"{page}/svar").status_code == 404
    assert queries.review_waiting_for(other.organisasjon_id, actor=HOUSE) is not None


def test_a_second_start_is_told_and_not_done(app: Flask) -> None:
    hus = make_hus()
    client = visitor(app, hus, P.ADMIN)
    page = client.get(PAGE_OF_IT).text
    started(hus)
    assert "Start gjennomgang" in page
    assert send(client, PAGE_OF_IT, f"{PAGE_OF_IT}/start").location == PAGE_OF_IT
    assert "Det er alt en gjennomgang i gang" in client.get(PAGE_OF_IT).text
    assert "Start gjennomgang" not in client.get(PAGE_OF_IT).text


def test_the_export_is_a_file_that_opens_by_itself_and_holds_no_number(app: Flask) -> None:
    hus = make_hus()
    make_person(P.SENDE, ressurs=hus.konto_id, navn="=SUM(A1)")
    client = visitor(app, hus, P.ADMIN)
    csv = send(client, PAGE_OF_IT, "/tilganger/eksport", filformat="csv")
    assert csv.headers["Content-Disposition"] == 'attachment; filename="tilganger.csv"'
    assert csv.headers["Cache-Control"] == "no-store"
    assert csv.text.startswith("\ufeffInnehaver;Fødselsnummer;")
    assert ";'=SUM(A1)" not in csv.text
    assert "'=SUM(A1);" in csv.text
    assert "Lillevik kommune > SvarUt > Eiendomsskatt;Lage utsendinger" in csv.text
    assert re.search(r"\d{11}", csv.text) is None
    workbook = send(client, PAGE_OF_IT, "/tilganger/eksport", filformat="xlsx")
    assert workbook.data.startswith(b"PK")
    assert last_act(hus.organisasjon_id, "DATA_EKSPORTERT").detaljer["antall"] == 3


def test_the_last_day_of_a_grant_is_the_same_in_the_export_as_on_the_page(app: Flask) -> None:
    hus = make_hus()
    end = datetime(2099, 1, 1, tzinfo=OSLO)
    service.grant_privilegium(make_person(navn="Kari"), P.SENDE, hus.konto_id, gyldig_til=end, actor=HOUSE)
    csv = send(visitor(app, hus, P.ADMIN), PAGE_OF_IT, "/tilganger/eksport", filformat="csv").text
    header, kari = csv.splitlines()[0].split(";"), next(x for x in csv.splitlines() if x.startswith("Kari"))
    assert kari.split(";")[header.index("Til og med")] == "31.12.2098"


def test_the_export_asks_for_a_fresh_login(app: Flask) -> None:
    client = visitor(app, make_hus(), P.ADMIN, minutes_ago=6)
    answer = send(client, PAGE_OF_IT, "/tilganger/eksport", filformat="csv")
    assert answer.location.startswith("/innlogging/bekreft?neste=")
    assert "gjennomgang" in answer.location


def test_who_holds_nothing_that_shows_grants_gets_no_page(app: Flask) -> None:
    hus = make_hus()
    sender = visitor(app, hus, P.SENDE, ressurs=hus.konto_id)
    assert sender.get(PAGE_OF_IT).status_code == 403
