"""The tests run in several processes, and those that share something dear stay in one of them."""

from __future__ import annotations

import os

import pytest


def test_the_tests_of_a_file_go_to_one_process(request: pytest.FixtureRequest) -> None:
    group = request.node.get_closest_marker("xdist_group").args[0]
    assert group == "architecture/test_processes.py"
    if "PYTEST_XDIST_WORKER" in os.environ:
        assert request.node.nodeid.endswith(f"@{group}"), "xdist has not seen the groups"
