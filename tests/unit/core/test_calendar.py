from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiks.core.values.calendar import OSLO, add_working_hours, is_working_day, klagefrist


def oslo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


@pytest.mark.parametrize(
    ("case", "start", "hours", "end"),
    [
        ("an ordinary week", "2026-02-03 09:00", 40, "2026-02-05 01:00"),
        ("over a weekend", "2026-02-06 15:00", 40, "2026-02-10 07:00"),
        ("the night to summer time", "2026-03-27 15:00", 40, "2026-03-31 07:00"),
        ("the night to winter time", "2026-10-23 15:00", 40, "2026-10-27 07:00"),
        ("started in the hour that comes twice", "2026-10-25 02:30", 24, "2026-10-27 00:00"),
        ("Easter", "2026-04-01 15:00", 40, "2026-04-08 07:00"),
        ("Easter and summer time together", "2027-03-24 15:00", 40, "2027-03-31 07:00"),
        ("17 May on a Friday", "2030-05-16 15:00", 40, "2030-05-21 07:00"),
        ("17 May on a Friday before Whit Monday", "2024-05-16 15:00", 40, "2024-05-22 07:00"),
        ("1 May and Ascension Day", "2026-05-13 15:00", 40, "2026-05-18 07:00"),
        ("29 February", "2028-02-28 15:00", 40, "2028-03-01 07:00"),
        ("no 29 February", "2027-02-26 15:00", 40, "2027-03-02 07:00"),
        ("year end", "2026-12-30 15:00", 40, "2027-01-04 07:00"),
        ("Christmas", "2026-12-24 15:00", 40, "2026-12-29 07:00"),
        ("started on a Saturday", "2026-02-07 12:00", 40, "2026-02-10 16:00"),
        ("ending with the week", "2026-02-05 08:00", 40, "2026-02-07 00:00"),
        ("nothing to wait for", "2026-02-07 12:00", 0, "2026-02-07 12:00"),
        ("minutes and seconds kept", "2026-02-06 15:30:15.25", 40, "2026-02-10 07:30:15.25"),
        ("ten days", "2026-02-06 15:00", 240, "2026-02-20 15:00"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value),
)
def test_sv12_26_working_hours_are_counted_on_working_days_only(case, start, hours, end):
    assert add_working_hours(oslo(start), hours) == oslo(end)


def test_the_nights_of_the_clock_make_the_wait_an_hour_shorter_and_longer():
    spring = oslo("2026-03-27 15:00")
    autumn = oslo("2026-10-23 15:00")
    waits = [
        add_working_hours(start, 40).astimezone(UTC) - start.astimezone(UTC) for start in (spring, autumn)
    ]
    assert waits == [timedelta(hours=87), timedelta(hours=89)]


def test_the_day_is_norways_whatever_zone_the_start_is_in():
    sunday_in_utc = datetime(2026, 2, 8, 23, 30, tzinfo=UTC)
    end = add_working_hours(sunday_in_utc, 24)
    assert end == oslo("2026-02-10 00:30")
    assert end.tzinfo is OSLO


def test_a_naive_start_and_negative_hours_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        add_working_hours(datetime(2026, 2, 6, 15), 40)  # noqa: DTZ001
    with pytest.raises(ValueError, match="negative"):
        add_working_hours(oslo("2026-02-06 15:00"), -1)


starts = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda at: at.replace(tzinfo=OSLO))  # noqa: DTZ001


@given(starts, st.integers(0, 80), st.integers(0, 80))
def test_waiting_in_two_steps_is_waiting_once(start, first, second):
    assert add_working_hours(add_working_hours(start, first), second) == add_working_hours(
        start, first + second
    ) or (second == 0)


@given(starts, st.integers(1, 120))
def test_a_deadline_never_falls_within_a_free_day(start, hours):
    end = add_working_hours(start, hours)
    assert is_working_day((end - timedelta(microseconds=1)).date())


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-02-06", True),
        ("2026-02-07", False),
        ("2026-02-08", False),
        ("2026-04-02", False),
        ("2026-04-03", False),
        ("2026-04-06", False),
        ("2026-04-07", True),
        ("2026-05-01", False),
        ("2026-05-14", False),
        ("2026-05-25", False),
        ("2027-05-17", False),
        ("2026-12-24", True),
        ("2026-12-25", False),
        ("2026-12-31", True),
        ("2027-01-01", False),
        ("2028-02-29", True),
    ],
)
def test_weekends_and_public_holidays_are_free(day, working):
    assert is_working_day(date.fromisoformat(day)) is working


@pytest.mark.parametrize(
    ("kunngjort", "sendt", "frist"),
    [
        ("2027-03-01", "2027-02-20", "2027-04-12"),
        ("2027-03-01", "2027-03-15", "2027-04-26"),
        ("2028-01-18", "2028-01-18", "2028-02-29"),
        ("2026-12-01", "2026-12-15", "2027-01-26"),
    ],
)
def test_klagefrist_is_six_weeks_from_the_later_of_announcement_and_dispatch(kunngjort, sendt, frist):
    assert klagefrist(date.fromisoformat(kunngjort), date.fromisoformat(sendt)) == date.fromisoformat(frist)
