"""What a register said when it was asked about many numbers, and what it could say nothing of."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from fiks.core.errors import Avvist, KanalFeil, ProvIgjen

log = logging.getLogger(__name__)
OF_A_NUMBER = frozenset({"HTTP_500", "UFORSTAAELIG_SVAR", "SVARET_FOR_STORT"})
"""What a register may answer because of a single number that it was asked about."""
MOST_UNANSWERED = 5
"""A register that cannot speak of so many of those that are asked about together does not answer."""
_A = TypeVar("_A")


@dataclass(frozen=True, slots=True, repr=False)
class Told(Generic[_A]):
    """What a register said, by number, and why it said nothing of the others. `paused`: it was not asked. `further`:
    asked about those once more, it goes on from where it failed.

    A number that the register does not know is in neither. No repr: values must not reach a log.
    """

    found: Mapping[str, _A] = field(default_factory=dict)
    failed: Mapping[str, KanalFeil] = field(default_factory=dict)
    paused: bool = False
    further: bool = False

    def whole(self) -> Mapping[str, _A]:
        """What was said of all; raises the KanalFeil that kept the register from saying anything of somebody."""
        for error in self.failed.values():
            raise error
        return self.found

    def log(self, asked: int, **more: str) -> None:
        """Tell of how many it said nothing, if there are any, and why: the first of the reasons."""
        if error := next(iter(self.failed.values()), None):
            why = {"kode": error.kode, "detalj": error.detalj, "antall": len(self.failed), "av": asked}
            log.warning("register_failed", extra=more | why)


def may_be_the_number(error: KanalFeil) -> bool:
    """Whether a register may have failed because of a number that it was asked about."""
    return isinstance(error, Avvist) or error.kode in OF_A_NUMBER


def singly(numbers: Sequence[str]) -> list[Sequence[str]]:
    """Each number by itself."""
    return [[number] for number in numbers]


def in_halves(numbers: Sequence[str]) -> list[Sequence[str]]:
    """Two halves."""
    middle = len(numbers) // 2
    return [numbers[:middle], numbers[middle:]]


def ask(
    look_up: Callable[[Sequence[str]], Mapping[str, _A]],
    numbers: Sequence[str],
    parts: Callable[[Sequence[str]], list[Sequence[str]]] = singly,
    most: float = math.inf,
) -> Told[_A]:
    """Ask a register. What may be the fault of one number is asked again in `parts`, until it is only that number's.

    When it fails for a reason that is no number's, or `most` numbers have failed, it is not asked on: then it is the
    register, and the rest have failed too.
    """
    try:
        return Told(look_up(numbers))
    except KanalFeil as error:
        further = isinstance(error, ProvIgjen) and error.further
        if len(numbers) == 1 or not may_be_the_number(error):
            return Told(failed=dict.fromkeys(numbers, error), further=further)
    found, failed = dict[str, _A](), dict[str, KanalFeil]()
    pieces = parts(numbers)
    for place, piece in enumerate(pieces, 1):
        told = ask(look_up, piece, parts, most - len(failed))
        found |= told.found
        failed |= told.failed
        further |= told.further
        for why in told.failed.values():
            if not may_be_the_number(why) or len(failed) >= most:
                rest = [number for later in pieces[place:] for number in later]
                return Told(found, failed | dict.fromkeys(rest, why), further=further)
    return Told(found, failed, further=further)
