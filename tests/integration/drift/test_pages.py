"""The page Drift, its two acts, and the same numbers as JSON: for operators of the platform and nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update
from werkzeug.test import TestResponse

from config.settings import Settings
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.queue.owner_lock import Owner
from fiks.drift import reconciliation_mark, restore_guard, service
from fiks.drift.restore_guard import REASON
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.models import Banestatus, Levering
from fiks.svarut.rules import Bane
from portal.extensions import limiter
from portal.rot.drift import chart, duration
from tests.integration.databases import Database
from tests.integration.houses import HOUSE, make_hus, new_fnr
from tests.integration.konfigurasjon.portals import (
    Enhetsregister,
    make_portal,
    operator,
    send,
    settings_of,
)
from tests.integration.svarut.letters import make_letters
from tests.integration.utsending.browser import Browser, text_of
from tests.pagecheck import faults


@pytest.fixture(scope="module")
def settings(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings_of(database.app_url, tmp_path_factory.mktemp("objekter"))


@pytest.fixture(scope="module")
def app(settings: Settings) -> Flask:
    return make_portal(settings, Enhetsregister())


@pytest.fixture(autouse=True)
def _inside(app: Flask, database: Database) -> Iterator[None]:
    limiter.enabled = False
    database.empty()
    with app.app_context():
        yield
        session().rollback()
    limiter.enabled = True


@pytest.fixture
def runar(app: Flask) -> Browser:
    return operator(app)


def page(client: Browser, path: str = "/rot/drift") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    assert not faults(answer.text)
    return text_of(answer.text)


def is_frozen() -> bool:
    session().rollback()
    return circuit_breaker.is_frozen()


def stop_shown(client: Browser) -> str:
    """Which stop the page that asks whether to start shows, as its form says it."""
    return re.findall(r'name="sett" value="([^"]+)"', client.get("/rot/drift/start").text)[0]


def start(client: Browser, **data: str) -> TestResponse:
    """Send the form of that page, as it is shown now."""
    return send(client, "/rot/drift/start", **{"sett": stop_shown(client)} | data)


def test_the_page_tells_what_waits_by_lane_and_how_many_workers_it_wants(runar: Browser) -> None:
    make_letters(make_hus(), [new_fnr() for _ in range(3)], bane=Bane.MASSE)
    shown = page(runar)
    assert "Masseutsendinger 3 – 0 0 0 1 Ingenting venter i: Enkeltbrev, SMS," in shown
    assert "0\u00a0brev er overlevert den siste timen." in runar.get("/rot/drift").text


def test_a_paused_channel_is_shown_with_why_and_when_it_is_tried(runar: Browser) -> None:
    until = func.now() + timedelta(minutes=1)
    with transaction() as tx:
        tx.execute(insert(Banestatus).values(navn="ALTINN", stengt=True, grunn="MANGE_FEIL", apnes=until))
    shown = page(runar)
    assert "Altinn Stengt Ti av de siste tjue kallene mislyktes. Prøves igjen kl." in shown
    assert "Digital postkasse Åpen" in shown


def test_how_many_letters_wait_for_a_paused_channel_is_shown(runar: Browser) -> None:
    letters = make_letters(make_hus(), [new_fnr() for _ in range(3)])
    put_off = update(Levering).values(status="VENTER", feilkode="STENGT_ALTINN")
    with transaction() as tx:
        tx.execute(insert(Banestatus).values(navn="ALTINN", stengt=True, grunn="MANGE_FEIL"))
        tx.execute(put_off.where(Levering.forsendelse_id.in_(letters[:2])))
    assert "Altinn Stengt Ti av de siste tjue kallene mislyktes. 2 brev venter." in page(runar)


def test_a_paused_register_is_shown_by_its_name_with_those_who_wait(runar: Browser) -> None:
    letters = make_letters(make_hus(), [new_fnr() for _ in range(2)])
    with transaction() as tx:
        tx.execute(insert(Banestatus).values(navn="KRR", stengt=True, grunn="REGISTER_SVARER_IKKE"))
        waiting = update(Levering).where(Levering.forsendelse_id.in_(letters))
        tx.execute(waiting.values(status="VENTER", feilkode="STENGT_KRR"))
    shown = page(runar)
    assert "Kontakt- og reservasjonsregisteret Stengt Registeret svarte ikke, fem ganger" in shown
    assert "på rad. 2 brev venter." in shown


def test_processes_that_do_not_live_are_shown_too(runar: Browser) -> None:
    assert "send: overleverer brev og SMS Ingen 1 –" in page(runar)


def test_the_part_that_changes_is_the_pages_own_and_alone_it_leads_there(runar: Browser) -> None:
    part = runar.get("/rot/drift/naa", headers={"HX-Request": "true"})
    assert part.text.strip() in runar.get("/rot/drift").text
    assert 'hx-trigger="every 10s"' in part.text
    assert runar.get("/rot/drift/naa").location == "/rot/drift"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "den siste timen"),
        ("?periode=dogn", "det siste døgnet"),
        ("?periode=tull", "den siste timen"),
        ("?periode=", "den siste timen"),
    ],
)
def test_the_chart_is_of_the_last_hour_or_day(runar: Browser, query: str, said: str) -> None:
    assert f"brev er overlevert {said}." in runar.get(f"/rot/drift{query}").text


def test_all_sending_is_stopped_after_a_question_and_started_again_after_another(runar: Browser) -> None:
    assert "Ingen brev, SMS eller e-poster går ut" in page(runar, "/rot/drift/stans")
    answer = send(runar, "/rot/drift/stans", grunn="Altinn melder om feil")
    assert (answer.status_code, answer.location) == (303, "/rot/drift")
    assert is_frozen()
    shown = page(runar)
    assert "All sending er stanset Altinn melder om feil Stanset" in shown
    assert "Stans all sending" not in shown
    assert "Altinn melder om feil" in page(runar, "/rot/drift/start")
    answer = start(runar)
    assert (answer.status_code, answer.location) == (303, "/rot/drift")
    assert not is_frozen()
    assert "Stans all sending" in page(runar)


@pytest.mark.parametrize("grunn", ["", "nei", "gjelder 17912099997", "x" * 201])
def test_without_a_reason_nothing_is_stopped_and_the_page_says_what_is_wanted(
    runar: Browser, grunn: str
) -> None:
    answer = send(runar, "/rot/drift/stans", grunn=grunn)
    assert answer.status_code == 422
    assert "med minst 5 og høyst 200 tegn" in text_of(answer.text)
    assert answer.text.count("<title>Feil: ") == 1
    assert not faults(answer.text)
    assert not is_frozen()


def found_restored() -> None:
    """A process has found that the database is an older one."""
    with transaction():
        service.stop(REASON, actor=restore_guard.GUARD)
        reconciliation_mark.mark("7 en/annen")
    session().rollback()


NOT_LOOKED_UP = "Databasen er gjenopprettet, og det er ikke slått opp hva som er sendt siden."


def test_after_a_restored_backup_sending_starts_when_what_was_sent_has_been_looked_up(runar: Browser) -> None:
    found_restored()
    shown = page(runar)
    assert "Databasen er eldre enn det dokumentlageret har sett" in shown
    assert NOT_LOOKED_UP in shown
    assert f"{NOT_LOOKED_UP} Kjør fiks reconcile --gjenopprettet til" in page(runar, "/rot/drift/start")
    answer = start(runar)
    assert answer.status_code == 409
    assert f"{NOT_LOOKED_UP} Kjør «fiks reconcile --gjenopprettet» til den" in text_of(answer.text)
    assert answer.text.count("<title>Feil: ") == 1
    assert not faults(answer.text)
    assert is_frozen()
    service.mark_reconciled(actor=HOUSE)
    session().rollback()
    assert NOT_LOOKED_UP not in page(runar)
    assert "Start likevel" not in page(runar, "/rot/drift/start")
    assert start(runar).status_code == 303
    assert not is_frozen()


def test_a_reason_that_an_operator_writes_anew_takes_away_neither_the_question_nor_the_refusal(
    runar: Browser,
) -> None:
    found_restored()
    send(runar, "/rot/drift/stans", grunn="restored from backup of 3 May")
    assert f"restored from backup of 3 May {NOT_LOOKED_UP}" in page(runar)
    assert "Vi godtar at brev kan bli sendt to ganger." in page(runar, "/rot/drift/start")
    assert start(runar).status_code == 409
    assert is_frozen()


def test_an_operator_who_takes_the_risk_starts_it_all_the_same_and_the_audit_log_says_so(
    runar: Browser,
) -> None:
    found_restored()
    assert start(runar, likevel="ja").status_code == 303
    assert not is_frozen()
    acts = select(Audit.handling, Audit.aktor_type).where(Audit.objekt_type == "plattform").order_by(Audit.id)
    assert session().execute(acts).all()[1:] == [("SENDING_STARTET_LIKEVEL", "PERSON")]


def test_a_database_that_is_to_be_reconciled_is_told_of_with_what_to_do_also_when_sending_goes_on(
    runar: Browser,
) -> None:
    run = "fiks reconcile --gjenopprettet til den er ferdig"
    assert run not in page(runar)
    found_restored()
    assert f"{NOT_LOOKED_UP} Kjør {run}, før sendingen startes." in page(runar)
    service.thaw_anyway(actor=HOUSE)
    session().rollback()
    shown = page(runar)
    assert "All sending er stanset" not in shown
    assert f"Brev kan bli sendt to ganger {NOT_LOOKED_UP} Sendingen er startet likevel." in shown
    assert f"Stans all sending, og kjør {run}. Start så sendingen igjen." in shown
    service.mark_reconciled(actor=HOUSE)
    session().rollback()
    assert "Brev kan bli sendt to ganger" not in page(runar)


ANOTHER_STOP = "Siden viste ikke stansen som gjelder nå."


def stopped_twice(client: Browser) -> str:
    """All sending is stopped, and then again for something worse; returns the mark of a page that shows the first."""
    service.freeze("flytter i natt", actor=HOUSE)
    session().rollback()
    shown = stop_shown(client)
    service.freeze("brev går til feil mottaker", actor=HOUSE)
    session().rollback()
    return shown


def test_who_was_shown_an_earlier_stop_ends_no_newer_one_and_is_shown_it_with_what_to_do(
    runar: Browser,
) -> None:
    shown = stopped_twice(runar)
    answer = start(runar, sett=shown)
    assert answer.status_code == 409
    assert f"Sendingen er ikke startet: {ANOTHER_STOP}" in text_of(answer.text)
    assert "brev går til feil mottaker" in answer.text
    assert "flytter i natt" not in answer.text
    assert answer.text.count("<title>Feil: ") == 1
    assert not faults(answer.text)
    assert is_frozen()
    [now] = re.findall(r'name="sett" value="([^"]+)"', answer.text)
    assert send(runar, "/rot/drift/start", sett=now).status_code == 303
    assert not is_frozen()


@pytest.mark.parametrize("sett", ["", "i går", "2026-11-25", "0001-01-01T00:00:00+23:59"])
def test_a_form_that_does_not_say_which_stop_it_is_about_starts_nothing(runar: Browser, sett: str) -> None:
    service.freeze("flytter i natt", actor=HOUSE)
    session().rollback()
    assert start(runar, sett=sett).status_code == 409
    assert is_frozen()


def test_the_risk_that_was_taken_for_one_restored_database_is_not_taken_for_the_next(runar: Browser) -> None:
    found_restored()
    shown = stop_shown(runar)
    service.mark_reconciled(actor=HOUSE)
    found_restored()
    answer = start(runar, sett=shown, likevel="ja")
    assert answer.status_code == 409
    assert ANOTHER_STOP in text_of(answer.text)
    assert not re.search(r'name="likevel"[^>]* checked', answer.text)
    assert is_frozen()


def test_who_was_shown_a_stop_that_somebody_else_has_ended_is_told_so(runar: Browser) -> None:
    service.freeze("flytter i natt", actor=HOUSE)
    session().rollback()
    shown = stop_shown(runar)
    service.thaw(actor=HOUSE)
    session().rollback()
    assert send(runar, "/rot/drift/start", sett=shown).status_code == 303
    assert "Sendingen er ikke stanset." in page(runar)


def test_starting_what_is_not_stopped_says_so(runar: Browser) -> None:
    assert runar.get("/rot/drift/start").location == "/rot/drift"
    assert "Sendingen er ikke stanset." in page(runar)


@pytest.mark.parametrize(("locks", "shown"), [(1, "0,5 1"), (2, "1 1"), (3, "1,5 1")])
def test_send_is_counted_as_the_procfile_starts_it_like_how_many_are_wanted(
    runar: Browser, database: Database, monkeypatch: pytest.MonkeyPatch, locks: int, shown: str
) -> None:
    monkeypatch.setenv("PGAPPNAME", "fiks send")
    owners = [Owner(database.app_url) for _ in range(locks)]
    try:
        assert f"send: overleverer brev og SMS {shown} " in page(runar)
    finally:
        for owner in owners:
            owner.release()


def test_the_same_numbers_are_told_as_json(runar: Browser) -> None:
    make_letters(make_hus(), [new_fnr()], bane=Bane.MASSE)
    service.freeze("flytter i natt", actor=HOUSE)
    answer = runar.get("/helse/dybde")
    told = answer.get_json()
    assert answer.headers["Cache-Control"] == "no-store"
    masse = next(one for one in told["baner"] if one["bane"] == "masse")
    assert (masse["klare"], masse["onskede"]) == (1, 0)
    assert told["stanset"]["grunn"] == "flytter i natt"
    assert told["dorklokke"]["redis"] is None
    assert {"ukjente", "pauser", "arbeidere", "sene_jobber", "per_minutt", "eldste_kall", "kall"} <= set(told)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "–"), (0.9, "–"), (1, "1 s"), (119, "119 s"), (120, "2 min"), (7_199, "119 min"), (7_200, "2 t")],
)
def test_a_duration_is_told_in_the_unit_that_says_something(seconds: float, shown: str) -> None:
    assert duration(seconds).replace("\u00a0", " ") == shown


def test_the_chart_has_a_bar_of_channels_for_each_step() -> None:
    start = datetime(2026, 11, 25, 8, tzinfo=UTC)
    drawn = chart(
        [(start, {"DPI": 2, "ALTINN": 3, "PRINT": 1}), (start + timedelta(minutes=5), {"SVARINN": 4})]
    )
    assert [navn for navn, _ in drawn.serier] == ["Digitalt", "Mottakersystem", "Papir"]
    assert drawn.rader == (("09.00", (5, 0, 1)), ("09.05", (0, 4, 0)))
