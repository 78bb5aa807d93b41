"""One mailing from file to receipts while everything breaks: the acceptance test of "exactly once"."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import dramatiq
import pytest
from sqlalchemy import func, select

from config import broker
from config.broker import LANES
from fiks.core import clock
from fiks.core.db import session
from fiks.utsending.models import Arbeidsdel
from fiks.utsending.rules import Delart, Delstatus, Utsendingstatus
from testmiljo import mailing
from tests.fault.conftest import FEW, ROWS, ROWS_FULL, Chance
from tests.fault.crew import EVERYBODY, Crew
from tests.fault.platform import PATIENCE, Platform, assert_all_well, simple_letter

PER_BELL = 10
ROUNDS = 2
LONG = 7.5 * PATIENCE


@pytest.mark.parametrize(
    "rows",
    [FEW, pytest.param(ROWS, marks=pytest.mark.slow), pytest.param(ROWS_FULL, marks=pytest.mark.full)],
)
def test_every_letter_arrives_exactly_once_while_workers_are_killed_and_servers_restarted(
    platform: Platform, chance: Chance, rows: int
) -> None:
    with Crew(platform.stack, EVERYBODY) as crew:
        utsending_id = prepare(platform, crew, rows)
        draw(platform, crew, utsending_id)
        platform.world(delay_ms=150)
        mailing.approve_and_release(platform.seeded, utsending_id)
        for fault in faults(platform, crew, chance):
            time.sleep(chance.random.uniform(0.3, 0.9))
            fault()
        platform.world()
        assert_all_well(platform, [utsending_id], chance.seed, LONG)
        clock.move(timedelta(days=20))
        platform.wait("every letter is at its end", lambda: not platform.unfinished([utsending_id]), LONG)
    assert len(crew.killed) >= 2 + ROUNDS
    assert_all_well(platform, [utsending_id], chance.seed)


def prepare(platform: Platform, crew: Crew, rows: int) -> UUID:
    """The list is read by a worker that is killed while it reads."""
    quick = replace(platform.seeded, mal_eiendomsskatt=simple_letter())
    utsending_id = mailing.prepare(quick, platform.list_of(rows), mailing.Valg())
    platform.wait("somebody reads", lambda: mailing.list_state(utsending_id)[0] != "MOTTATT")
    for name in ("send-1", "send-2"):
        crew.kill(name)
    platform.wait("the list is read", lambda: mailing.list_state(utsending_id)[0] == "LEST", LONG)
    assert mailing.rows_in(utsending_id) == rows
    return utsending_id


def draw(platform: Platform, crew: Crew, utsending_id: UUID) -> None:
    """The letters are drawn; one of those who draw is killed in the middle."""
    mailing.control_and_produce(platform.seeded, utsending_id)
    platform.wait("somebody draws", lambda: parts(utsending_id, Delstatus.TATT, Delstatus.FERDIG) > 0, LONG)
    crew.kill("pdf-1")
    drawn = Utsendingstatus.PRODUSERES
    platform.wait("the letters are drawn", lambda: mailing.status(utsending_id) != drawn, LONG)
    assert mailing.status(utsending_id) == Utsendingstatus.TIL_GODKJENNING


def faults(platform: Platform, crew: Crew, chance: Chance) -> list[Callable[[], None]]:
    """Every fault some times, in random order."""
    senders = ["send-1", "send-2", "sveip"]
    once: list[Callable[[], None]] = [
        lambda: crew.kill_one(chance.random, senders),
        lambda: ring_too_often(platform),
        platform.flush_valkey,
        platform.valkey.restart_empty,
        platform.restart_postgres,
    ]
    order = once * ROUNDS
    chance.random.shuffle(order)
    return order


def ring_too_often(platform: Platform) -> None:
    """Ten equal messages for every lane, past the bell's own limit."""
    made = broker.make_broker(platform.valkey.redis_url)
    for lane in LANES:
        made.declare_queue(lane)
        message: dramatiq.Message[None] = dramatiq.Message(
            queue_name=lane, actor_name=lane, args=(lane,), kwargs={}, options={}
        )
        for _ in range(PER_BELL):
            made.enqueue(message)
    made.close()


def parts(utsending_id: UUID, *statuses: Delstatus) -> int:
    """Ranges of letters in one of these states."""
    return (
        session()
        .execute(
            select(func.count()).where(
                Arbeidsdel.utsending_id == utsending_id,
                Arbeidsdel.art == Delart.RENDER,
                Arbeidsdel.status.in_(statuses),
            )
        )
        .scalar_one()
    )
