"""The world outside as its own process, once per session; emptied before each test that asks for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from testmiljo.sim.process import Simulation

LILLEVIK = Path(__file__).parent.parent / "data" / "lillevik"


@pytest.fixture(scope="session")
def running_sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulation]:
    with Simulation([LILLEVIK], tmp_path_factory.mktemp("sim") / "omverden.sqlite") as sim:
        yield sim


@pytest.fixture
def sim(running_sim: Simulation) -> Simulation:
    running_sim.reset()
    return running_sim


@pytest.fixture(scope="session")
def register() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((LILLEVIK / "register.json").read_text("utf-8"))
    return content
