"""At the deadline: the reader and the paper at the same moment, and exactly one of them wins each time."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import db, session, transaction
from fiks.core.locks import Owner
from fiks.svarut import lifecycle, recovery, service
from fiks.svarut.delivery import deliver
from fiks.svarut.models import Forsendelse, Hendelse, Levering, Leveringsforsok
from fiks.svarut.rules import Bane, Kanal, Status
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.svarut.letters import hand_over, letter, make_letters, statuses
from tests.integration.worlds import World
from workers.process import Process

CITIZEN = Aktor(Aktortype.PERSON, "Kari Fjellstad", acr=4)
Read = Callable[[UUID, str], object]


def by_receiver(letter_id: UUID, number: str) -> bool:
    return service.mark_read(letter_id, pid=number, orgnrs=frozenset(), actor=CITIZEN)


def elsewhere(letter_id: UUID, number: str) -> bool:
    return lifecycle.mark_read_externally(
        letter_id, fnr=number, tidspunkt=datetime.now(UTC), systemnavn="Portal", actor=HOUSE
    )


def make_due(letter_id: UUID) -> None:
    """This letter's lesefrist is out, and no other's."""
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.id == letter_id).values(lesefrist=func.now()))


def at_once(process: Process, *acts: Callable[[], object]) -> None:
    start, raised = threading.Barrier(len(acts)), list[BaseException]()

    def run(act: Callable[[], object]) -> None:
        with process.app.app_context():
            try:
                start.wait(30)
                act()
            except BaseException as error:  # noqa: BLE001 - told to the test, which fails
                raised.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert raised == []


def call_began(letter_id: UUID) -> datetime | None:
    """When the print house was called for the letter, if it was."""
    return session().scalar(
        select(Leveringsforsok.startet)
        .join(Levering, Levering.id == Leveringsforsok.levering_id)
        .where(Levering.forsendelse_id == letter_id, Leveringsforsok.kanal == Kanal.PRINT)
    )


def was_read(letter_id: UUID) -> datetime:
    """When the letter became LEST."""
    event = select(Hendelse.tid).where(Hendelse.forsendelse_id == letter_id, Hendelse.til == Status.LEST)
    return session().scalars(event).one()


def go_on_paper(eier: Owner, world: World) -> None:
    recovery.expire_lesefrist()
    while deliver(Bane.ENKELT, eier, world.verden):
        pass


def read_after(pause: float, read: Callable[[], object]) -> None:
    time.sleep(pause)
    read()


def run_race(hus: Hus, eier: Owner, world: World, process: Process, times: int, read: Read) -> set[bool]:
    """Let them race for `times` letters; return which outcomes there were (whether it was printed).

    The reader comes at some moment of the time that going on paper takes, so that each wins now and then.
    """
    numbers = [world.register.add_person(new_fnr()) for _ in range(times)]
    ids = make_letters(hus, numbers)
    hand_over(eier, world)
    outcomes: set[bool] = set()
    took = 0.05
    for letter_id, number in zip(ids, numbers, strict=True):
        make_due(letter_id)
        began_at = time.monotonic()
        reading = partial(read_after, random.uniform(0, took), partial(read, letter_id, number))
        at_once(process, reading, partial(go_on_paper, eier, world))
        took = (took + time.monotonic() - began_at) / 2
        hand_over(eier, world)
        session().rollback()
        printed = sum(brev.id == letter_id for given in world.print.fikk.values() for brev in given)
        began = call_began(letter_id)
        assert letter(letter_id).status == Status.LEST
        assert printed == (began is not None) <= 1
        if began is None:
            assert Status.SENDT_PRINT not in statuses(letter_id), "the reader won"
        else:
            assert began < was_read(letter_id), "the paper won, and was read afterwards"
        outcomes.add(began is not None)
    return outcomes


@pytest.mark.parametrize("read", [by_receiver, elsewhere])
def test_sv12_27_at_the_deadline_exactly_one_of_reader_and_paper_wins(
    hus: Hus, eier: Owner, world: World, process: Process, read: Read
) -> None:
    assert run_race(hus, eier, world, process, 50, read) == {True, False}


@pytest.mark.full
@pytest.mark.parametrize("read", [by_receiver, elsewhere])
def test_sv12_27_at_the_deadline_exactly_one_wins_a_thousand_times(
    hus: Hus, eier: Owner, world: World, process: Process, read: Read
) -> None:
    assert run_race(hus, eier, world, process, 500, read) == {True, False}
