"""A Redis that takes calls and never answers: whoever rings it waits once, and not each time."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from config import broker
from fiks.core import doorbell


class Silent:
    """Takes connections and says nothing on them; `calls` is how many."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.taken: list[socket.socket] = []
        self.url = f"redis://127.0.0.1:{self.listening.getsockname()[1]}/0"
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                self.taken.append(self.listening.accept()[0])
            except OSError:
                return

    @property
    def calls(self) -> int:
        return len(self.taken)

    def close(self) -> None:
        self.listening.close()
        for one in self.taken:
            one.close()


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Silent]:
    monkeypatch.setattr(broker, "RING_TIMEOUT", 0.2)
    made = Silent()
    yield made
    doorbell.install(None)
    made.close()


def test_it_is_waited_for_once_and_then_left_alone_for_a_while(
    silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = broker.make_ringer(silent.url)
    assert ring is not None
    for _ in range(20):
        with pytest.raises(Exception, match=r"Timeout|waited for in vain"):
            ring("enkelt")
    once = silent.calls
    assert once == 1
    monkeypatch.setattr(broker, "PAUSE_AFTER_TIMEOUT", 0.0)
    with pytest.raises(Exception, match="Timeout"):
        ring("masse")
    assert silent.calls == once + 1, "it may have come back"


def test_each_ring_that_was_not_tried_is_counted_and_told_of_all_the_same(
    silent: Silent, caplog: pytest.LogCaptureFixture
) -> None:
    doorbell.install(broker.make_ringer(silent.url))
    before = doorbell.RINGS_FAILED.labels("sms")._value.get()
    for _ in range(5):
        doorbell.ring_now("sms")
    assert doorbell.RINGS_FAILED.labels("sms")._value.get() == before + 5
    assert [one.message for one in caplog.records] == ["doorbell_failed"] * 5


def test_rings_that_never_came_there_are_not_called_lost(silent: Silent) -> None:
    """By a broker that holds none for a lane whose last ring failed."""
    ring = broker.make_ringer(silent.url)
    assert ring is not None
    doorbell.install(ring, lambda: frozenset({"masse"}))
    assert doorbell.lanes_with_rings() == {"masse"}
    doorbell.ring_now("enkelt")
    assert doorbell.lanes_with_rings() == {"masse", "enkelt"}
    doorbell.install(lambda lane: None, lambda: frozenset({"masse"}))
    doorbell.ring_now("enkelt")
    assert doorbell.lanes_with_rings() == {"masse"}


def test_one_that_refuses_at_once_is_asked_each_time() -> None:
    """As when it restarts: the first ring it can take is taken."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    ring = broker.make_ringer(f"redis://127.0.0.1:{port}/0")
    assert ring is not None
    for _ in range(3):
        with pytest.raises(Exception, match="refused"):
            ring("enkelt")
