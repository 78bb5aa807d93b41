"""No test begins right before midnight in Oslo: a letter must leave on the day that it is dated."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from fiks.core.values.calendar import OSLO
from tests.conftest import until_tomorrow


@pytest.mark.parametrize(
    ("now", "wait"),
    [
        ("2026-11-27T12:00:00", timedelta()),
        ("2026-11-27T23:54:59", timedelta()),
        ("2026-11-27T23:55:00", timedelta(minutes=5, seconds=1)),
        ("2026-12-31T23:59:59.500000", timedelta(seconds=1.5)),
        ("2026-11-28T00:00:01", timedelta()),
    ],
)
def test_a_test_that_would_begin_right_before_midnight_waits_until_it_is_past(
    now: str, wait: timedelta
) -> None:
    assert until_tomorrow(datetime.fromisoformat(now).replace(tzinfo=OSLO)) == wait
