"""Late in the evening, and the nights when clocks are moved: what is asked for, told and counted around midnight."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.core.values.calendar import OSLO
from fiks.utsending.approval import release_time as approval_release_time
from fiks.utsending.models import Utsending
from fiks.utsending.production import new_date
from fiks.utsending.rules import Utsendingstatus
from portal.texts.formats import dato
from portal.utsending.mailing.approval import release_time
from tests.integration.utsending.browser import log_in, marks_of, post, text_of
from tests.integration.utsending.kommuner import Kommune, Mailing, make_kommune, make_mailing, today
from tests.integration.utsending.test_approval_pages import status_of
from tests.pagecheck import check_page

pytestmark = pytest.mark.usefixtures("evening")
U = Utsendingstatus
HALF_AN_HOUR = 1800
RELEASE_BUTTON = "Frigi utsendingen</button>"


def stand_at(moment: datetime) -> None:
    """Business time is this now."""
    clock.move(moment - clock.now())


@pytest.fixture
def evening(house: None) -> Iterator[None]:
    """It is 23.29 in Oslo."""
    now = clock.now().astimezone(OSLO)
    stand_at(now.replace(hour=23, minute=29, second=0, microsecond=0))
    yield
    session().rollback()
    clock.move(-clock.offset())


def missed(status: Utsendingstatus = U.GODKJENT, *, after: int = 2) -> tuple[Kommune, Mailing, str]:
    """Letters of today whose time to regret ends after midnight if they are released so many minutes later."""
    kommune = make_kommune(angrefrist=HALF_AN_HOUR)
    mailing = make_mailing(kommune, 3, brevdato=today(), status=status)
    clock.move(timedelta(minutes=after))
    return kommune, mailing, f"/utsendinger/{mailing.id}"


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    check_page(answer.text)
    return answer.text


# The nights when clocks are moved


@pytest.mark.parametrize(
    ("at", "hold", "begins"),
    [
        ("2027-10-31T02:45", 30, "2027-10-31T01:15"),
        ("2027-03-28T01:45", 120, "2027-03-28T02:45"),
        ("2027-06-01T12:00", 30, "2027-06-01T10:30"),
    ],
)
def test_the_time_to_regret_is_counted_in_real_minutes(at: str, hold: int, begins: str) -> None:
    chosen = datetime.fromisoformat(at).replace(tzinfo=OSLO)
    stand_at(chosen - timedelta(days=1))
    assert approval_release_time.sending_begins(hold * 60, chosen) == datetime.fromisoformat(begins).replace(
        tzinfo=UTC
    )


@pytest.mark.parametrize("now", ["2027-03-27T12:00", "2027-03-28T01:20"])
def test_a_time_that_the_clock_passes_over_cannot_be_chosen(now: str) -> None:
    stand_at(datetime.fromisoformat(now).replace(tzinfo=UTC))
    with pytest.raises(UgyldigInndata, match="KLOKKESLETT_FINNES_IKKE") as error:
        release_time("tidspunkt", "28.03.2027", "02.30")
    assert error.value.felt == "tid"
    assert release_time("tidspunkt", "28.03.2027", "03.30") == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


# What can be released no more


@pytest.mark.parametrize(("after", "late"), [(0, False), (2, True)])
def test_who_approves_is_told_whether_it_can_be_released(app: Flask, after: int, late: bool) -> None:
    kommune, mailing, here = missed(U.TIL_GODKJENNING, after=after)
    client = log_in(app, kommune, "godkjenner")
    answer = post(client, f"{here}/godkjenning", f"{here}/godkjenn")
    words = text_of(page(client, answer.location))
    assert ("Nå kan den frigis" in words) is not late
    assert ("Utsendingen er godkjent, men brevene rekker ikke å gå ut på brevdatoen." in words) is late
    assert status_of(mailing) is U.GODKJENT


@pytest.mark.parametrize(("after", "late"), [(0, False), (2, True)])
@pytest.mark.parametrize("status", [U.UTKAST, U.TIL_GODKJENNING, U.GODKJENT])
def test_the_mailings_page_says_that_its_letters_cannot_leave_on_their_date(
    app: Flask, status: Utsendingstatus, after: int, late: bool
) -> None:
    kommune, mailing, here = missed(status, after=after)
    words = text_of(page(log_in(app, kommune, "saksbehandler"), here))
    tomorrow = dato(today() + timedelta(days=1))
    assert (f"er datert {dato(today())}, men kan tidligst gå ut {tomorrow}" in words) is late
    assert ("Klar til å frigis" in words) is (status is U.GODKJENT and not late)


@pytest.mark.parametrize(("rolle", "may_make"), [("saksbehandler", True), ("godkjenner", False)])
def test_the_release_page_shows_the_way_out_before_anything_is_pressed(
    app: Flask, rolle: str, may_make: bool
) -> None:
    kommune, mailing, here = missed()
    shown = page(log_in(app, kommune, rolle), f"{here}/frigi")
    tomorrow = dato(today() + timedelta(days=1))
    assert f"kan tidligst gå ut {tomorrow}" in text_of(shown)
    assert RELEASE_BUTTON not in shown
    assert (f'value="{tomorrow}"' in shown) is may_make


def test_a_release_that_can_be_let_through_is_offered_alone(app: Flask) -> None:
    kommune, mailing, here = missed(after=0)
    shown = page(log_in(app, kommune, "saksbehandler"), f"{here}/frigi")
    assert RELEASE_BUTTON in shown and "Lag brevene på nytt" not in shown


@pytest.mark.parametrize("form", [{"nar": "na"}, {"nar": "tidspunkt", "dato": "x", "tid": "09.00"}])
def test_a_release_page_that_stood_open_is_answered_with_the_way_out(
    app: Flask, form: dict[str, str]
) -> None:
    kommune, mailing, here = missed(after=0)
    client = log_in(app, kommune, "saksbehandler")
    sent = marks_of(client.get(f"{here}/frigi").text) | form
    clock.move(timedelta(minutes=2))
    answer = client.post(f"{here}/frigi", data=sent, headers={"Referer": f"http://localhost{here}"})
    assert answer.status_code in (409, 422)
    check_page(answer.text)
    assert "Lag brevene på nytt og godkjenn igjen" in answer.text


@pytest.mark.parametrize(("after", "late"), [(0, False), (2, True)])
def test_the_front_page_says_of_a_task_that_its_letters_are_too_late(
    app: Flask, after: int, late: bool
) -> None:
    kommune = make_kommune(angrefrist=HALF_AN_HOUR)
    for status in (U.GODKJENT, U.TIL_GODKJENNING):
        make_mailing(kommune, 3, brevdato=today(), status=status)
        make_mailing(kommune, 3, brevdato=today() + timedelta(days=1), status=status)
    clock.move(timedelta(minutes=after))
    words = text_of(page(log_in(app, kommune, "godkjenner"), "/oversikt"))
    assert words.count("rekker ikke å gå ut på brevdatoen") == (2 if late else 0)
    assert words.count("Frigi «") == words.count("Godkjenn «") == 2


# Pressed twice


def test_dated_anew_once_more_after_the_day_has_turned_is_as_the_first_time(app: Flask) -> None:
    kommune, mailing, here = missed(after=0)
    client = log_in(app, kommune, "saksbehandler")
    form = marks_of(client.get(f"{here}/frigi").text) | {"brevdato": dato(today())}
    for _ in range(2):
        answer = client.post(f"{here}/ny-dato", data=form, headers={"Referer": f"http://localhost{here}"})
        assert (answer.status_code, answer.location) == (303, here)
        assert "Brevene lages på nytt med ny dato" in client.get(here).text
        clock.move(timedelta(minutes=2))
    assert status_of(mailing) is U.PRODUSERES


def test_what_is_approved_no_more_is_dated_anew_by_nobody_however_late_it_is() -> None:
    kommune, mailing, _ = missed(U.TIL_GODKJENNING)
    with pytest.raises(Konflikt, match="STATUS_ENDRET"):
        new_date.produce_with_new_date(mailing.id, today(), actor=kommune.aktor("saksbehandler"))


@pytest.mark.parametrize(
    ("to", "form"),
    [
        ("frigi", {"nar": "tidspunkt", "dato": "01.12.2020", "tid": "09.00"}),
        ("ny-dato", {"brevdato": "i morgen"}),
    ],
)
def test_what_has_moved_on_is_offered_no_release(app: Flask, to: str, form: dict[str, str]) -> None:
    kommune, mailing, here = missed(after=0)
    client = log_in(app, kommune, "saksbehandler")
    sent = marks_of(client.get(f"{here}/frigi").text) | form
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(status=U.PRODUSERES))
    answer = client.post(f"{here}/{to}", data=sent, headers={"Referer": f"http://localhost{here}"})
    assert (answer.status_code, answer.location) == (303, here)
