"""A database that is older than what the store has seen, or has moved, stops all sending; no other does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from fiks.core import environment
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import FiksError
from fiks.core.feeds import Kvitteringsmarkor
from fiks.core.storage import LagerUtilgjengelig, Store, open_store
from fiks.drift import restored, service
from fiks.drift.restored import KILDE, NOTE, REASON
from fiks.drift.state import frozen_and_paused
from fiks.svarut import circuit
from tests.integration.databases import QuickProcess
from tests.integration.houses import HOUSE, make_hus, new_fnr
from tests.integration.svarut.letters import levering, make_letter
from workers import lanes, sveip
from workers.lanes import do_portion
from workers.sveip import sweep_once


@pytest.fixture
def store(empty: None, tmp_path: Path) -> Iterator[Store]:
    """A store of the test's own, which outlives what happens to the database; neither has begun to count."""
    with transaction() as tx:
        tx.execute(delete(Kvitteringsmarkor))
    kept = environment.current()
    own = open_store(f"file://{tmp_path}/lager")
    environment.install(replace(kept, store=own))
    yield own
    environment.install(kept)


def epoch() -> str | None:
    session().rollback()
    return session().scalar(select(Kvitteringsmarkor.markor).where(Kvitteringsmarkor.kilde == KILDE))


def set_epoch(markor: str) -> None:
    with transaction() as tx:
        tx.execute(update(Kvitteringsmarkor).where(Kvitteringsmarkor.kilde == KILDE).values(markor=markor))


def advance(times: int) -> None:
    for _ in range(times):
        assert restored.advance() == 0


def is_frozen() -> bool:
    session().rollback()
    return circuit.frozen()


def test_a_new_house_begins_to_count_and_nothing_is_stopped(store: Store) -> None:
    assert restored.check() is False
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
    assert restored.check() is True
    assert is_frozen()
    stopped, _ = frozen_and_paused()
    assert stopped is not None and stopped.grunn == REASON
    acts = session().scalars(select(Audit.detaljer).where(Audit.handling == "SENDING_STANSET")).all()
    assert acts == [{"grunn": REASON}]
    session().rollback()
    assert restored.check() is False, "it is known, and is not stopped again when somebody has thawed it"
    service.thaw(actor=HOUSE)
    advance(1)
    assert not is_frozen()


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
    assert restored.check() is True
    assert is_frozen()


def test_an_empty_database_with_a_store_that_has_been_used_is_stopped(store: Store) -> None:
    store.write_note(NOTE, "17")
    assert restored.check() is True
    assert is_frozen()


def test_a_store_that_lags_behind_is_no_sign(store: Store) -> None:
    """The process may die between the commit and the note."""
    advance(4)
    store.write_note(NOTE, "3")
    assert restored.check() is False
    assert not is_frozen()


def test_a_worker_asks_before_it_claims_anything(store: Store, process: QuickProcess) -> None:
    advance(2)
    set_epoch("1 " + (epoch() or "").split()[1])
    letter_id = make_letter(make_hus(), new_fnr())
    session().rollback()
    process._asked = False
    assert do_portion("enkelt", process) == 0
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
    process._asked = False
    with pytest.raises(FiksError, match="LAGER_UTILGJENGELIG"):
        do_portion("enkelt", process)
    assert restored.advance() == 0, "the sweeper tries again at its next turn"
    monkeypatch.undo()
    session().rollback()
    assert do_portion("enkelt", process) == 0


def test_the_job_for_stray_files_asks_first(store: Store, process: QuickProcess) -> None:
    advance(2)
    set_epoch("1 " + (epoch() or "").split()[1])
    assert sveip.delete_strays() == 0
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
