"""The gauges are what the rows say at the time, and fall when the rows do."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import delete, func, insert, text, update

from fiks.core.db import session, transaction
from fiks.core.queue import planned_jobs
from fiks.core.queue.owner_lock import Owner
from fiks.core.queue.planned_jobs import PlanlagtJobb
from fiks.drift import measures, reconciliation_mark, service
from fiks.print.models import Leverandor, Pakke
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.models import Banestatus, Levering
from fiks.svarut.rules import Bane, Leveringsstatus
from tests.integration.databases import Database
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr
from tests.integration.svarut.letters import make_letter, make_letters


@pytest.fixture
def hus(empty: None) -> Hus:
    return make_hus()


def value(name: str, **labels: str) -> float | None:
    """The gauge after counting anew."""
    session().rollback()
    assert measures.measure() == 0
    return REGISTRY.get_sample_value(name, labels)


def test_ready_letters_and_the_workers_they_want(hus: Hus) -> None:
    assert value("fiks_lane_ready", bane="masse") == 0
    ids = make_letters(hus, [new_fnr() for _ in range(3)], bane=Bane.MASSE)
    assert value("fiks_lane_ready", bane="masse") == 3
    assert value("fiks_workers_wanted", prosess="send", bane="masse") == 1
    with transaction() as tx:
        mine = update(Levering).where(Levering.forsendelse_id.in_(ids))
        tx.execute(mine.values(status=Leveringsstatus.STOPPET))
    assert value("fiks_lane_ready", bane="masse") == 0
    assert value("fiks_workers_wanted", prosess="send", bane="masse") == 0
    assert value("fiks_processes_wanted", prosess="send") == 1


def test_an_outcome_that_is_settled_leaves_nothing_behind(hus: Hus) -> None:
    letter_id = make_letter(hus, new_fnr())
    mine = update(Levering).where(Levering.forsendelse_id == letter_id)
    since = func.now() - timedelta(hours=1)
    with transaction() as tx:
        unknown = {"status": Leveringsstatus.UAVKLART, "kanal": "ALTINN", "uavklart_siden": since}
        tx.execute(mine.values(**unknown))
    assert value("fiks_unknown_outcomes", kanal="ALTINN") == 1
    age = value("fiks_unknown_outcome_oldest_seconds", kanal="ALTINN")
    assert age is not None and age >= 3_600
    with transaction() as tx:
        tx.execute(mine.values(status=Leveringsstatus.OVERLEVERT))
    assert value("fiks_unknown_outcomes", kanal="ALTINN") == 0
    assert value("fiks_unknown_outcome_oldest_seconds", kanal="ALTINN") == 0


def test_a_letter_that_waits_for_a_person_is_told_of_until_somebody_has_acted(hus: Hus) -> None:
    letter_id = make_letter(hus, new_fnr())
    mine = update(Levering).where(Levering.forsendelse_id == letter_id)
    with transaction() as tx:
        tx.execute(mine.values(status=Leveringsstatus.TIL_BEHANDLING, bane=Bane.SPERRET))
    assert value("fiks_needs_person", bane="sperret") == 1
    with transaction() as tx:
        tx.execute(mine.values(status=Leveringsstatus.STOPPET))
    assert value("fiks_needs_person", bane="sperret") == 0


def test_the_age_of_the_oldest_letter_to_a_protected_person_is_the_rows_own_and_outlives_the_sweeper(
    hus: Hus,
) -> None:
    """FiksProtectedLetterWaits goes by it: how long a gauge has stood begins anew with each sweeper."""
    assert value("fiks_restricted_oldest_seconds") == 0
    for hours, bane in ((1, Bane.SPERRET), (49, Bane.SPERRET), (90, Bane.MASSE)):
        letter_id = make_letter(hus, new_fnr())
        waits = {"status": Leveringsstatus.TIL_BEHANDLING, "bane": bane}
        with transaction() as tx:
            mine = update(Levering).where(Levering.forsendelse_id == letter_id)
            tx.execute(mine.values(opprettet=func.now() - timedelta(hours=hours), **waits))
    age = value("fiks_restricted_oldest_seconds")
    assert age is not None and 49 * 3_600 <= age < 49 * 3_600 + 60
    with transaction() as tx:
        tx.execute(update(Levering).values(status=Leveringsstatus.STOPPET))
    assert value("fiks_restricted_oldest_seconds") == 0


def test_jobs_that_a_hung_thread_does_not_come_to_are_counted(empty: None) -> None:
    planned_jobs.ensure_jobs({"a": 60, "b": 60, "c": 60})
    with transaction() as tx:
        late = update(PlanlagtJobb).where(PlanlagtJobb.navn.in_(["a", "b"]))
        tx.execute(late.values(neste=func.now() - timedelta(minutes=6)))
    assert value("fiks_jobs_late") == 2
    with transaction() as tx:
        tx.execute(update(PlanlagtJobb).values(neste=func.now()))
    assert value("fiks_jobs_late") == 0


def test_who_is_away_is_seen_although_others_live(
    empty: None, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGAPPNAME", "fiks inn")
    owners = [Owner(database.app_url) for _ in range(2)]
    assert value("fiks_workers_alive", prosess="inn") == 2
    assert value("fiks_workers_alive", prosess="vis") == 0
    for owner in owners:
        owner.release()
    assert value("fiks_workers_alive", prosess="inn") == 0


@pytest.mark.parametrize(("waits", "told"), [(True, 1), (False, 0)])
def test_a_print_house_is_away_until_it_has_answered_also_while_it_is_tried_again(
    empty: None, *, waits: bool, told: int
) -> None:
    house = {"kode": "BORTE", "navn": "Borte Trykk", "feil_pa_rad": 3}
    with transaction() as tx:
        tx.execute(insert(Leverandor).values(pause_til=func.now() - timedelta(seconds=20), **house))
        if waits:
            package = {"klasse": "NORMAL", "tosidig": False, "farger": False, "antall": 1}
            tx.execute(insert(Pakke).values(id=uuid4(), leverandor="BORTE", status="VENTER", **package))
    assert (value("fiks_channel_paused", kanal="BORTE") or 0) == told
    with transaction() as tx:
        tx.execute(delete(Pakke).where(Pakke.leverandor == "BORTE"))
        tx.execute(delete(Leverandor).where(Leverandor.kode == "BORTE"))
    assert value("fiks_channel_paused", kanal="BORTE") in (0, None)


def test_a_paused_channel_and_stopped_sending_are_ones_and_nought_again_afterwards(empty: None) -> None:
    with transaction() as tx:
        tx.execute(insert(Banestatus).values(navn="KRR", stengt=True))
    circuit_breaker.set_frozen(True, "prøve")
    assert value("fiks_channel_paused", kanal="KRR") == 1
    assert value("fiks_channel_paused", kanal="DPI") == 0
    assert value("fiks_sending_frozen") == 1
    with transaction() as tx:
        tx.execute(delete(Banestatus))
    assert value("fiks_channel_paused", kanal="KRR") == 0
    assert value("fiks_sending_frozen") == 0


def test_a_restored_database_is_told_of_until_it_is_reconciled_whether_sending_goes_on_or_not(
    empty: None,
) -> None:
    assert value("fiks_unreconciled") == 0
    with transaction():
        reconciliation_mark.mark("7 en/annen")
    circuit_breaker.set_frozen(True, "GJENOPPRETTET")
    assert value("fiks_unreconciled") == 1
    service.thaw_anyway(actor=HOUSE)
    assert (value("fiks_sending_frozen"), value("fiks_unreconciled")) == (0, 1)
    service.mark_reconciled(actor=HOUSE)
    assert value("fiks_unreconciled") == 0


def test_a_channel_that_asks_for_peace_is_not_one_that_fails(empty: None) -> None:
    with transaction():
        circuit_breaker.pause_as_asked("DPI", 600)
    assert value("fiks_channel_left_in_peace", kanal="DPI") == 1
    assert value("fiks_channel_paused", kanal="DPI") == 0
    with transaction() as tx:
        tx.execute(delete(Banestatus))
    assert value("fiks_channel_left_in_peace", kanal="DPI") == 0


def test_the_machines_clock_is_held_against_the_databases(empty: None) -> None:
    offset = value("fiks_clock_offset_seconds")
    assert offset is not None and abs(offset) < 5
    measured = value("fiks_measured_timestamp_seconds")
    assert measured is not None and measured > 1_700_000_000


def test_a_server_that_archives_nothing_has_nothing_that_was_not_archived(empty: None) -> None:
    assert session().execute(text("SHOW archive_mode")).scalar_one() == "off"
    assert value("fiks_database_log_not_archived") == 0
