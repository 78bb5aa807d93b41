"""The checks that read the whole tree: import contracts, ruff and mypy."""

from __future__ import annotations

import subprocess
import sys

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.architecture.tree import ROOT


def assert_content(*command: str) -> None:
    """Run a tool of this Python on the tree; fail with all that it said if it was not content."""
    tool = [sys.executable, "-m", *command]
    done = subprocess.run(tool, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"{done.stdout}{done.stderr}", pytrace=False)


def test_every_room_imports_only_what_its_contract_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tool sets up its own logging, and would silence every logger of ours for the rest of this process."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("importlinter.cli._configure_logging", lambda verbose: None)

    assert lint_imports(config_filename="setup.cfg", no_cache=True) == EXIT_STATUS_SUCCESS


def test_ruff_finds_nothing() -> None:
    assert_content("ruff", "check", "--output-format", "concise", ".")


def test_every_file_is_formatted() -> None:
    assert_content("ruff", "format", "--check", "--output-format", "concise", ".")


def test_every_type_is_right() -> None:
    assert_content("mypy")
