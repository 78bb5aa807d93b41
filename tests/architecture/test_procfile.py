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


def test_a_web_process_that_has_stopped_is_replaced_within_a_minute() -> None:
    """Of a gthread worker the timeout is for the process; how long a call takes is not bounded by it."""
    web = [command for command in COMMANDS.values() if "gunicorn" in command]

    assert web and all("--worker-class gthread" in command for command in web)
    assert {re.search(r"--timeout (\d+)", command)[1] for command in web} == {"60"}  # type: ignore[index]


def test_no_process_that_takes_requests_ends_because_of_how_many_it_has_answered() -> None:
    """One that ends takes nothing new until its slowest is done, and in the end breaks that one off."""
    web = {name: command for name, command in COMMANDS.items() if "gunicorn" in command}

    assert set(web) == {"web", "mottak", "nedlasting"}
    assert [name for name, command in web.items() if "--max-requests" in command] == []


def test_every_module_that_is_started_exists() -> None:
    text = " ".join(COMMANDS.values())
    modules = re.findall(r"(?:(?<= -m)|(?<=workers\.master)|(?<=gunicorn)) ([a-z_.]+)", text)

    assert modules and all(importlib.util.find_spec(module) for module in modules)
