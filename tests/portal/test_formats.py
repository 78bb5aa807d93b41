"""Dates, numbers and money as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from portal.texts import formats
from portal.ui.bar_chart import nice_ceiling, soylediagram

SUMMER, WINTER = datetime(2026, 7, 1, 22, 30, tzinfo=UTC), datetime(2026, 11, 24, 8, 12, tzinfo=UTC)
NB = "\u00a0"


def test_times_are_shown_in_oslo() -> None:
    assert formats.tid(WINTER) == f"24.11.2026 kl.{NB}09.12"
    assert formats.dato(SUMMER) == "02.07.2026"
    assert formats.lang_dato(date(2026, 5, 17)) == f"17.{NB}mai 2026"
    assert str(formats.tidspunkt(WINTER)).startswith('<time datetime="2026-11-24T09:12:00+01:00">')


def test_a_time_without_a_zone_is_a_fault() -> None:
    with pytest.raises(ValueError, match="zone"):
        formats.tid(datetime(2026, 1, 1))  # noqa: DTZ001


def test_numbers_hold_together() -> None:
    assert formats.tall(12480) == f"12{NB}480"
    assert formats.kr(123450) == f"1{NB}234,50{NB}kr"
    assert formats.kr(-5) == f"\u22120,05{NB}kr"
    assert formats.prosent(0.85) == f"85{NB}%"
    assert formats.storrelse(1_400_000) == f"1,4{NB}MB"
    assert formats.antall(1, "rad", "rader") == f"1{NB}rad"
    assert formats.antall(2, "rad", "rader") == f"2{NB}rader"


@pytest.mark.parametrize(
    ("andel", "desimaler", "shown"),
    [(1, 0, "100"), (0.9996, 0, "99"), (0.995, 0, "99"), (0.0001, 0, "1"), (0, 0, "0"), (0.99999, 1, "99,9")],
)
def test_only_all_of_it_is_a_hundred_per_cent_and_only_nothing_is_none(
    andel: float, desimaler: int, shown: str
) -> None:
    assert formats.prosent(andel, desimaler) == f"{shown}{NB}%"


def test_text_from_people_is_escaped() -> None:
    assert formats.linjer("a<b\nc") == "a&lt;b<br>c"


@pytest.mark.parametrize(
    ("value", "top"), [(0, 4), (4, 4), (7, 8), (7960, 8000), (8001, 10000), (45, 60), (10, 20)]
)
def test_the_scale_of_a_chart_ends_at_a_round_number(value: int, top: int) -> None:
    assert nice_ceiling(value) == top


def test_a_chart_draws_and_tells_the_same_numbers() -> None:
    chart = soylediagram(["Digitalt", "Papir"], [("23.11.", (7000, 1000)), ("24.11.", (0, 0))])
    assert [(piece.klasse, piece.hoyde) for piece in chart.felter] == [("bar-a", 166.2), ("bar-b", 23.8)]
    assert chart.rader == (("23.11.", (7000, 1000)), ("24.11.", (0, 0)))
    assert soylediagram(["Digitalt"], []).felter == ()
