"""F07, F12, F25, F35: PostgreSQL or the object store away for long, Valkey full, and locks, deadlocks and connections
taken by others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
import redis
from sqlalchemy import text

from fiks.core.db import session
from fiks.core.doorbell import RINGS_FAILED
from fiks.utsending.rules import MAX_PART_ATTEMPTS, Utsendingstatus
from testmiljo import mailing
from tests.fault.conftest import Chance
from tests.fault.crew import SENDERS, SWEEPER, Crew, dramatiq
from tests.fault.platform import Platform, assert_all_well
from tests.fault.under_way import calls_that_arrive
from tests.fault.visitor import Visitor

ROWS, MORE_ROWS = 20, 90
AWAY_SECONDS = 12
"""Twice the quarantine: as two minutes against a quarantine of one."""
LESS_THAN_IT_HAS = 1024
"""Bytes Valkey may have, far fewer than it has: so no connection that closes makes room for a bell."""
OTHERS = "somebody else"
AWAY = "LagerUtilgjengelig: "
"""What a worker's log says of a portion that the store's absence broke."""
HELD_SECONDS = 1.5
"""Longer than PostgreSQL waits before it looks for a deadlock."""


@pytest.fixture
def portal(platform: Platform) -> Iterator[Platform]:
    """The platform with its portal running."""
    platform.stack.start_portal()
    yield platform
    platform.stack.stop_product()


@pytest.mark.full
def test_f07_with_postgresql_away_the_portal_says_so_and_workers_wait_without_dying(
    portal: Platform, chance: Chance
) -> None:
    platform = portal
    platform.world(delay_ms=1_000, only=["send"])
    visitor = Visitor(platform.stack.base_url, platform.people["Saksbehandler"])
    with Crew(platform.stack, SENDERS) as crew:
        utsending_id = platform.mailing(MORE_ROWS)
        platform.wait("somebody is in the middle of a call", lambda: calls_that_arrive() > 0)
        time.sleep(chance.random.uniform(0, 1))
        session().close()
        platform.postgres.stop()
        try:
            told = pages_for(visitor, AWAY_SECONDS)
        finally:
            platform.postgres.start()
        platform.world()
        assert_all_well(platform, [utsending_id], chance.seed)
        assert told == {(503, True)}, f"FAULT_SEED={chance.seed}"
        assert visitor.ask("/utsendinger").ok, "the portal is there again by itself"
        assert set(crew.started.values()) == {1}, "somebody died of it"


def pages_for(visitor: Visitor, seconds: float) -> set[tuple[int, bool]]:
    """(status, whether one is told to try later) of every page asked for, for so long."""
    told, end = set(), time.monotonic() + seconds
    while time.monotonic() < end:
        page = visitor.ask("/utsendinger")
        told.add((page.status_code, "Prøv igjen" in page.text))
        time.sleep(1)
    return told


@contextmanager
def full(platform: Platform) -> Iterator[None]:
    """Valkey with no room for one more key."""
    with redis.Redis.from_url(platform.valkey.redis_url) as client:
        try:
            client.config_set("maxmemory", LESS_THAN_IT_HAS)
            with pytest.raises(redis.ResponseError, match="maxmemory"):
                client.set("one more", b"")
            yield
        finally:
            client.config_set("maxmemory", 0)
            client.flushall()


@pytest.mark.full
def test_f12_with_valkey_full_people_work_as_always_and_the_letters_go_out(
    portal: Platform, chance: Chance
) -> None:
    platform = portal
    utsending_id = platform.produced(ROWS)
    where = f"/utsendinger/{utsending_id}"
    lost_before = bells_lost(platform)
    with full(platform):
        approver = Visitor(platform.stack.base_url, platform.people["Godkjenner"])
        approver.post(f"{where}/godkjenning/brev", page=f"{where}/godkjenning")
        approver.post(f"{where}/godkjenn", page=f"{where}/godkjenning")
        maker = Visitor(platform.stack.base_url, platform.people["Saksbehandler"])
        maker.post(f"{where}/frigi", {"nar": "na"})
        assert mailing.status(utsending_id) == Utsendingstatus.FRIGITT
        platform.work("forhandsvisning")
        platform.wait("all is out", lambda: platform.sweep_and_work() and platform.at_rest([utsending_id]))
        assert_all_well(platform, [utsending_id], chance.seed)
    assert bells_lost(platform) > lost_before, "no bell was lost: nothing was tried"


def bells_lost(platform: Platform) -> float:
    """How many rings failed so far, the portal's and ours. The portal rings only for what is not ready already."""
    ours = sum(sample.value for sample in RINGS_FAILED.collect()[0].samples if sample.name.endswith("_total"))
    return ours + (platform.stack.folder / "portal.log").read_text().count("doorbell_failed")


@contextmanager
def store_away(platform: Platform) -> Iterator[None]:
    """No object store where it was: nothing can be read or written."""
    folder = Path(urlsplit(platform.stack.environ["OBJECT_STORE_URL"]).path)
    kept = folder.with_name(f"{folder.name}.borte")
    folder.rename(kept)
    folder.write_bytes(b"")
    try:
        yield
    finally:
        folder.unlink()
        kept.rename(folder)


