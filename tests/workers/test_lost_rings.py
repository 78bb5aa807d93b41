"""Lost rings are counted when the sweeper meets what they were for; a busy house and a waiting one lose none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import dramatiq
import pytest
import redis
from sqlalchemy import delete, func, update

from config.broker import LANES, make_broker, make_listener, make_ringer
from fiks.core import doorbell
from fiks.core.db import session, transaction
from fiks.sms.models import Sms
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.models import Banestatus, Levering
from fiks.svarut.rules import Bane, Kanal, Leveringsstatus
from tests.integration.databases import QuickProcess
from tests.integration.houses import Hus, new_fnr
from tests.integration.svarut.letters import levering, make_letter, make_letters
from tests.integration.worlds import World
from tests.workers.test_lanes import an_sms
from workers import lost_rings, planned
from workers.lanes import do_portion

pytestmark = pytest.mark.slow

AWAY = "redis://127.0.0.1:1/0"


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    """An empty Redis, over which this process rings and listens."""
    made = redis.Redis.from_url(redis_url)
    made.flushall()
    doorbell.install(make_ringer(redis_url), make_listener(redis_url))
    yield made
    doorbell.install(None)
    made.flushall()
    made.close()


@pytest.fixture
def consumer(redis_url: str) -> Iterator[dramatiq.Consumer]:
    """A worker's ear at the lane masse."""
    made = make_broker(redis_url)
    made.declare_queue(Bane.MASSE)
    yield made.consume(Bane.MASSE, prefetch=LANES[Bane.MASSE], timeout=1_000)
    made.close()


def lost(lane: str = Bane.MASSE) -> float:
    """How much one look of the sweeper adds to the lane's lost rings."""
    session().rollback()
    before: float = lost_rings.LOST.labels(lane)._value.get()
    planned.ring_ready()
    session().rollback()
    return float(lost_rings.LOST.labels(lane)._value.get() - before)


def grow_old(**values: object) -> None:
    """What waits has waited for a minute, if nothing else is said."""
    long_ago = {"neste_forsok": func.now() - timedelta(minutes=1)}
    with transaction() as tx:
        tx.execute(update(Levering).values(**(long_ago | values)))


def old_letters(hus: Hus) -> None:
    make_letters(hus, [new_fnr() for _ in range(3)], bane=Bane.MASSE)
    grow_old()


def test_rings_that_redis_forgot_are_counted_at_each_look_that_finds_none(
    hus: Hus, client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    old_letters(hus)
    client.flushall()
    assert lost() == 1
    assert lost() == 0, "now the sweeper's own ring lies"
    client.flushall()
    assert lost() == 1
    told = [record for record in caplog.records if record.message == "rings_lost"]
    assert [one.lane for one in told] == ["masse"] * 2  # type: ignore[attr-defined]
    assert told[0].sekunder >= 60  # type: ignore[attr-defined]


def test_letters_that_nobody_rang_for_are_counted_also_when_they_are_taken_at_once(
    hus: Hus, process: QuickProcess, world: World, client: redis.Redis
) -> None:
    old_letters(hus)
    client.flushall()
    assert lost() == 1
    while do_portion(Bane.MASSE, process):
        pass
    assert lost() == 0


def test_a_busy_lane_has_lost_nothing_while_its_rings_lie_are_held_and_are_rung_again(
    hus: Hus, client: redis.Redis, consumer: dramatiq.Consumer
) -> None:
    old_letters(hus)
    doorbell.ring_now(Bane.MASSE)
    assert lost() == 0
    held = [next(consumer) for _ in range(LANES[Bane.MASSE])]
    assert None not in held
    client.delete("fiks:masse")
    assert lost() == 0, "a worker is at it"
    client.delete("fiks:masse")
    doorbell.ring_now(Bane.MASSE)
    for message in held:
        assert message is not None
        consumer.ack(message)
    assert lost() == 0, "it let others in, and rang again before"


def test_letters_that_have_just_become_ready_have_their_ring_on_the_way(
    hus: Hus, client: redis.Redis
) -> None:
    make_letter(hus, new_fnr(), bane=Bane.MASSE)
    grow_old(neste_forsok=func.now())
    client.flushall()
    assert lost() == 0


def frozen(hus: Hus) -> None:
    circuit_breaker.set_frozen(True, "prøve")


def wait_for_their_time(hus: Hus) -> None:
    grow_old(neste_forsok=func.now() + timedelta(minutes=1))


def wait_for_their_next_try(hus: Hus) -> None:
    grow_old(status=Leveringsstatus.VENTER)


def are_a_persons(hus: Hus) -> None:
    grow_old(status=Leveringsstatus.TIL_BEHANDLING, bane=Bane.SPERRET)


@pytest.mark.parametrize("why", [frozen, wait_for_their_time, wait_for_their_next_try, are_a_persons])
def test_letters_that_may_not_be_taken_have_lost_no_ring(
    hus: Hus, client: redis.Redis, why: Callable[[Hus], None]
) -> None:
    old_letters(hus)
    why(hus)
    client.flushall()
    assert lost() == 0
    circuit_breaker.set_frozen(False, None)


def test_letters_of_a_channel_that_is_paused_have_lost_no_ring(
    hus: Hus, process: QuickProcess, world: World, client: redis.Redis
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()), bane=Bane.MASSE)
    grow_old()
    with transaction():
        circuit_breaker.pause(Kanal.ALTINN, circuit_breaker.REGISTER_SILENT)
    do_portion(Bane.MASSE, process)
    assert levering(made).status == Leveringsstatus.VENTER
    client.flushall()
    assert lost() == 0
    with transaction() as tx:
        tx.execute(delete(Banestatus))


def test_what_comes_due_by_itself_was_rung_for_by_nobody_and_is_no_loss(
    hus: Hus, client: redis.Redis
) -> None:
    an_sms(hus)
    with transaction() as tx:
        tx.execute(update(Sms).values(neste_forsok=func.now() - timedelta(minutes=1)))
    client.flushall()
    assert lost("sms") == 0
    assert planned.ring_ready() == 1


@pytest.mark.parametrize("ear", [make_listener(AWAY), make_listener("")], ids=["away", "none"])
def test_where_nobody_can_say_what_rings_there_are_none_is_called_lost(
    hus: Hus, ear: Callable[[], frozenset[str]] | None
) -> None:
    old_letters(hus)
    doorbell.install(make_ringer(AWAY), ear)
    try:
        assert lost() == 0
    finally:
        doorbell.install(None)
