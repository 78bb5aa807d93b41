"""A database that is older than what the store has seen, or has moved, stops all sending; no other does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context
from dataclasses import replace
from pathlib import Path
from shutil import rmtree

import pytest
from sqlalchemy import delete, select, update

from config.settings import Settings
from fiks.core import environment
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import FiksError, Konflikt, UgyldigInndata
from fiks.core.queue.feed_markers import Kvitteringsmarkor
from fiks.core.storage.store import LagerUtilgjengelig, Store, open_store
from fiks.drift import reconciliation_mark, restore_guard, service
from fiks.drift.restore_guard import KILDE, NOTE, REASON
from fiks.drift.state import frozen_and_paused, state
from fiks.svarut.delivery import circuit_breaker
from portal import create_app
from tests.integration.databases import Database, QuickProcess
from tests.integration.houses import HOUSE, make_hus, new_fnr
from tests.integration.svarut.letters import levering, make_letter
from workers import lanes, planned
from workers.lanes import do_portion
from workers.sveip import sweep_once


@pytest.fixture
def store(empty: None, tmp_path: Path) -> Iterator[Store]:
    """A store of the test's own, which outlives what happens to the database; neither has begun to count."""
    before = epoch()
    with transaction() as tx:
        tx.execute(delete(Kvitteringsmarkor))
    kept = environment.current()
    own = open_store(f"file://{tmp_path}/lager")
    environment.install(replace(kept, store=own))
    yield own
    environment.install(kept)
    session().rollback()
    with transaction() as tx:
        tx.execute(delete(Kvitteringsmarkor))
        if before is not None:
            tx.add(Kvitteringsmarkor(kilde=KILDE, markor=before))


def epoch() -> str | None:
    session().rollback()
    return session().scalar(select(Kvitteringsmarkor.markor).where(Kvitteringsmarkor.kilde == KILDE))


def set_epoch(markor: str) -> None:
    with transaction() as tx:
        tx.execute(update(Kvitteringsmarkor).where(Kvitteringsmarkor.kilde == KILDE).values(markor=markor))


def advance(times: int) -> None:
    for _ in range(times):
        assert restore_guard.advance_epoch() == 0


def is_frozen() -> bool:
    session().rollback()
    return circuit_breaker.is_frozen()


def test_a_new_house_begins_to_count_and_nothing_is_stopped(store: Store) -> None:
    assert restore_guard.check_for_restore() is False
    advance(3)
    assert (epoch() or "").split()[0] == store.read_note(NOTE) == "3"
    assert not is_frozen()


def test_a_database_older_than_the_store_has_seen_is_stopped_once_and_counts_on_from_there(
    store: Store,
) -> None:
    advance(2)
    backup = epoch()
    assert backup is not None
    advance(5)
    set_epoch(backup)
    assert restore_guard.check_for_restore() is True
    assert is_frozen()
    stopped, _ = frozen_and_paused()
    assert stopped is not None and stopped.grunn == REASON
    acts = session().scalars(select(Audit.detaljer).where(Audit.handling == "SENDING_STANSET")).all()
    assert acts == [{"grunn": REASON}]
    session().rollback()
    assert restore_guard.check_for_restore() is False, (
        "it is known, and is not stopped again when somebody has thawed it"
    )
    service.mark_reconciled(actor=HOUSE)
    service.thaw(actor=HOUSE)
    advance(1)
    assert not is_frozen()


def restore(store: Store) -> None:
    """The database is put back to before what the store has seen, and a process finds it."""
    advance(2)
    set_epoch("1 " + (epoch() or "").split()[1])
    assert restore_guard.check_for_restore() is True


def acts() -> list[str]:
    """What the audit log tells of sending, but for its stops."""
    session().rollback()
    rows = select(Audit.handling).where(Audit.objekt_type == "plattform").order_by(Audit.id)
    return [handling for handling in session().scalars(rows) if handling != "SENDING_STANSET"]


def test_a_restored_database_is_not_started_before_it_is_reconciled_whatever_the_reason_says_now(
    store: Store,
) -> None:
    restore(store)
    service.freeze("restored from backup of 3 May", actor=HOUSE)
    with pytest.raises(Konflikt, match="DRIFT_IKKE_AVSTEMT"):
        service.thaw(actor=HOUSE)
    assert is_frozen()
    assert state().gjenopprettet
    assert acts() == []
    service.mark_reconciled(actor=HOUSE)
    assert not state().gjenopprettet
    assert service.thaw(actor=HOUSE) is True
    assert not is_frozen()
    assert acts() == ["DATABASE_AVSTEMT", "SENDING_STARTET"]


