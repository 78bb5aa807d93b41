"""A benchmark says what it measured and whether that was good enough."""

from __future__ import annotations

import json

import pytest

from benchmarks.measure import percentile
from benchmarks.report import Figure, Report, as_json, shown

QUICK = Figure("page p95", 80.0, "ms", 100.0)
SLOW = Figure("page p95", 120.0, "ms", 100.0)


def test_a_figure_over_its_limit_fails_the_report_and_is_pointed_at() -> None:
    report = Report("ingest", [QUICK, SLOW])

    assert not report.good
    assert "| page p95 | 120 ms | ≤ 100 | **not kept** |" in report.markdown().splitlines()
    assert "| page p95 | 80 ms | ≤ 100 | ok |" in report.markdown().splitlines()


def test_a_figure_that_shall_be_large_fails_when_it_is_small() -> None:
    assert not Figure("rows", 9, "rows", 10, at_least=True).good
    assert Figure("rows", 10, "rows", 10, at_least=True).good


def test_a_figure_without_limit_is_only_told() -> None:
    assert Report("letters", [Figure("ours", 1234.5, "ms")]).good


def test_the_json_says_the_same_as_the_table() -> None:
    assert json.loads(as_json([Report("ingest", [SLOW])])) == {
        "ingest": {"page p95": {"value": 120.0, "unit": "ms", "limit": 100.0, "good": False}}
    }


@pytest.mark.parametrize(
    ("value", "text"), [(100_000, "100 000"), (1.7749, "1.77"), (0.285, "0.285"), (3.0, "3")]
)
def test_numbers_are_short_and_readable(value: float, text: str) -> None:
    assert shown(value) == text


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([float(n) for n in range(1, 101)], 0.95) == 95.0
    assert percentile([7.0], 0.95) == 7.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)