@pytest.mark.slow
def test_f25_with_the_object_store_away_reading_and_drawing_wait_for_it_however_often_they_tried(
    platform: Platform, chance: Chance
) -> None:
    def prepared(after: int) -> UUID:
        return mailing.prepare(
            platform.seeded, platform.list_of(ROWS, after, other_property=True), mailing.Valg()
        )

    def reaches(utsending_id: UUID, status: Utsendingstatus) -> None:
        platform.wait(f"it is {status}", lambda: mailing.status(utsending_id) == status)

    def is_read(utsending_id: UUID) -> None:
        platform.wait("the list is read", lambda: mailing.list_state(utsending_id)[0] == "LEST")

    with Crew(platform.stack, {"pdf": dramatiq("liste render", 1), "sveip": SWEEPER}) as crew:
        is_read(prepared(0))
        with started_with_store_away(platform, crew):
            utsending_id = prepared(ROWS)
        is_read(utsending_id)
        with started_with_store_away(platform, crew):
            mailing.control_and_produce(platform.seeded, utsending_id)
        reaches(utsending_id, Utsendingstatus.TIL_GODKJENNING)
    mailing.approve_and_release(platform.seeded, utsending_id)
    platform.wait("all is out", lambda: platform.sweep_and_work() and platform.at_rest([utsending_id]))
    assert_all_well(platform, [utsending_id], chance.seed)


@contextmanager
def started_with_store_away(platform: Platform, crew: Crew) -> Iterator[None]:
    """What is ordered in the block is tried more often than it may fail, while the object store is away."""
    before = crew.said("pdf").count(AWAY)
    crew.freeze("pdf")
    yield
    with store_away(platform):
        crew.thaw("pdf")
        platform.wait("it was tried", lambda: crew.said("pdf").count(AWAY) > before + MAX_PART_ATTEMPTS)


@contextmanager
def other_sessions(platform: Platform, number: int) -> Iterator[list[psycopg.Connection[tuple[object, ...]]]]:
    """So many connections of somebody else's, or as many as there are left."""
    url = platform.process.settings.sqlalchemy_url.replace("postgresql+psycopg://", "postgresql://", 1)
    taken: list[psycopg.Connection[tuple[object, ...]]] = []
    try:
        while len(taken) < number:
            try:
                taken.append(psycopg.connect(url, autocommit=True, application_name=OTHERS))
            except psycopg.OperationalError:
                break
        yield taken
    finally:
        for connection in taken:
            connection.close()


def hold_letters(
    other: psycopg.Connection[tuple[object, ...]], utsending_id: UUID, meanwhile: Callable[[], None]
) -> None:
    """Lock letters first and their hand-overs afterwards, the other way round than we: a deadlock for somebody."""
    letters = "SELECT id FROM forsendelse WHERE utsending_id = %s ORDER BY id FOR UPDATE"
    hand_overs = "SELECT id FROM levering WHERE utsending_id = %s ORDER BY id DESC FOR UPDATE"
    try:
        with other.transaction():
            other.execute(letters, (utsending_id,))
            meanwhile()
            time.sleep(HELD_SECONDS)
            other.execute(hand_overs, (utsending_id,))
    except psycopg.errors.DeadlockDetected:
        return


def deadlocks() -> int:
    """How many deadlocks the server has ended so far."""
    session().rollback()
    query = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    return session().execute(query).scalar_one()


@pytest.mark.full
def test_f35_locks_deadlocks_broken_and_missing_connections_lose_no_change_of_state(
    platform: Platform, chance: Chance
) -> None:
    platform.world(delay_ms=200, only=["send"])
    before = deadlocks()
    with Crew(platform.stack, SENDERS) as crew, other_sessions(platform, 2) as (one, two):
        utsending_id = platform.mailing(MORE_ROWS)
        for _ in range(4):
            platform.wait("somebody is in the middle of a call", lambda: calls_that_arrive() > 0)
            hold_letters(one, utsending_id, lambda: break_who_waits(platform, two))
            time.sleep(chance.random.uniform(0, 0.5))
            break_one_connection(two, chance)
        with other_sessions(platform, 200):
            time.sleep(2)
        platform.world()
        assert_all_well(platform, [utsending_id], chance.seed)
        assert not crew.killed
    assert deadlocks() > before, f"FAULT_SEED={chance.seed}: there was no deadlock: nothing was tried"


def break_who_waits(platform: Platform, other: psycopg.Connection[tuple[object, ...]]) -> None:
    """End the backends of those who wait for a letter in the middle of what they do, as soon as there is one."""
    query = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND usename = current_user AND wait_event_type = 'Lock'"""
    platform.wait("somebody waits for a letter", lambda: other.execute(query).fetchone() is not None)


def break_one_connection(other: psycopg.Connection[tuple[object, ...]], chance: Chance) -> None:
    """End one of our backends, whatever it is doing."""
    query = """SELECT pid FROM pg_stat_activity
     WHERE datname = current_database() AND usename = current_user AND application_name <> %s"""
    pids = [row[0] for row in other.execute(query, (OTHERS,)).fetchall()]
    other.execute("SELECT pg_terminate_backend(%s)", (chance.random.choice(pids),))
