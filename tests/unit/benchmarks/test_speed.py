"""The benchmarks that stop a change: stamping stays fast beside what it replaces, and alike (CPU time, turn about)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import fidelity, letters
from benchmarks.report import Report
from testmiljo.folders import ROOT

pytestmark = pytest.mark.slow


def assert_good(report: Report) -> None:
    assert [(f.what, f.value, f.limit) for f in report.figures if not f.good] == []


def test_a_stamped_letter_costs_less_than_a_sixtieth_of_a_naive_one() -> None:
    assert_good(letters.run(quick=True))


def test_stamped_letters_look_and_read_as_those_that_are_laid_out() -> None:
    assert_good(fidelity.run(quick=True))


def test_the_pipeline_makes_all_its_letters_within_its_memory(tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    command = [sys.executable, "-m", "benchmarks", "pipeline", "--quick", "--json", str(told)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert told.is_file(), done.stderr
    [figures] = json.loads(told.read_text()).values()
    memory = {what: f["good"] for what, f in figures.items() if f["unit"] == "MiB" and f["limit"]}
    assert memory == dict.fromkeys(memory, True)
    assert len(memory) == 3
