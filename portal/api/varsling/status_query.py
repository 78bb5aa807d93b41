"""Query a register about many numbers while the caller waits: once, then in halves when one number may be the
cause.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from fiks.registeroppslag.register_answer import (
    MOST_UNANSWERED,
    RegisterAnswer,
    ask_register,
    in_halves,
    may_be_one_number,
)

_A = TypeVar("_A")


def ask_in_halves(
    look_up: Callable[[Sequence[str]], Mapping[str, _A]], numbers: Sequence[str], /
) -> RegisterAnswer[_A]:
    """The register's answers; `failed`: the numbers, fewer than MOST_UNANSWERED, without an answer.

    Raises the KanalFeil of a register that does not answer.
    """
    if not numbers:
        return RegisterAnswer()
    told = ask_register(look_up, numbers, in_halves, MOST_UNANSWERED)
    told.log(len(numbers))
    errors = list(told.failed.values())
    if len(errors) >= MOST_UNANSWERED or not all(map(may_be_one_number, errors)):
        raise errors[-1]
    return told
