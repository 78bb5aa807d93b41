"""The processes of the Procfile do all the work there is, and start what exists."""

from __future__ import annotations

import importlib.util
import re

from config.broker import LANES
from tests.architecture.tree import ROOT

COMMANDS = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())


def test_every_lane_has_exactly_one_process() -> None:
    served = [
        lane
        for command in COMMANDS.values()
        for lane in command.partition("--queues ")[2].partition(" --")[0].split()
    ]

    assert sorted(served) == sorted(LANES)


def test_every_process_receives_its_supervisors_signals_itself() -> None:
    assert [name for name, command in COMMANDS.items() if not command.startswith("exec ")] == []


def test_every_module_that_is_started_exists() -> None:
    text = " ".join(COMMANDS.values())
    modules = re.findall(r"(?:-m|dramatiq|gunicorn) ([a-z_.]+)", text)

    assert modules and all(importlib.util.find_spec(module) for module in modules)
