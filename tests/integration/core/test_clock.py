"""Business time moves in test and demo, the database's own never, and lesefrist counts working hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import DateTime, create_engine, literal, select

from config.settings import Settings
from fiks.core import clock, environment
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeTilgang
from fiks.svarut.lifecycle.handed_over_status import lesefrist_from
from tests.integration.databases import Database

pytestmark = pytest.mark.usefixtures("empty")
A_MOMENT = timedelta(seconds=5)


@pytest.fixture
def as_production() -> Iterator[None]:
    ours = environment.current()
    environment.install(replace(ours, movable_clock=False))
    yield
    environment.install(ours)


def test_business_time_is_the_databases_until_it_is_moved() -> None:
    assert clock.now() == clock.database_now()
    assert clock.offset() == timedelta(0)


def test_moving_the_clock_moves_business_time_and_adds_up() -> None:
    assert clock.move(timedelta(days=3)) == timedelta(days=3)
    assert clock.move(timedelta(hours=-2)) == timedelta(days=2, hours=22)
    assert clock.offset() == timedelta(days=2, hours=22)
    assert clock.now() - clock.database_now() == timedelta(days=2, hours=22)


def test_the_expression_for_sql_is_moved_too() -> None:
    clock.move(timedelta(days=3))
    written = session().execute(select(clock.now_sql())).scalar_one()
    assert abs(written - clock.now()) < A_MOMENT


def test_the_databases_own_time_never_moves() -> None:
    before = clock.database_now()
    clock.move(timedelta(days=3))
    assert clock.database_now() - before < A_MOMENT


@pytest.mark.usefixtures("as_production")
def test_in_production_moving_the_clock_is_refused() -> None:
    with pytest.raises(IkkeTilgang, match="KLOKKE_LAAST"):
        clock.move(timedelta(hours=1))


def test_in_production_an_offset_that_is_there_is_not_honoured() -> None:
    clock.move(timedelta(days=3))
    ours = environment.current()
    environment.install(replace(ours, movable_clock=False))
    try:
        assert clock.now() == clock.database_now()
        written = session().execute(select(clock.now_sql())).scalar_one()
        assert abs(written - clock.database_now()) < A_MOMENT
    finally:
        environment.install(ours)


def test_a_move_in_a_transaction_that_fails_never_happened() -> None:
    with pytest.raises(KeyError), transaction():
        clock.move(timedelta(days=3))
        raise KeyError("b")
    assert clock.offset() == timedelta(0)


@pytest.mark.parametrize(
    ("overlevert", "frist"),
    [
        # svarut.md 12, statement 26: 40 hours from Friday 15:00 end on Tuesday 07:00 (Oslo, winter: UTC + 1).
        (datetime(2027, 1, 8, 14, tzinfo=UTC), datetime(2027, 1, 12, 6, tzinfo=UTC)),
        # Over Easter 2027: from Wednesday 24 March 12:00; Thursday to Monday are holidays or weekend.
        (datetime(2027, 3, 24, 11, tzinfo=UTC), datetime(2027, 3, 31, 2, tzinfo=UTC)),
    ],
)
def test_lesefrist_is_forty_working_hours_after_the_hand_over(overlevert: datetime, frist: datetime) -> None:
    assert lesefrist_from(overlevert) == frist


def test_time_is_read_in_utc_whatever_zone_the_server_was_set_up_in(database: Database) -> None:
    """A server set up in Norway has its clock put forward on this night: two minutes would be an hour and two."""
    in_norway = database.app_url + "?options=" + quote("-c timezone=Europe/Oslo")
    engine = create_engine(Settings.from_env({"FIKS_ENV": "test", "DATABASE_URL": in_norway}).sqlalchemy_url)
    night = literal("2027-03-28T00:59:00Z", DateTime(timezone=True))
    with engine.connect() as connection:
        before, after = connection.execute(select(night, night + timedelta(minutes=2))).one()
    engine.dispose()
    assert (after - before, before.utcoffset()) == (timedelta(minutes=2), timedelta())
