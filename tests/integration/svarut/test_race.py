"""At the deadline: the reader and the paper at the same moment, and exactly one of them wins each time."""

from __future__ import annotations

import os
import random
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import db, session, transaction
from fiks.core.queue.owner_lock import Owner
from fiks.print.handover import packing
from fiks.print.models import Ordre, Pakke
from fiks.svarut.delivery.deliver import deliver
from fiks.svarut.inbox import access
from fiks.svarut.lifecycle import lesefrist
from fiks.svarut.models import Forsendelse, Hendelse
from fiks.svarut.rules import Bane, Status
from fiks.svarut.sender import actions
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.print.orders import orders_of
from tests.integration.svarut.letters import hand_over, letter, make_letters, statuses
from tests.integration.worlds import World
from workers.process import Process

CITIZEN = Aktor(Aktortype.PERSON, "Kari Fjellstad", acr=4)
Read = Callable[[UUID, str], object]


def by_receiver(letter_id: UUID, number: str) -> bool:
    return access.mark_read(letter_id, pid=number, orgnrs=frozenset(), actor=CITIZEN)


def elsewhere(letter_id: UUID, number: str) -> bool:
    return actions.mark_read_externally(
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


def packed(letter_id: UUID) -> list[datetime]:
    """When the letter's order was put in a package, each time it was: from then on it is printed."""
    packages = select(Pakke.opprettet).join(Ordre, Ordre.pakke_id == Pakke.id)
    return list(session().scalars(packages.where(Ordre.kilde_id == letter_id)))


def was_read(letter_id: UUID) -> datetime:
    """When the letter became LEST."""
    event = select(Hendelse.tid).where(Hendelse.forsendelse_id == letter_id, Hendelse.til == Status.LEST)
    return session().scalars(event).one()


def go_on_paper(eier: Owner, world: World) -> None:
    lesefrist.expire_lesefrist()
    while deliver(Bane.ENKELT, eier, world.verden):
        pass
    packing.pack_all()


def read_after(pause: float, read: Callable[[], object]) -> None:
    time.sleep(pause)
    read()


@dataclass(frozen=True, slots=True)
class Arena:
    """Where letters are raced for. `dice` says when the reader comes."""

    hus: Hus
    eier: Owner
    world: World
    process: Process
    dice: random.Random


@pytest.fixture
def arena(hus: Hus, eier: Owner, world: World, process: Process, request: pytest.FixtureRequest) -> Arena:
    seed = int(os.environ.get("FAULT_SEED") or secrets.randbelow(1_000_000))
    request.node.add_report_section("setup", "seed", f"FAULT_SEED={seed} repeats this")
    return Arena(hus, eier, world, process, random.Random(seed))


def run_race(arena: Arena, times: int, read: Read) -> set[bool]:
    """Let them race for `times` letters; return which outcomes there were (whether it was printed).

    The reader comes at some moment of the time that going on paper takes, so that each wins now and then.
    """
    eier, world, process = arena.eier, arena.world, arena.process
    numbers = [world.register.add_person(new_fnr()) for _ in range(times)]
    ids = make_letters(arena.hus, numbers)
    hand_over(eier, world)
    outcomes: set[bool] = set()
    took = 0.05
    for letter_id, number in zip(ids, numbers, strict=True):
        make_due(letter_id)
        began_at = time.monotonic()
        reading = partial(read_after, arena.dice.uniform(0, took), partial(read, letter_id, number))
        at_once(process, reading, partial(go_on_paper, eier, world))
        took = (took + time.monotonic() - began_at) / 2
        hand_over(eier, world)
        session().rollback()
        assert letter(letter_id).status == Status.LEST
        outcomes.add(paper_won(letter_id, world))
    return outcomes


def paper_won(letter_id: UUID, world: World) -> bool:
    """Whether it is printed: once, and read afterwards. If not, no print house will ever be given it."""
    began, passed = packed(letter_id), statuses(letter_id)
    assert passed.count(Status.LEST) == 1
    assert world.print.ordrer().count(letter_id) == len(began)
    if began:
        [once] = began
        assert once < was_read(letter_id)
    else:
        assert {status for _, status in orders_of(letter_id)} <= {"AVBESTILT"}
    return bool(began)


@pytest.mark.slow
@pytest.mark.parametrize("read", [by_receiver, elsewhere])
def test_sv12_27_at_the_deadline_exactly_one_of_reader_and_paper_wins(arena: Arena, read: Read) -> None:
    assert run_race(arena, 50, read) == {True, False}


@pytest.mark.full
@pytest.mark.parametrize("read", [by_receiver, elsewhere])
def test_sv12_27_at_the_deadline_exactly_one_wins_a_thousand_times(arena: Arena, read: Read) -> None:
    assert run_race(arena, 500, read) == {True, False}
