"""The tests run in several processes, those that share something dear stay in one of them, and CI comes to its end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import TOGETHER, group_of, in_turn

ROOT = Path(__file__).parents[2]
SHARED = """
import os, pathlib
def test_first(): pathlib.Path({folder!r}, "first").write_text(os.environ["PYTEST_XDIST_WORKER"])
def test_second(): pathlib.Path({folder!r}, "second").write_text(os.environ["PYTEST_XDIST_WORKER"])
"""


@pytest.mark.slow
def test_two_files_of_a_folder_that_shares_a_platform_run_in_one_process(tmp_path: Path) -> None:
    for folder, name in (("fault", "a"), ("fault", "b"), ("unit", "c")):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        seen = tmp_path / name
        seen.mkdir()
        (tmp_path / folder / f"test_{name}.py").write_text(SHARED.format(folder=str(seen)))
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_xdist_make_scheduler\n")
    flags = ("-n", "2", "--dist=loadscope", "--no-loadscope-reorder", "-p", "no:cacheprovider", "-q")
    subprocess.run(
        [sys.executable, "-m", "pytest", *flags, "--import-mode=importlib"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        check=True,
        timeout=120,
    )
    where = {
        name: {(tmp_path / name / one).read_text() for one in ("first", "second")} for name in ("a", "b", "c")
    }
    assert where["a"] == where["b"] and len(where["a"]) == 1
    assert where["c"] != where["a"] and len(where["c"]) == 1


def test_who_shares_a_journey_is_together_and_other_files_are_by_themselves() -> None:
    journey = {group_of(f"tests/{one}::test_it") for one in TOGETHER if one.startswith("security/")}
    assert journey == {"security"}
    assert group_of("tests/fault/test_files.py::test_it") == group_of("tests/fault/test_bells.py::test_it")
    assert group_of("tests/security/test_matrix.py::test_it[a-b]") == "tests/security/test_matrix.py"


class Fake:
    """A test, as far as its turn goes."""

    def __init__(self, nodeid: str, marker: str | None = None) -> None:
        self.nodeid, self._marker = nodeid, marker

    def get_closest_marker(self, name: str) -> str | None:
        return self._marker if name == self._marker else None


def test_platforms_come_last_and_of_what_shares_one_the_quick_tests_first() -> None:
    wanted = [
        Fake("tests/unit/a.py::test_it", "slow"),
        Fake("tests/security/test_matrix.py::test_it"),
        Fake("tests/fault/b.py::test_it"),
        Fake("tests/fault/a.py::test_it", "slow"),
        Fake("tests/e2e/b.py::test_it"),
        Fake("tests/e2e/a.py::test_it", "slow"),
        Fake("tests/security/test_canary.py::test_it", "slow"),
    ]
    in_any_order = [wanted[nr] for nr in (6, 5, 0, 3, 4, 1, 2)]
    assert [one.nodeid for one in sorted(in_any_order, key=in_turn)] == [one.nodeid for one in wanted]


TWO_SPEEDS = """
import pytest
@pytest.mark.slow
def test_slow(): pass
def test_quick(): pass
"""
IN_LATE_CI = """
import tests.conftest
from tests.conftest import *
tests.conftest.SLOW_MINUTES = {minutes}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("minutes", "named", "told"),
    [(60, "", "2 passed"), (-1, "", "1 passed, 1 skipped"), (-1, "mine/test_it.py", "2 passed")],
)
def test_no_slow_test_begins_late_in_ci_and_it_is_told_unless_it_was_asked_for(
    tmp_path: Path, minutes: int, named: str, told: str
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "test_it.py").write_text(TWO_SPEEDS)
    (tmp_path / "conftest.py").write_text(IN_LATE_CI.format(minutes=minutes))
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\ntestpaths = mine\nmarkers = slow: takes long\naddopts = -ra\n"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "--ci", "-n", "1", "-p", "no:cacheprovider", *named.split()],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert told in ran.stdout and ran.returncode == 0, ran.stdout + ran.stderr
    assert ("NOT RUN" in ran.stdout) == ("skipped" in told)
