"""The benchmarks that stop a change: stamping stays fast beside what it replaces, and alike (CPU time, turn about)."""

from __future__ import annotations

import pytest

from benchmarks import fidelity, letters
from benchmarks.report import Report

pytestmark = pytest.mark.slow


def assert_good(report: Report) -> None:
    assert [(f.what, f.value, f.limit) for f in report.figures if not f.good] == []


def test_a_stamped_letter_costs_less_than_a_sixtieth_of_a_naive_one() -> None:
    assert_good(letters.run(quick=True))


def test_stamped_letters_look_and_read_as_those_that_are_laid_out() -> None:
    assert_good(fidelity.run(quick=True))
