"""What operations look at: pauses, live workers, unknown outcomes, how fast letters go, and jobs that are late."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import func, insert, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.queue import planned_jobs
from fiks.core.queue.owner_lock import Owner
from fiks.core.queue.planned_jobs import PlanlagtJobb
from fiks.drift import state
from fiks.drift.alive_processes import HOLDER_LOCK
from fiks.drift.state import Driftstand
from fiks.print.models import Pakke
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.models import Banestatus, Forsendelse, Levering, Leveringsforsok, Signeringsoppdrag
from fiks.svarut.receipts import reconciliation
from fiks.svarut.rules import Bane, Kanal, Leveringsstatus
from fiks.utsending.jobs import queue
from fiks.utsending.rules import Delart, Utsendingstatus
from tests.integration.databases import Database
from tests.integration.houses import Hus, make_hus, new_fnr
from tests.integration.svarut.letters import levering, make_letter, make_letters
from tests.integration.svarut.submitted import take_in
from tests.integration.utsending.kommuner import make_kommune, make_mailing


def now() -> Driftstand:
    session().rollback()
    return state.state()


@pytest.fixture
def hus(empty: None) -> Hus:
    return make_hus()


def test_all_sending_stopped_is_told_apart_from_a_channel_that_is_paused(empty: None) -> None:
    circuit_breaker.set_frozen(True, "flytting")
    with transaction() as tx:
        until = func.now() + timedelta(minutes=1)
        tx.execute(insert(Banestatus).values(navn="ALTINN", stengt=True, grunn="MANGE_FEIL", apnes=until))
    found = now()
    assert found.stanset is not None
    assert (found.stanset.navn, found.stanset.grunn) == ("alle", "flytting")
    assert [(one.navn, one.grunn) for one in found.pauser] == [("ALTINN", "MANGE_FEIL")]
    circuit_breaker.set_frozen(False, None)
    assert now().stanset is None


def test_while_all_sending_is_stopped_those_are_wanted_who_draw_and_look_at_letters_and_nobody_who_sends(
    hus: Hus,
) -> None:
    make_letters(hus, [new_fnr() for _ in range(3)], bane=Bane.MASSE)
    take_in(hus)
    with transaction():
        mailing = make_mailing(make_kommune(), 1, status=Utsendingstatus.UTKAST).id
        for art in (Delart.LES, Delart.RENDER, Delart.FORHANDSVISNING):
            queue.order(mailing, art)
    wanted = {bane for bane, antall in now().onskede.items() if antall}
    assert wanted == {"masse", "mottak", "liste", "render", "forhandsvisning"}
    circuit_breaker.set_frozen(True, "flytting")
    assert {bane for bane, antall in now().onskede.items() if antall} == wanted - {"masse"}


def test_a_worker_lives_as_long_as_it_holds_its_lock(
    empty: None, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGAPPNAME", "fiks send")
    others = {one.eier for one in now().arbeidere}
    owner = Owner(database.app_url)
    [mine] = [one for one in now().arbeidere if one.eier not in others]
    assert (mine.navn, mine.eier) == ("fiks send", owner.number)
    owner.release()
    assert {one.eier for one in now().arbeidere} == others


def test_the_sweeper_that_works_is_shown_and_is_no_owner(empty: None, database: Database) -> None:
    plain = database.app_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, application_name="fiks sveip") as sweeper:
        assert [one for one in now().arbeidere if one.navn == "fiks sveip"] == []
        sweeper.execute("SELECT pg_advisory_lock(%s)", (HOLDER_LOCK,))
        [shown] = [one for one in now().arbeidere if one.navn == "fiks sveip"]
        assert shown.eier is None


def test_unknown_outcomes_are_counted_by_channel_with_the_age_of_the_oldest(hus: Hus) -> None:
    for minutes in (3, 9):
        with transaction() as tx:
            letter_id = make_letter(hus, new_fnr())
            since = func.now() - timedelta(minutes=minutes)
            changed = update(Levering).where(Levering.forsendelse_id == letter_id)
            unknown = {"status": Leveringsstatus.UAVKLART, "kanal": "DPI", "uavklart_siden": since}
            tx.execute(changed.values(**unknown))
    [one] = now().ukjente
    assert (one.kanal, one.antall) == ("DPI", 2)
    assert 540 <= one.eldste < 600


def test_a_package_of_unknown_outcome_is_one_on_the_channel_of_print(hus: Hus) -> None:
    with transaction() as tx:
        letter = update(Levering).where(Levering.forsendelse_id == make_letter(hus, new_fnr()))
        since = func.now() - timedelta(minutes=3)
        unknown = {"status": Leveringsstatus.UAVKLART, "kanal": "PRINT", "uavklart_siden": since}
        tx.execute(letter.values(**unknown))
        since = func.now() - timedelta(hours=2)
        package = {"klasse": "NORMAL", "tosidig": False, "farger": False, "antall": 1_000, "id": uuid4()}
        house = {"leverandor": "GRAFISK_DIGITAL", "status": "UAVKLART", "uavklart_siden": since}
        tx.execute(insert(Pakke).values(**package, **house))
    [one] = now().ukjente
    assert (one.kanal, one.antall) == ("PRINT", 2)
    assert 7_200 <= one.eldste < 7_260


def call(levering_id: UUID, nr: int, utfall: str, seconds: float) -> None:
    """A call that ended a minute ago."""
    at = func.now() - timedelta(minutes=1)
    how = {"kanal": "DPI", "utfall": utfall, "startet": at - timedelta(seconds=seconds), "avsluttet": at}
    with transaction() as tx:
        tx.execute(insert(Leveringsforsok).values(levering_id=levering_id, nr=nr, **how))


def test_calls_that_time_out_do_not_ask_for_a_hundred_times_the_workers(hus: Hus) -> None:
    one = levering(make_letter(hus, new_fnr()))
    make_letters(hus, [new_fnr() for _ in range(200)], bane=Bane.ENKELT)
    for nr in range(20):
        call(one.id, nr, "OVERLEVERT", 0.4)
    before = now().onskede["enkelt"]
    for nr in range(20, 60):
        call(one.id, nr, "UAVKLART", 60)
    assert now().onskede["enkelt"] == before == 4


def test_calls_of_the_last_five_minutes_are_counted_with_what_they_took(hus: Hus) -> None:
    row = levering(make_letter(hus, new_fnr()))
    for nr, ended in enumerate((1, 2, 90)):
        at = func.now() - timedelta(minutes=ended)
        call = {"levering_id": row.id, "nr": nr, "kanal": "ALTINN", "utfall": "OVERLEVERT", "avsluttet": at}
        with transaction() as tx:
            tx.execute(insert(Leveringsforsok).values(startet=at - timedelta(seconds=3), **call))
    [found] = now().kall
    assert (found.kanal, found.utfall, found.antall) == ("ALTINN", "OVERLEVERT", 2)
    assert found.sekunder == pytest.approx(3)


def hand_over(hus: Hus, kanal: str, minutes_ago: list[float]) -> None:
    """Letters that were handed over so long ago."""
    for ago in minutes_ago:
        letter_id = make_letter(hus, new_fnr())
        with transaction() as tx:
            at = clock.now() - timedelta(minutes=ago)
            letter = update(Forsendelse).where(Forsendelse.id == letter_id)
            tx.execute(letter.values(kanal=kanal, overlevert=at))


def test_letters_a_minute_are_those_of_the_last_five(hus: Hus) -> None:
    hand_over(hus, "DPI", [0.5, 1, 4, 6])
    hand_over(hus, "PRINT", [2])
    assert now().per_minutt == {"DPI": 0.6, "PRINT": 0.2}


def test_throughput_is_counted_in_steps_that_end_now(hus: Hus) -> None:
    hand_over(hus, "DPI", [1, 2, 7, 59, 61])
    hand_over(hus, "PRINT", [1])
    found = state.throughput(timedelta(hours=1), timedelta(minutes=5))
    assert len(found) == 12
    assert found[-1][1] == {"DPI": 2, "PRINT": 1}
    assert found[-2][1] == {"DPI": 1}
    assert found[0][1] == {"DPI": 1}
    assert sum(sum(counted.values()) for _, counted in found) == 5


def test_a_job_that_should_have_run_is_late_after_five_minutes(empty: None) -> None:
    planned_jobs.ensure_jobs({"a": 60, "b": 60})
    with transaction() as tx:
        for navn, minutes in (("a", 6), ("b", 4)):
            due = func.now() - timedelta(minutes=minutes)
            tx.execute(update(PlanlagtJobb).where(PlanlagtJobb.navn == navn).values(neste=due))
    assert now().sene_jobber == ["a"]


def test_what_books_differ_on_is_counted_by_channel_and_kind(hus: Hus) -> None:
    with transaction():
        for n in range(2):
            reconciliation.note_discrepancy(Kanal.DPI, f"fremmed-{n}", reconciliation.UNKNOWN_HERE)
        reconciliation.note_discrepancy(Kanal.DPI, "borte", reconciliation.UNKNOWN_THERE)
    found = {(one.kanal, one.art): one.antall for one in now().uenigheter}
    assert found == {("DPI", "UKJENT_HOS_OSS"): 2, ("DPI", "UKJENT_HOS_DEM"): 1}


def test_orders_to_sign_are_late_after_an_hour_and_so_are_copies_that_are_not_fetched(hus: Hus) -> None:
    ids = make_letters(hus, [new_fnr() for _ in range(4)])
    hour = clock.now() - timedelta(minutes=61)
    later = clock.now() + timedelta(days=3)
    orders = [
        {"forsendelse_id": ids[0]},
        {"forsendelse_id": ids[1], "referanse": "gitt"},
        {"forsendelse_id": ids[2], "referanse": "signert", "signert": hour},
        {"forsendelse_id": ids[3]},
    ]
    with transaction() as tx:
        for one in orders:
            tx.execute(insert(Signeringsoppdrag).values(type="ENKEL", utloper=later, **one))
        old = update(Forsendelse).where(Forsendelse.id.in_(ids[:3]))
        tx.execute(old.values(opprettet=hour))
    assert now().sene_signeringer == 2