def test_one_who_knows_better_than_the_guard_says_so_and_it_is_to_be_reconciled(store: Store) -> None:
    assert restore_guard.check_for_restore() is False
    restore_guard.declare_restored("restored from backup of 3 May", actor=HOUSE)
    stopped, _ = frozen_and_paused()
    assert stopped is not None and stopped.grunn == "restored from backup of 3 May"
    assert reconciliation_mark.marked_since() is not None
    with pytest.raises(Konflikt, match="DRIFT_IKKE_AVSTEMT"):
        service.thaw(actor=HOUSE)
    assert acts() == ["GJENOPPRETTING_OPPGITT"]


def test_a_reason_that_is_refused_notes_nothing(store: Store) -> None:
    with pytest.raises(UgyldigInndata, match="DRIFT_GRUNN"):
        restore_guard.declare_restored("nei", actor=HOUSE)
    session().rollback()
    assert not reconciliation_mark.is_marked()


def test_it_is_started_all_the_same_by_one_who_says_so_and_is_asked_again_after_the_next_stop(
    store: Store,
) -> None:
    restore(store)
    assert service.thaw_anyway(actor=HOUSE) is True
    assert not is_frozen()
    assert service.thaw_anyway(actor=HOUSE) is False
    assert service.thaw(actor=HOUSE) is False
    service.freeze("brev er sendt to ganger", actor=HOUSE)
    with pytest.raises(Konflikt, match="DRIFT_IKKE_AVSTEMT"):
        service.thaw(actor=HOUSE)
    assert acts() == ["SENDING_STARTET_LIKEVEL"]


def test_a_stop_that_is_no_restore_is_ended_without_more_and_told_of_as_such(store: Store) -> None:
    for start in (service.thaw, service.thaw_anyway):
        service.freeze("flytter til ny maskin", actor=HOUSE)
        assert start(actor=HOUSE) is True
    service.mark_reconciled(actor=HOUSE)
    assert acts() == ["SENDING_STARTET"] * 2


def test_a_database_that_is_restored_once_more_is_to_be_reconciled_once_more(store: Store) -> None:
    restore(store)
    service.mark_reconciled(actor=HOUSE)
    service.thaw(actor=HOUSE)
    restore(store)
    with pytest.raises(Konflikt, match="DRIFT_IKKE_AVSTEMT"):
        service.thaw(actor=HOUSE)


