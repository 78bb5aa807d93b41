"""One platform for the folder, and a seed that is told when a test fails."""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.fault.platform import Platform

ROWS, ROWS_FULL = 300, 2_000


@dataclass(frozen=True)
class Chance:
    """A seeded random; `FAULT_SEED` in the environment repeats a run."""

    seed: int
    random: random.Random


@pytest.fixture
def chance() -> Chance:
    seed = int(os.environ.get("FAULT_SEED") or secrets.randbelow(1_000_000))
    return Chance(seed, random.Random(seed))


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Platform]:
    rows = ROWS_FULL if request.config.getoption("--full") else ROWS
    with Platform(tmp_path_factory.mktemp("plattform"), rows) as platform:
        yield platform


@pytest.fixture
def platform(running: Platform) -> Iterator[Platform]:
    """The platform with a well-behaved world, and with this process as a part of it."""
    running.world()
    with running.inside():
        yield running
