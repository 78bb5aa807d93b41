"""A register's answer about many numbers, and how to find the numbers it cannot answer for."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from fiks.core.errors import Avvist, KanalFeil, ProvIgjen

log = logging.getLogger(__name__)
ONE_NUMBER_FAULTS = frozenset({"HTTP_500", "UFORSTAAELIG_SVAR", "SVARET_FOR_STORT"})
"""Error codes that a single number in the batch may have caused."""
MOST_UNANSWERED = 5
"""A register that fails for this many numbers of one batch counts as not answering."""
_A = TypeVar("_A")


@dataclass(frozen=True, slots=True, repr=False)
class RegisterAnswer(Generic[_A]):
    """A register's answer: values by number, and the error for each number without an answer.

    `paused`: the register was not asked. `further`: asking again about the failed numbers continues where it
    stopped. A number unknown to the register is in neither mapping. No repr: values must not reach a log.
    """

    found: Mapping[str, _A] = field(default_factory=dict)
    failed: Mapping[str, KanalFeil] = field(default_factory=dict)
    paused: bool = False
    further: bool = False

    def whole(self) -> Mapping[str, _A]:
        """Return the answer for all; raises the first KanalFeil if the register failed for any number."""
        for error in self.failed.values():
            raise error
        return self.found

    def log(self, asked: int, **more: str) -> None:
        """Log how many numbers got no answer, if any, and the first reason."""
        if error := next(iter(self.failed.values()), None):
            why = {"kode": error.kode, "detalj": error.detalj, "antall": len(self.failed), "av": asked}
            log.warning("register_failed", extra=more | why)


def may_be_one_number(error: KanalFeil) -> bool:
    """Return whether a single number of the batch may have caused the error."""
    return isinstance(error, Avvist) or error.kode in ONE_NUMBER_FAULTS


def one_by_one(numbers: Sequence[str]) -> list[Sequence[str]]:
    """Split into single numbers."""
    return [[number] for number in numbers]


def in_halves(numbers: Sequence[str]) -> list[Sequence[str]]:
    """Split into two halves."""
    middle = len(numbers) // 2
    return [numbers[:middle], numbers[middle:]]


def ask_register(
    look_up: Callable[[Sequence[str]], Mapping[str, _A]],
    numbers: Sequence[str],
    parts: Callable[[Sequence[str]], list[Sequence[str]]] = one_by_one,
    most: float = math.inf,
) -> RegisterAnswer[_A]:
    """Ask a register. When one number may have caused an error, the numbers are asked again in `parts` until
    that number is isolated.

    When the error has another cause, or `most` numbers have failed, the register itself is at fault: it is
    asked no more, and the remaining numbers fail with the same error.
    """
    try:
        return RegisterAnswer(look_up(numbers))
    except KanalFeil as error:
        further = isinstance(error, ProvIgjen) and error.further
        if len(numbers) == 1 or not may_be_one_number(error):
            return RegisterAnswer(failed=dict.fromkeys(numbers, error), further=further)
    found, failed = dict[str, _A](), dict[str, KanalFeil]()
    pieces = parts(numbers)
    for place, piece in enumerate(pieces, 1):
        told = ask_register(look_up, piece, parts, most - len(failed))
        found |= told.found
        failed |= told.failed
        further |= told.further
        for why in told.failed.values():
            if not may_be_one_number(why) or len(failed) >= most:
                rest = [number for later in pieces[place:] for number in later]
                return RegisterAnswer(found, failed | dict.fromkeys(rest, why), further=further)
    return RegisterAnswer(found, failed, further=further)
