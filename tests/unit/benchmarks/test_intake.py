"""What the intake answered is held against what is there by id, and two stretches of time by their shares."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from benchmarks.__main__ import main
from benchmarks.intake import Window, accounted


def values(answered: list[UUID], stored: set[UUID]) -> list[float]:
    return [figure.value for figure in accounted(answered, stored)]


def test_a_letter_lost_and_one_that_nobody_was_told_of_do_not_make_up_for_each_other() -> None:
    kept, lost, untold = uuid4(), uuid4(), uuid4()

    assert values([kept], {kept}) == [0, 0, 0]
    assert values([kept, lost], {kept, untold}) == [1, 1, 0]
    assert values([kept, kept], {kept}) == [0, 0, 1]
    assert not any(figure.good for figure in accounted([kept, kept, lost], {kept, untold}))


def test_a_stretch_is_told_as_shares_of_the_one_alone() -> None:
    alone, beside = Window([], [0.1] * 20, 1.0, 0.0), Window([], [0.2] * 9 + [0.5], 1.0, 0.0)

    assert {figure.what: figure.value for figure in beside.against(alone)} == {
        "letters a second, beside / alone": pytest.approx(0.5),
        "median, beside / alone": pytest.approx(2.0),
        "p95, beside / alone": pytest.approx(5.0),
    }


@pytest.mark.parametrize("arguments", [["intake", "--beside", "10"], ["ingest", "--beside", "1000"]])
def test_a_mailing_too_small_or_beside_something_else_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
