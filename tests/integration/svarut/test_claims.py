"""Claims: five at a time, each lane for itself, never two workers with one letter."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, update
from sqlalchemy.exc import OperationalError

from fiks.core.db import db, session, transaction
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.delivery import circuit_breaker, claims
from fiks.svarut.delivery.claims import claim
from fiks.svarut.delivery.deliver import deliver
from fiks.svarut.letters import Brev
from fiks.svarut.models import Levering
from fiks.svarut.operations import recovery
from fiks.svarut.rules import Bane, Leveringsstatus, Status
from tests.integration.databases import Database
from tests.integration.houses import Hus, new_fnr
from tests.integration.svarut.letters import (
    hand_over,
    letter,
    levering,
    make_letter,
    make_letters,
    tries_used,
)
from tests.integration.worlds import World
from workers.process import Process


def test_a_claim_takes_five_and_no_more(hus: Hus, eier: Owner, world: World) -> None:
    make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(7)])
    assert [deliver(Bane.ENKELT, eier, world.verden) for _ in range(3)] == [5, 2, 0]


def test_lanes_are_worked_each_for_itself(hus: Hus, eier: Owner, world: World) -> None:
    make_letter(hus, world.register.add_person(new_fnr()), bane=Bane.MASSE)
    assert deliver(Bane.ENKELT, eier, world.verden) == 0
    assert deliver(Bane.MASSE, eier, world.verden) == 1


def test_a_letter_whose_time_has_not_come_is_not_claimed(hus: Hus, eier: Owner, world: World) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    with transaction() as tx:
        tx.execute(update(Levering).values(neste_forsok=func.now() + timedelta(minutes=1)))
    assert hand_over(eier, world) == 0
    assert levering(made).status == "KLAR"


def test_frozen_nothing_is_claimed_and_thawed_everything_goes_on(hus: Hus, eier: Owner, world: World) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    circuit_breaker.set_frozen(True, "gjenopprettet fra kopi")
    assert hand_over(eier, world) == 0
    assert (levering(made).status, levering(made).forsok) == ("KLAR", 0)
    circuit_breaker.set_frozen(False, None)
    assert hand_over(eier, world) == 1
    assert world.altinn.antall == 1


def test_two_workers_never_claim_the_same_letter(
    hus: Hus, database: Database, process: Process, world: World
) -> None:
    made = make_letters(hus, [new_fnr() for _ in range(40)])
    owners = [Owner(database.app_url) for _ in range(3)]
    taken: list[tuple[int, object]] = []
    start = threading.Barrier(3)

    def claim_all(owner: Owner) -> None:
        with process.app.app_context():
            start.wait()
            while found := claim(Bane.ENKELT, owner.number):
                taken.extend((owner.number, krav.claim.levering_id) for krav in found)

    threads = [threading.Thread(target=claim_all, args=(owner,)) for owner in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for owner in owners:
        owner.release()
    assert len(taken) == len({levering_id for _, levering_id in taken}) == len(made)


def test_a_row_that_has_lost_two_owners_is_claimed_alone(hus: Hus, eier: Owner, world: World) -> None:
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(4)])
    with transaction() as tx:
        tx.execute(update(Levering).where(Levering.forsendelse_id == made[2]).values(tapte_eiere=2))
    assert [deliver(Bane.ENKELT, eier, world.verden) for _ in range(2)] == [1, 3]


def test_something_unforeseen_in_a_call_leaves_nothing_claimed(hus: Hus, eier: Owner, world: World) -> None:
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(3)])

    def burst(referanse: str, brev: Brev) -> None:
        raise MemoryError

    world.altinn.under = burst
    with pytest.raises(MemoryError):
        deliver(Bane.ENKELT, eier, world.verden)
    session().rollback()
    after = sorted(levering(one).status for one in made)
    assert after == [Leveringsstatus.KLAR, Leveringsstatus.KLAR, Leveringsstatus.UAVKLART]


def test_a_claim_whose_commit_got_no_answer_is_taken_back(
    hus: Hus, eier: Owner, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The letter is ours in the database, and the process that claimed it does not know and lives on."""
    made = make_letter(hus, world.register.add_person(new_fnr()))
    dialect = db.engine.dialect
    commit, lost = dialect.do_commit, list[int]()

    def commit_and_break(connection: Any) -> None:
        driver = connection.driver_connection
        claimed = driver.execute("SELECT eier FROM levering WHERE status = 'SENDER'").fetchone()
        commit(connection)
        if claimed is not None and not lost:
            lost.append(claimed[0])
            driver.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(dialect, "do_commit", commit_and_break)
    with pytest.raises(OperationalError):
        deliver(Bane.ENKELT, eier, world.verden)
    session().rollback()
    assert (levering(made).status, levering(made).eier, world.altinn.antall) == ("SENDER", lost[0], 0)
    session().rollback()
    assert recovery.recover_orphans() == 1
    hand_over(eier, world)
    assert (levering(made).status, world.altinn.antall) == ("OVERLEVERT", 1)


def test_letters_are_not_to_blame_for_what_the_database_does_not_do(
    hus: Hus, eier: Owner, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a lock or a statement that takes too long for its limit, before any call has begun."""
    made = [make_letter(hus, world.register.add_person(new_fnr())) for _ in range(5)]

    def cancelled(*_: object) -> None:
        raise OperationalError("SELECT", {}, psycopg.errors.LockNotAvailable("lock timeout"))

    with monkeypatch.context() as broken:
        broken.setattr(claims, "load_letters", cancelled)
        for _ in range(4):
            with pytest.raises(OperationalError):
                deliver(Bane.ENKELT, eier, world.verden)
            assert {(levering(one).status, levering(one).tapte_eiere) for one in made} == {("KLAR", 0)}
            assert deliver(Bane.ENKELT, eier, world.verden) == 0, "they are left alone for a minute"
            let_ready_wait_pass()
    deliver(Bane.ENKELT, eier, world.verden)
    assert {letter(one).status for one in made} == {Status.SENDT_ALTINN}
    assert tries_used(made) == 5


def let_ready_wait_pass() -> None:
    with transaction() as tx:
        tx.execute(update(Levering).values(neste_forsok=func.now()))
