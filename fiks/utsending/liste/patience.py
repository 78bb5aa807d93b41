"""A register asked about a portion of a list: once more if it fails, and for each number if it may be a number's fault.

A list has hundreds of such questions. It should not be read from its beginning because one of them was unlucky, nor
never be read because a register cannot speak of one receiver.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Event
from typing import TypeVar

from fiks.core.errors import Avvist, KanalFeil, ProvIgjen
from fiks.registeroppslag.told import MOST_UNANSWERED, Told, ask, in_halves, may_be_the_number

PATIENCE = 60.0
"""Seconds after which a worker does not begin to ask again, counted anew when a register has come further (`further`).
What it has begun may take its time on top of that: one time-out, seventeen answers of a register that fails for every
number, or two calls for each unit that no search finds."""
LONGEST = 30 * 60.0
"""Seconds after which it does not begin again about a portion though the register came further. Less than
EnhetsregisterClient remembers, so that each time is further than the last."""
FIRST_WAIT = 1.0
_A = TypeVar("_A")


def ask_patiently(
    look_up: Callable[[Sequence[str]], Mapping[str, _A]],
    numbers: Sequence[str],
    patience: float,
    over: Event,
) -> Told[_A]:
    """What a register says of a portion's numbers; `failed` are fewer than MOST_UNANSWERED of which it can say nothing.

    One that does not answer is asked again for `patience` seconds since it last came further, each time after twice the
    wait or as it asked for itself, until `over` is set. Raises the KanalFeil of one that never did, at once if it
    refuses us.
    """
    begun = time.monotonic()
    until, wait = begun + patience, FIRST_WAIT
    while True:
        told = ask(look_up, numbers, in_halves, MOST_UNANSWERED)
        told.log(len(set(numbers)))
        error = _why_unanswered(told, numbers)
        if error is None:
            return told
        now = time.monotonic()
        if told.further:
            until, wait = min(now + patience, begun + LONGEST), FIRST_WAIT
        pause = max(wait, error.after or 0.0) if isinstance(error, ProvIgjen) else wait
        if isinstance(error, Avvist) or now + pause > until or over.wait(pause):
            break
        wait *= 2
    if _is_of_numbers(told):
        return told
    raise error


def _why_unanswered(told: Told[_A], numbers: Sequence[str]) -> KanalFeil | None:
    """Why nothing was said, or too little for it to be the numbers' fault."""
    failed = list(told.failed.values())
    if failed and (not _is_of_numbers(told) or len(failed) == len(set(numbers))):
        return failed[-1]
    return None


def _is_of_numbers(told: Told[_A]) -> bool:
    return len(told.failed) < MOST_UNANSWERED and all(map(may_be_the_number, told.failed.values()))