def test_a_restore_that_is_found_while_somebody_starts_sending_stops_it_after(
    store: Store, process: QuickProcess, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.freeze("flytter til ny maskin", actor=HOUSE)
    advance(2)
    set_epoch("1 " + (epoch() or "").split()[1])
    asked = reconciliation_mark.is_marked
    finding: list[Future[bool]] = []

    def find() -> bool:
        with process.app.app_context():
            return restore_guard.check_for_restore()

    with ThreadPoolExecutor(1) as other:

        def asked_while_another_process_finds_it() -> bool:
            finding.append(other.submit(Context().run, find))
            _wait_until_held_up(database, finding[0])
            return asked()

        monkeypatch.setattr(reconciliation_mark, "is_marked", asked_while_another_process_finds_it)
        service.thaw(actor=HOUSE)
        assert finding[0].result() is True
    assert is_frozen()


def test_a_stop_that_comes_while_somebody_ends_the_one_before_stands(
    store: Store, process: QuickProcess, database: Database
) -> None:
    service.freeze("flytter til ny maskin", actor=HOUSE)
    shown, _ = frozen_and_paused()
    assert shown is not None

    def end() -> bool:
        with process.app.app_context():
            return service.thaw(sett=shown.siden, actor=HOUSE)

    with ThreadPoolExecutor(1) as other:
        with transaction():
            service.freeze("brev går til feil mottaker", actor=HOUSE)
            ending = other.submit(Context().run, end)
            _wait_until_held_up(database, ending)
        with pytest.raises(Konflikt, match="DRIFT_ANNEN_STANS"):
            ending.result()
    assert is_frozen()
    assert acts() == []


def _wait_until_held_up(database: Database, doing: Future[bool]) -> None:
    """Until it waits for somebody's lock, or is done since nobody had one."""
    end = time.monotonic() + 20
    here = "FROM pg_stat_activity WHERE datname = current_database()"
    with database.app() as watching:  # the role that waits, since it sees its own only
        waiting = f"SELECT count(*) {here} AND wait_event_type = 'Lock'"
        while not doing.done() and watching.execute(waiting).fetchone() == (0,):
            assert time.monotonic() < end
            time.sleep(0.02)


def test_the_sweeper_that_counts_finds_it_too(store: Store) -> None:
    advance(1)
    backup = epoch()
    assert backup is not None
    advance(1)
    set_epoch(backup)
    advance(1)
    assert is_frozen()


def test_a_database_that_is_read_into_another_server_is_stopped_however_new_it_is(store: Store) -> None:
    advance(3)
    set_epoch("3 7012345678901234567/16384")
    assert restore_guard.check_for_restore() is True
    assert is_frozen()


def test_an_empty_database_with_a_store_that_has_been_used_is_stopped(store: Store) -> None:
    store.write_note(NOTE, "17")
    assert restore_guard.check_for_restore() is True
    assert is_frozen()


def test_a_store_that_lags_behind_is_no_sign(store: Store) -> None:
    """The process may die between the commit and the note."""
    advance(4)
    store.write_note(NOTE, "3")
    assert restore_guard.check_for_restore() is False
    assert not is_frozen()


def test_no_work_is_done_with_a_store_that_is_not_the_one_that_was_used(
    store: Store, process: QuickProcess, tmp_path: Path
) -> None:
    """As of a process that is started while the folder is not mounted."""
    advance(3)
    set_epoch(f"{restore_guard.FIRST_HOURS + 1} " + (epoch() or "").split()[1])
    letter_id = make_letter(make_hus(), new_fnr())
    kept = environment.current()
    empty = open_store(f"file://{tmp_path}/ikke-montert")
    environment.install(replace(kept, store=empty))
    session().rollback()
    process._asked = 0
    with pytest.raises(LagerUtilgjengelig, match="LAGER_UKJENT"):
        do_portion("enkelt", process)
    advance(2)
    assert empty.read_note(NOTE) is None, "it would be taken for the house's from now on"
    assert levering(letter_id).status == "KLAR"
    environment.install(kept)
    session().rollback()
    assert do_portion("enkelt", process) == 1
    assert not is_frozen()


def started_where_nothing_is_mounted(store: Store, folder: Path) -> tuple[Store, Path]:
    """(the store of a process that is started now, where the house's folder is)."""
    away = folder.rename(folder.with_name("av"))
    set_epoch(f"{restore_guard.FIRST_HOURS + 1} " + (epoch() or "").split()[1])
    return open_store(f"file://{folder}"), away


def mount(folder: Path, away: Path) -> None:
    rmtree(folder)
    away.rename(folder)


def test_a_worker_that_was_started_where_nothing_is_mounted_works_when_it_is(
    store: Store, process: QuickProcess, tmp_path: Path
) -> None:
    advance(3)
    letter_id = make_letter(make_hus(), new_fnr())
    begun, away = started_where_nothing_is_mounted(store, tmp_path / "lager")
    environment.install(replace(environment.current(), store=begun))
    process._asked = 0
    with pytest.raises(LagerUtilgjengelig, match="LAGER_UKJENT"):
        do_portion("enkelt", process)
    mount(tmp_path / "lager", away)
    assert do_portion("enkelt", process) == 1
    assert levering(letter_id).status != "KLAR"
    advance(1)
    assert begun.read_note(NOTE) == str(restore_guard.FIRST_HOURS + 2)


def test_a_portal_that_was_started_where_nothing_is_mounted_puts_no_document_there(
    store: Store, database: Database, tmp_path: Path
) -> None:
    advance(3)
    _, away = started_where_nothing_is_mounted(store, tmp_path / "lager")
    app = create_app(
        Settings.from_env(
            {
                "FIKS_ENV": "test",
                "DATABASE_URL": database.app_url,
                "OBJECT_STORE_URL": f"file://{tmp_path}/lager",
            }
        )
    )
    house = environment.current()
    with app.app_context():
        with pytest.raises(LagerUtilgjengelig, match="LAGER_UKJENT"):
            house.store.put_document([b"x"], house.keys)
        assert not any((tmp_path / "lager").iterdir())
        mount(tmp_path / "lager", away)
        stored = house.store.put_document([b"x"], house.keys)
    assert b"".join(store.read_document(stored.objekt, stored.nokkel, house.keys)) == b"x"


def test_a_new_house_whose_store_cannot_be_written_to_yet_begins_when_it_can(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*words: str) -> None:
        raise LagerUtilgjengelig("LAGER_UTILGJENGELIG")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write_note", read_only)
        advance(3)
    advance(2)
    assert (epoch() or "").split()[0] == store.read_note(NOTE) == "5"


def test_the_sweeper_tells_that_the_store_is_away_until_it_is_read_and_written_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*words: str) -> str:
        raise LagerUtilgjengelig("LAGER_UTILGJENGELIG")

    told = []
    for refused in (None, "read_note", None, "write_note", None):
        with monkeypatch.context() as patch:
            if refused:
                patch.setattr(Store, refused, away)
            advance(1)
        told.append(restore_guard.STORE_AWAY._value.get())
    assert told == [0, 1, 0, 1, 0]


