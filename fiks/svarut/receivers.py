"""Who the receivers of claimed letters are: each register asked about those that need it, and only then.

A register that does not answer holds up the letters that need it and no others. When it has failed a few times running
it is paused, as a channel is, and its letters wait until it is open. What may be the fault of a single number is asked
for each number by itself, so that one receiver of whom nothing can be said takes no neighbour along.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import TypeVar
from uuid import UUID

from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, KanalFeil, ProvIgjen
from fiks.registeroppslag.port import Registerport, Registersvar
from fiks.registeroppslag.rules import Registernavn
from fiks.svarut import circuit, waking
from fiks.svarut.claiming import Krav
from fiks.svarut.letters import Brev
from fiks.svarut.outcomes import ASKED_TOO_MUCH, postpone
from fiks.svarut.rules import LOOK_UP_FAILS, registers_needed

log = logging.getLogger(__name__)
FAILURES_IN_A_ROW = 5
OF_A_NUMBER = frozenset({"HTTP_500", "UFORSTAAELIG_SVAR", "SVARET_FOR_STORT"})
"""What a register may answer because of a single number that it was asked about."""
_A = TypeVar("_A")


class Failures:
    """How many times running each register has failed, as this process has seen it. Threads may share it.

    Nothing is lost with the process: what they lead to, the pause, is a row.
    """

    def __init__(self) -> None:
        self._running = Counter[Registernavn]()
        self._lock = Lock()

    def count(self, register: Registernavn) -> int:
        """It failed once more; how many times running that is."""
        with self._lock:
            self._running[register] += 1
            return self._running[register]

    def end(self, register: Registernavn) -> None:
        """It answered."""
        with self._lock:
            del self._running[register]


def look_up(
    claims: Sequence[Krav], letters: Mapping[UUID, Brev], register: Registerport, failures: Failures
) -> tuple[list[Krav], Registersvar]:
    """Ask the registers about the letters' receivers: (the claims that can go on, what was said).

    The others wait, each for the register it needs.
    """
    asking = _Asking(list(claims), letters, failures)
    people = asking.ask(Registernavn.FOLKEREGISTER, register.personer)
    contacts = asking.ask(Registernavn.KRR, register.kontakt)
    units = asking.ask(Registernavn.ENHETSREGISTER, register.virksomheter)
    return asking.going, Registersvar(people, contacts, units)


class _Asking:
    """The registers asked one after another; `going` are the claims that none has held up so far."""

    def __init__(self, going: list[Krav], letters: Mapping[UUID, Brev], failures: Failures) -> None:
        self.going = going
        self._letters = letters
        self._failures = failures

    def ask(
        self, register: Registernavn, look_up: Callable[[Sequence[str]], Mapping[str, _A]]
    ) -> Mapping[str, _A]:
        """What this register says of those who need it; those of whom it says nothing wait from now on."""
        needing = [krav for krav in self.going if register in self._needs(krav)]
        if not needing:
            return {}
        state = circuit.admit(register)
        session().rollback()
        if state is circuit.State.PAUSED:
            for krav in needing:
                self.going.remove(krav)
                waking.wait_for_opening(krav.claim, register)
            return {}
        numbers = sorted({self._number(krav) for krav in needing})
        found, failed = _asked(look_up, numbers)
        if failed:
            error = next(iter(failed.values()))
            told = {"register": str(register), "kode": error.kode, "detalj": error.detalj}
            log.warning("register_failed", extra=told | {"antall": len(failed), "av": len(numbers)})
        if len(failed) == len(numbers):
            self._failed(register, error)
        else:
            self._answered(register, state)
        for krav in needing:
            if wrong := failed.get(self._number(krav)):
                self.going.remove(krav)
                _wait(krav, wrong)
        return found

    def _needs(self, krav: Krav) -> frozenset[Registernavn]:
        return registers_needed(self._letters[krav.claim.forsendelse_id].mottakertype, krav.kanal)

    def _number(self, krav: Krav) -> str:
        return self._letters[krav.claim.forsendelse_id].mottaker.digital_id

    def _answered(self, register: Registernavn, state: circuit.State) -> None:
        self._failures.end(register)
        if state is circuit.State.PROBED:
            with transaction():
                circuit.answered(register)

    def _failed(self, register: Registernavn, error: KanalFeil) -> None:
        """It said nothing at all: pause it if it asks for peace, or has said nothing too often."""
        often = self._failures.count(register) >= FAILURES_IN_A_ROW
        asked = error.after if isinstance(error, ProvIgjen) and error.kode == ASKED_TOO_MUCH else None
        with transaction():
            if asked:
                circuit.leave_in_peace(register, asked)
            elif often:
                circuit.pause(register, circuit.SILENT)


def _asked(
    look_up: Callable[[Sequence[str]], Mapping[str, _A]], numbers: Sequence[str]
) -> tuple[Mapping[str, _A], Mapping[str, KanalFeil]]:
    """(what is said of them, why nothing is said of the others)."""
    try:
        return look_up(numbers), {}
    except KanalFeil as error:
        if len(numbers) == 1 or not _may_be_the_number(error):
            return {}, dict.fromkeys(numbers, error)
    found, failed = dict[str, _A](), dict[str, KanalFeil]()
    for place, number in enumerate(numbers):
        answer, wrong = _asked(look_up, [number])
        found |= answer
        failed |= wrong
        if wrong and not _may_be_the_number(wrong[number]):
            return found, failed | dict.fromkeys(numbers[place:], wrong[number])
    return found, failed


def _may_be_the_number(error: KanalFeil) -> bool:
    return isinstance(error, Avvist) or error.kode in OF_A_NUMBER


def _wait(krav: Krav, error: KanalFeil) -> None:
    """Try again later; if it may be because of the receiver, only so many times before a person must look at it."""
    if _may_be_the_number(error):
        postpone(krav.claim, ProvIgjen(LOOK_UP_FAILS, error.detalj), counts=True)
    else:
        waking.wait_for_registers(krav.claim, error)
