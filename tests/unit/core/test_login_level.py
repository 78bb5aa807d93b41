"""Which login a letter demands."""

from __future__ import annotations

import pytest

from fiks.core.values.login_level import Sikkerhetsniva, is_strong_enough, level_of


@pytest.mark.parametrize(
    ("niva", "acr", "opens"),
    [
        (Sikkerhetsniva.BETYDELIG, 3, True),
        (Sikkerhetsniva.BETYDELIG, 4, True),
        (Sikkerhetsniva.HOYESTE, 3, False),
        (Sikkerhetsniva.HOYESTE, 4, True),
        ("UKJENT", 3, False),
        ("UKJENT", 4, True),
    ],
)
def test_a_letter_of_the_highest_level_needs_a_login_at_level_4(niva: str, acr: int, opens: bool) -> None:
    assert is_strong_enough(niva, acr) is opens


def test_levels_are_counted_as_logins_are() -> None:
    assert [level_of(niva) for niva in ("BETYDELIG", "HOYESTE")] == [3, 4]


def test_a_level_that_is_not_known_demands_the_highest() -> None:
    assert level_of("") == 4
