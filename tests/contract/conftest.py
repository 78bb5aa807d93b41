"""The world outside as its own process, once per session and emptied before each test that asks for it; an intake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from testmiljo.folders import LILLEVIK
from testmiljo.sim.process import Simulation
from tests.contract.intake_server import Mottak, running_intake
from tests.contract.large_letters import Door, maskinporten, open_doors
from tests.integration.conftest import database, template
from tests.integration.databases import Database

__all__ = ["database", "template"]


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


@pytest.fixture(scope="module")
def intake(
    database: Database, running_sim: Simulation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mottak]:
    """The intake in a process of the module's own, which believes the simulated Maskinporten."""
    with running_intake(database, tmp_path_factory.mktemp("mottak"), maskinporten(running_sim)) as made:
        yield made


@pytest.fixture(scope="module")
def doors(intake: Mottak, running_sim: Simulation) -> dict[str, Door]:
    """All that take letters in, by name."""
    return open_doors(intake, running_sim)
