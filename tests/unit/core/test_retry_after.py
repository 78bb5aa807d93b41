"""How long a system that is busy is left in peace, whatever it writes into Retry-After."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from fiks.core.errors import KanalFeil, ProvIgjen
from fiks.core.http.client import MAX_RETRY_AFTER
from tests.unit.core.test_wire import answers, sent, server

NOW = datetime.now(UTC)


def asked(value: str, status: str = "503 Later", date: str | None = None) -> float | None:
    """What a call is told to wait that is answered so."""
    headers = [f"Retry-After: {value}", *([] if date is None else [f"Date: {date}"])]
    with server(answers(status, b"", *headers)) as url:
        failure: KanalFeil = sent(url)
    assert isinstance(failure, ProvIgjen)
    assert failure.throttled
    return failure.after


def stamp(wait: timedelta) -> str:
    return format_datetime(NOW + wait, usegmt=True)


@pytest.mark.parametrize("status", ["429 Slow", "503 Later"])
@pytest.mark.parametrize("value", ["901", "604800", "900000", "1e18"])
def test_nobody_is_left_in_peace_for_longer_than_a_quarter(value: str, status: str) -> None:
    assert asked(value, status) == MAX_RETRY_AFTER == 15 * 60


@pytest.mark.parametrize("days", [7, 300_000])
def test_a_moment_far_away_is_a_quarter(days: int) -> None:
    assert asked(stamp(timedelta(days=days))) == MAX_RETRY_AFTER


@pytest.mark.parametrize(
    "value",
    [
        *("inf", "-inf", "Infinity", "nan", "0", "-0", "-604800", "1e999", "soon", "12 s", "1,5", "9" * 400),
        "Wed, 21 Oct 2015 07:28:00 GMT",
        "Wed, 21 Oct 99999999999 07:28:00 GMT",
        "Wed, 21 Oct 2026 07:28:00 +99999999999",
        "Wed, 99 Oct 2026 07:28:00 GMT",
    ],
)
def test_what_is_no_time_to_wait_is_none(value: str) -> None:
    assert asked(value) is None


@pytest.mark.parametrize("value", ["7", " 7 ", "7.0", "900"])
def test_a_time_within_a_quarter_is_heeded(value: str) -> None:
    assert asked(value) == float(value)


def test_a_moment_without_a_zone_is_utc() -> None:
    assert asked(stamp(timedelta(seconds=90)).replace("GMT", "-0000"), date=stamp(timedelta())) == 90


@pytest.mark.parametrize("date", ["i dag", "Wed, 21 Oct 99999999999 07:28:00 GMT", ""])
def test_a_system_whose_own_date_cannot_be_read_goes_by_ours(date: str) -> None:
    waited = asked(format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True), date=date)
    assert waited == MAX_RETRY_AFTER
