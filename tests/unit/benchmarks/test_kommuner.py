"""The kommuner of a country, by size."""

from __future__ import annotations

from statistics import median

import pytest

from benchmarks.kommuner import KOMMUNER, _people, sizes
from fiks.core.values.identifiers import is_fnr


@pytest.mark.parametrize(("count", "rows"), [(36, 1_000), (KOMMUNER, 30_000), (KOMMUNER, KOMMUNER)])
def test_every_kommune_has_a_row_and_all_rows_have_a_kommune(count: int, rows: int) -> None:
    made = sizes(count, rows)
    assert (len(made), sum(made), min(made) >= 1) == (count, rows, True)
    assert made == sorted(made, reverse=True)


def test_the_largest_is_many_times_the_median() -> None:
    made = sizes(KOMMUNER, 3_000_000)
    assert 25 < made[0] / median(made) < 150


def test_nobody_works_in_two_kommuner() -> None:
    numbers = [person.pid for nr in range(KOMMUNER) for person in _people(nr)]
    assert len(set(numbers)) == len(numbers)
    assert all(is_fnr(number) for number in numbers)