def test_the_sweeper_tells_of_a_store_that_is_not_the_houses_as_of_one_that_is_away(
    store: Store, tmp_path: Path
) -> None:
    advance(3)
    set_epoch(f"{restore_guard.FIRST_HOURS + 1} " + (epoch() or "").split()[1])
    environment.install(replace(environment.current(), store=open_store(f"file://{tmp_path}/ikke-montert")))
    advance(1)
    assert restore_guard.STORE_AWAY._value.get() == 1
    environment.install(replace(environment.current(), store=store))
    advance(1)
    assert restore_guard.STORE_AWAY._value.get() == 0


def test_a_worker_asks_before_it_claims_anything(store: Store, process: QuickProcess) -> None:
    advance(2)
    set_epoch("1 " + (epoch() or "").split()[1])
    letter_id = make_letter(make_hus(), new_fnr())
    session().rollback()
    process._asked = 0
    assert do_portion("enkelt", process) == 0
    assert levering(letter_id).status == "KLAR"
    assert is_frozen()


@pytest.mark.parametrize("lane", ["enkelt", "print", "liste"])
def test_a_worker_that_lives_through_a_failover_to_an_older_database_asks_again_before_it_claims(
    store: Store, process: QuickProcess, lane: str
) -> None:
    """Whether it finds at its next ring that its lock is gone, or in the middle of a turn."""
    advance(2)
    process._asked = 0
    assert do_portion(lane, process) == 0
    letter_id = make_letter(make_hus(), new_fnr())
    store.write_note(NOTE, "500")
    session().rollback()
    assert do_portion("masse", process) == 0
    assert not is_frozen(), "nobody has told it that the database is another"
    process.owner.release()
    assert do_portion(lane, process) == 0
    assert levering(letter_id).status == "KLAR"
    assert is_frozen()


def test_no_work_is_begun_while_the_store_cannot_be_asked(
    store: Store, process: QuickProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(name: str) -> str:
        raise LagerUtilgjengelig("LAGER_UTILGJENGELIG")

    # The store has no way to be away for one note.
    monkeypatch.setattr(Store, "read_note", lambda self, name: away(name))
    session().rollback()
    process._asked = 0
    with pytest.raises(FiksError, match="LAGER_UTILGJENGELIG"):
        do_portion("enkelt", process)
    assert restore_guard.advance_epoch() == 0, "the sweeper tries again at its next turn"
    monkeypatch.undo()
    session().rollback()
    assert do_portion("enkelt", process) == 0


def test_the_job_for_stray_files_asks_first(store: Store, process: QuickProcess) -> None:
    advance(2)
    set_epoch("1 " + (epoch() or "").split()[1])
    assert planned.delete_strays() == 0
    assert is_frozen()


@pytest.mark.parametrize("lane", ["sms", "epost"])
def test_neither_sms_nor_e_mail_goes_while_sending_is_stopped(
    store: Store, process: QuickProcess, monkeypatch: pytest.MonkeyPatch, lane: str
) -> None:
    sent: list[str] = []
    # What is sent is of no interest here, only whether anybody is asked to.
    monkeypatch.setattr(getattr(lanes, lane), "send_next", lambda *outside: sent.append(lane) or 1)
    service.freeze("flytter til ny maskin", actor=HOUSE)
    session().rollback()
    assert (do_portion(lane, process), sent) == (0, [])
    session().rollback()
    service.thaw(actor=HOUSE)
    session().rollback()
    assert (do_portion(lane, process), sent) == (1, [lane])


def test_the_sweeper_has_the_job(store: Store, process: QuickProcess) -> None:
    session().rollback()
    sweep_once(process, everything=True)
    assert store.read_note(NOTE) == "1"
