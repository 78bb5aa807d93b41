"""The list of letters that wait is read in two steps."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from fiks.svarut.svarinn.queue import _once


def row(nr: int) -> Any:
    return SimpleNamespace(Forsendelse=SimpleNamespace(id=UUID(int=nr)))


def test_a_letter_whose_failure_is_told_between_the_steps_is_listed_once_where_it_stood_first() -> None:
    a, b = row(1), row(2)
    assert list(_once([a, b, row(1)])) == [a, b]
