"""One platform for the folder, and a seed that is told whenever a test fails.

`FAULT_SEED=n` in the environment repeats a run's chances; `FAULT_ORDER=n` runs the folder's tests in another order.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fault.platform import Platform

FEW, ROWS, ROWS_FULL = 100, 300, 2_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = os.environ.get("FAULT_ORDER")
    if order is None:
        return
    here = Path(__file__).parent
    places = [place for place, item in enumerate(items) if here in item.path.parents]
    shuffled = random.Random(int(order)).sample(places, len(places))
    items_before = list(items)
    for place, other in zip(places, shuffled, strict=True):
        items[place] = items_before[other]


@dataclass(frozen=True)
class Chance:
    """A seeded random."""

    seed: int
    random: random.Random


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> Chance:
    seed = int(os.environ.get("FAULT_SEED") or secrets.randbelow(1_000_000))
    request.node.add_report_section("setup", "seed", f"FAULT_SEED={seed} repeats this")
    return Chance(seed, random.Random(seed))


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Platform]:
    rows = ROWS_FULL if request.config.getoption("--full") else ROWS
    with Platform(tmp_path_factory.mktemp("plattform"), rows) as platform:
        yield platform


@pytest.fixture
def platform(running: Platform) -> Iterator[Platform]:
    """The platform with a well-behaved world, and with this process as a part of it."""
    with running.inside():
        running.begin()
        yield running
