"""The print house as part of the simulated world: found, switched and asked like the other systems."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from fiks.print.handover.client import PrintClient
from testmiljo.sim.process import Simulation
from tests.contract.test_print_client import order


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulation]:
    with Simulation([], tmp_path_factory.mktemp("sim") / "omverden.sqlite", print_port=0) as sim:
        yield sim


def received(sim: Simulation, count: int) -> dict[str, object]:
    end = time.monotonic() + 60
    while (log := sim.received("print"))["antall"] < count:
        assert time.monotonic() < end, "the order never arrived"
        time.sleep(0.05)
    return log


def test_an_order_is_in_the_log_of_the_world(world: Simulation) -> None:
    state = world.state()["systemer"]["print"]
    client = PrintClient(state["url"], certificate=Path(state["sertifikat"]).read_bytes())
    sent = order()
    client.send(sent)
    log = received(world, 1)
    assert (log["antall"], log["distinkte"], log["gjentatte"]) == (1, 1, 0)
    assert [row["referanse"] for row in log["rader"]] == [sent.referanse]


def test_its_switches_are_set_with_the_others(world: Simulation) -> None:
    world.set_switches(print={"pick_up": False}, dpi={"drop": 1})
    world.set_switches(print={}, dpi={})
    with pytest.raises(requests.HTTPError):
        world.set_switches(print={"sleep": 1})
