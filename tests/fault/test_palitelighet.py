"""docs/palitelighet.md names for each fault of the plan a test that exists, and only breakages that exist."""

from __future__ import annotations

import ast
import re

import pytest

from testmiljo.folders import ROOT
from tests.fault.breakages import BREAKAGES

PAGE = (ROOT / "docs" / "palitelighet.md").read_text("utf-8")
FAULTS = [f"F{number:02}" for number in range(1, 38)]
NOT_SHOWN: dict[str, str] = {}
"""A fault that cannot be made here, with the reason, which is on the page too."""
ROW = re.compile(
    r"^\| (F\d\d) \| (?P<what>[^|]+) \| (?P<tests>[^|]+) \| (?P<when>[^|]+) \| (?P<red>[^|]*)\|$",
    re.MULTILINE,
)


def rows() -> dict[str, dict[str, str]]:
    return {match[1]: match.groupdict() for match in ROW.finditer(PAGE)}


def named_for(fault: str) -> list[tuple[str, str]]:
    """(file, function) of every test named for the fault."""
    return re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", rows()[fault]["tests"])


def test_the_page_has_every_fault_once_in_order() -> None:
    assert [match[1] for match in ROW.finditer(PAGE)] == FAULTS


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_has_tests_and_they_are_there(fault: str) -> None:
    named = named_for(fault)
    assert named or fault in NOT_SHOWN
    for file, function in named:
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert function in there, f"{file} has no {function}"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_breakage_that_is_named_is_one_of_ours(fault: str) -> None:
    named = set(re.findall(r"`([a-z0-9-]+)`", rows()[fault]["red"]))
    assert named <= {breakage.name for breakage in BREAKAGES}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_test_of_this_folder_has_a_breakage(fault: str) -> None:
    ours = [file for file, _ in named_for(fault) if file.startswith("tests/fault/")]
    assert bool(rows()[fault]["red"].strip()) or not ours
