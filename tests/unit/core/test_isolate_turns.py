"""However many threads want a child, a process has a few at once: its pod's memory is reckoned for these."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fiks.core import isolate
from fiks.core.isolate import AT_ONCE, BarnUtilgjengelig, Grenser, run_isolated

THREADS = 3 * AT_ONCE


class Fake:
    """A child that takes its time; knows how many there have been at once."""

    guard = threading.Lock()
    now = most = 0

    def __init__(self, grenser: Grenser) -> None:
        with Fake.guard:
            Fake.now += 1
            Fake.most = max(Fake.most, Fake.now)

    def call(self, name: str, *args: Any) -> Any:
        time.sleep(0.05)
        if args == ("feil",):
            raise ValueError(name)
        return args

    def kill(self) -> None:
        with Fake.guard:
            Fake.now -= 1


def test_no_more_children_live_at_once_than_a_process_may_have_and_all_get_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(isolate, "Barn", Fake)
    with ThreadPoolExecutor(THREADS) as threads:
        broken = [threads.submit(run_isolated, "navn", "feil") for _ in range(AT_ONCE)]
        done = list(threads.map(lambda n: run_isolated("navn", n), range(THREADS)))
    assert all(isinstance(one.exception(), ValueError) for one in broken)
    assert done == [(n,) for n in range(THREADS)]
    assert (Fake.most, Fake.now) == (AT_ONCE, 0)


def test_whoever_gets_no_turn_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolate, "START_SECONDS", 0.01)
    monkeypatch.setattr(isolate, "_child_slots", threading.BoundedSemaphore(1))
    with isolate._child_slots, pytest.raises(BarnUtilgjengelig, match="BARN_STARTER_IKKE"):
        run_isolated("navn")
    monkeypatch.setattr(isolate, "Barn", Fake)
    assert run_isolated("navn", 1) == (1,)
