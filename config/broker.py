"""The broker: lanes, the width of each, and how to ring one. Redis is a doorbell; the database rows are the
queue.

A lane is a queue of its own with one actor of the same name. A ring adds messages until there are as many as
the lane is wide. A message holds only the lane's name, so a lost or duplicated one is harmless.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker

LANES: dict[str, int] = {
    "mottak": 2,
    "enkelt": 4,
    "masse": 8,
    "liste": 1,
    "render": 2,
    "forhandsvisning": 1,
    "inn": 3,
    "epost": 1,
    "sms": 4,
    "edialog": 1,
    "print": 4,
}
"""Lane to width: how many workers one ring may wake. `sperret` has no lane: only persons act there."""

SOCKET_TIMEOUT, CONNECT_TIMEOUT = 5.0, 1.0
RING_TIMEOUT = 1.0
"""Seconds that a ring may wait for Redis: a person may be waiting, or the sweeper."""
PAUSE_AFTER_TIMEOUT = 2.0
"""Seconds for which nobody rings after Redis has timed out."""
HEARTBEAT_MS = 60_000
MAINTENANCE_CHANCE = 10_000
NAMESPACE = "fiks"
POLL_MS = 50
"""Longest time a ring waits until an idle worker polls: dramatiq's own second would make single letters late.
"""


class Lanebroker(RedisBroker):
    """dramatiq's broker without delayed queues: nothing is delayed here, and polling for delayed rings costs
    as much as polling for rings.
    """

    def declare_queue(self, queue_name: str) -> None:
        if queue_name not in self.queues:
            self.emit_before("declare_queue", queue_name)
            self.queues.add(queue_name)
            self.emit_after("declare_queue", queue_name)

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = POLL_MS) -> dramatiq.Consumer:
        return super().consume(queue_name, prefetch, min(timeout, POLL_MS))

    def enqueue(self, message: dramatiq.Message[Any], *, delay: int | None = None) -> dramatiq.Message[Any]:
        """Ring; ValueError for a delayed ring, which nobody would receive."""
        if delay is not None:
            raise ValueError("a ring cannot be delayed")
        return super().enqueue(message)


def make_broker(redis_url: str, timeout: float = SOCKET_TIMEOUT) -> Lanebroker:
    """Create a broker with explicit timeouts (`timeout` in seconds) and no retries; the workers add the
    `middleware`.
    """
    client = redis.Redis.from_url(
        redis_url or "redis://127.0.0.1:1/0",
        socket_timeout=timeout,
        socket_connect_timeout=CONNECT_TIMEOUT,
        socket_keepalive=True,
    )
    return Lanebroker(  # type: ignore[no-untyped-call]
        client=client,
        namespace=NAMESPACE,
        middleware=[],
        heartbeat_timeout=HEARTBEAT_MS,
        maintenance_chance=MAINTENANCE_CHANCE,
    )


def make_ringer(redis_url: str) -> Callable[[str], None] | None:
    """Return the function that rings a lane over this Redis and raises on failure; None when no Redis is
    configured.

    After a timeout Redis is left alone for some seconds (TimeoutError); otherwise every user's every click
    would wait for it.
    """
    if not redis_url:
        return None
    broker = make_broker(redis_url, RING_TIMEOUT)
    waited_in_vain: list[float] = []

    def ring(lane: str) -> None:
        if lane not in LANES:
            return
        begun = time.monotonic()
        if waited_in_vain and begun < waited_in_vain[-1] + PAUSE_AFTER_TIMEOUT:
            raise TimeoutError("Redis has just been waited for in vain")
        try:
            _ring(broker, lane)
        except Exception:
            if time.monotonic() - begun >= RING_TIMEOUT / 2:
                waited_in_vain[:] = [time.monotonic()]
            raise

    return ring


def _ring(broker: Lanebroker, lane: str) -> None:
    broker.declare_queue(lane)
    for _ in range(LANES[lane] - _waiting(broker.client, lane)):
        broker.enqueue(
            dramatiq.Message(queue_name=lane, actor_name=lane, args=(lane,), kwargs={}, options={})
        )


def make_listener(redis_url: str) -> Callable[[], frozenset[str]] | None:
    """Return the function that lists lanes with rings waiting or being acted on; None when no Redis is
    configured.

    It changes nothing, and raises what the broker raises.
    """
    if not redis_url:
        return None
    client = make_broker(redis_url, RING_TIMEOUT).client

    def ringing() -> frozenset[str]:
        known = client.zrange(f"{NAMESPACE}:__heartbeats__", 0, -1)
        living = [one.decode() for one in known if isinstance(one, bytes)]
        with client.pipeline() as at_once:
            for lane in LANES:
                at_once.llen(f"{NAMESPACE}:{lane}")
                for broker_id in living:
                    at_once.scard(f"{NAMESPACE}:__acks__.{broker_id}.{lane}")
            counted = at_once.execute()
        width = 1 + len(living)
        return frozenset(lane for n, lane in enumerate(LANES) if any(counted[n * width : (n + 1) * width]))

    return ringing


def _waiting(client: redis.Redis, lane: str) -> int:
    length = client.llen(f"{NAMESPACE}:{lane}")
    assert isinstance(length, int)
    return length
