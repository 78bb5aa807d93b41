"""Everybody gets a turn, whoever comes and goes meanwhile."""

from __future__ import annotations

from itertools import islice

from fiks.utsending.jobs.round_robin import RoundRobin


def test_who_was_not_reached_is_first_the_next_time() -> None:
    turns = RoundRobin[int]()
    assert list(islice(turns.of([1, 2, 3, 4, 5]), 2)) == [1, 2]
    assert list(islice(turns.of([1, 2, 3, 4, 5]), 2)) == [3, 4]
    assert list(islice(turns.of([1, 2, 3, 4, 5]), 2)) == [5, 1]


def test_all_come_once_wherever_it_begins() -> None:
    turns = RoundRobin[int]()
    next(turns.of([1, 2, 3]))
    assert list(turns.of([1, 2, 3])) == [2, 3, 1]


def test_who_left_is_nobodys_loss() -> None:
    turns = RoundRobin[int]()
    assert list(islice(turns.of([1, 2, 3, 4]), 3)) == [1, 2, 3]
    assert list(islice(turns.of([1, 2, 4, 5]), 2)) == [4, 5]
    assert list(turns.of([])) == []
    assert list(turns.of([1, 7])) == [7, 1]
