"""Retry policy for register look-ups of a list: once more on failure, then per number.

A list has hundreds of such questions. One bad moment must not restart the list, nor may one unanswerable
receiver stop it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Event
from typing import TypeVar

from fiks.core.errors import Avvist, KanalFeil, ProvIgjen
from fiks.registeroppslag.register_answer import (
    MOST_UNANSWERED,
    RegisterAnswer,
    ask_register,
    in_halves,
    may_be_one_number,
)

RETRY_SECONDS = 60.0
"""Seconds after which a worker starts no new attempt, counted anew when a register made progress (`further`).

An attempt under way may take longer: one time-out, seventeen answers of a register that fails for every
number, or two calls for each unit that no search finds.
"""
MAX_RETRY_SECONDS = 30 * 60.0
"""Seconds after which no new attempt is made for a portion, even with progress.

Shorter than EnhetsregisterClient's cache, so that each attempt gets further than the last.
"""
FIRST_WAIT = 1.0
_A = TypeVar("_A")


def ask_with_retries(
    look_up: Callable[[Sequence[str]], Mapping[str, _A]],
    numbers: Sequence[str],
    patience: float,
    over: Event,
) -> RegisterAnswer[_A]:
    """Ask a register about a portion's numbers, with retries.

    `failed` holds fewer than MOST_UNANSWERED numbers that it cannot answer. An unavailable register is asked
    again for `patience` seconds since its last progress, with doubled waits or its own retry-after, until
    `over` is set. Raises its KanalFeil if it never answered; at once if it refuses us.
    """
    begun = time.monotonic()
    until, wait = begun + patience, FIRST_WAIT
    while True:
        told = ask_register(look_up, numbers, in_halves, MOST_UNANSWERED)
        told.log(len(set(numbers)))
        error = _failure_reason(told, numbers)
        if error is None:
            return told
        now = time.monotonic()
        if told.further:
            until, wait = min(now + patience, begun + MAX_RETRY_SECONDS), FIRST_WAIT
        pause = max(wait, error.after or 0.0) if isinstance(error, ProvIgjen) else wait
        if isinstance(error, Avvist) or now + pause > until or over.wait(pause):
            break
        wait *= 2
    if _is_numbers_fault(told):
        return told
    raise error


def _failure_reason(told: RegisterAnswer[_A], numbers: Sequence[str]) -> KanalFeil | None:
    """Return the error if nothing was answered, or too little to be the numbers' fault; else None."""
    failed = list(told.failed.values())
    if failed and (not _is_numbers_fault(told) or len(failed) == len(set(numbers))):
        return failed[-1]
    return None


def _is_numbers_fault(told: RegisterAnswer[_A]) -> bool:
    return len(told.failed) < MOST_UNANSWERED and all(map(may_be_one_number, told.failed.values()))
