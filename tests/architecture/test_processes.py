"""The tests run in several processes, and those that share something dear stay in one of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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
    root = Path(__file__).parents[2]
    flags = ("-n", "2", "--dist=loadscope", "--no-loadscope-reorder", "-p", "no:cacheprovider", "-q")
    subprocess.run(
        [sys.executable, "-m", "pytest", *flags, "--import-mode=importlib"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(root)},
        check=True,
        timeout=120,
    )
    where = {
        name: {(tmp_path / name / one).read_text() for one in ("first", "second")} for name in ("a", "b", "c")
    }
    assert where["a"] == where["b"] and len(where["a"]) == 1
    assert where["c"] != where["a"] and len(where["c"]) == 1
