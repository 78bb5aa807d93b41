"""Ringing a lane: as many messages as the lane is wide, never more, and no Redis is no error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import UUID

import pytest
import redis

from config.broker import LANES, NAMESPACE, make_ringer
from fiks.core import doorbell

pytestmark = pytest.mark.slow


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    made = redis.Redis.from_url(redis_url)
    made.flushall()
    yield made
    made.flushall()
    made.close()


def waiting(client: redis.Redis, lane: str) -> int:
    length = client.llen(f"{NAMESPACE}:{lane}")
    assert isinstance(length, int)
    return length


@pytest.mark.parametrize("lane", list(LANES))
def test_one_ring_wakes_as_many_as_the_lane_is_wide(client: redis.Redis, redis_url: str, lane: str) -> None:
    ring = make_ringer(redis_url)
    assert ring is not None
    ring(lane)
    assert waiting(client, lane) == LANES[lane]


def test_ringing_again_piles_nothing_up(client: redis.Redis, redis_url: str) -> None:
    ring = make_ringer(redis_url)
    assert ring is not None
    for _ in range(20):
        ring("masse")
    assert waiting(client, "masse") == LANES["masse"]


@pytest.mark.parametrize("lane", list(LANES))
def test_s17_54_a_message_carries_the_lane_and_nothing_else(
    client: redis.Redis, redis_url: str, lane: str
) -> None:
    ring = make_ringer(redis_url)
    assert ring is not None
    ring(lane)
    messages = [json.loads(raw) for raw in client.hvals(f"{NAMESPACE}:{lane}.msgs")]
    assert len(messages) == LANES[lane]
    for message in messages:
        own = {name: message.pop(name) for name in ("message_id", "message_timestamp")}
        assert UUID(own["message_id"]) and isinstance(own["message_timestamp"], int)
        redis_id = message["options"].pop("redis_message_id")
        assert UUID(redis_id)
        assert message == {
            "queue_name": lane,
            "actor_name": lane,
            "args": [lane],
            "kwargs": {},
            "options": {},
        }


def test_s17_54_nothing_else_is_kept_in_redis_than_such_messages_and_who_is_alive(
    client: redis.Redis, redis_url: str
) -> None:
    ring = make_ringer(redis_url)
    assert ring is not None
    for lane in LANES:
        ring(lane)
    expected = {f"{NAMESPACE}:{lane}{part}" for lane in LANES for part in ("", ".msgs")}
    assert {key.decode() for key in client.scan_iter()} == {*expected, f"{NAMESPACE}:__heartbeats__"}


def test_a_lane_nobody_works_is_not_rung(client: redis.Redis, redis_url: str) -> None:
    ring = make_ringer(redis_url)
    assert ring is not None
    ring("sperret")
    assert client.keys() == []


def test_without_redis_there_is_no_bell() -> None:
    assert make_ringer("") is None


def test_a_redis_that_is_away_breaks_nothing_and_is_counted() -> None:
    doorbell.install(make_ringer("redis://127.0.0.1:1/0"))
    before = doorbell.RINGS_FAILED.labels("masse")._value.get()
    try:
        doorbell.ring_now("masse")
    finally:
        doorbell.install(None)
    assert doorbell.RINGS_FAILED.labels("masse")._value.get() == before + 1
