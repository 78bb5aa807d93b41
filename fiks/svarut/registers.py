"""Register look-ups for letters: each register behind its circuit breaker, so that nobody waits for a silent
one.

A register that fails several times in a row is paused as a channel is (`circuit_breaker`), and probed once a
minute. When a single number may be at fault, numbers are asked one by one or by halves. For claimed letters
each register is asked only about those that need it; only these wait when it does not answer.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import TypeVar

from fiks.core.db import session, transaction
from fiks.core.errors import KanalFeil, ProvIgjen
from fiks.registeroppslag.port import Registerport
from fiks.registeroppslag.register_answer import (
    MOST_UNANSWERED,
    RegisterAnswer,
    ask_register,
    in_halves,
    one_by_one,
)
from fiks.registeroppslag.rules import Kontaktinformasjon, Person, Registernavn, Virksomhet
from fiks.svarut import circuit
from fiks.svarut.outcomes import ASKED_TOO_MUCH
from fiks.svarut.rules import paused_code

FAILURES_IN_A_ROW = 5
_A = TypeVar("_A")


class Registers:
    """The three registers as one process knows them. Threads may share it; no call is made inside a
    transaction.

    `port` asks the registers directly. `heeding` is a port that fails while a register is paused, for callers
    with one receiver that wait when there is no answer. Failure counts live in the process; the pause they
    lead to is a database row.
    """

    def __init__(self, port: Registerport) -> None:
        self.port = port
        self.heeding: Registerport = _Heeding(self)
        self._failures = Counter[Registernavn]()
        self._lock = Lock()

    def personer(self, fnrs: Sequence[str]) -> RegisterAnswer[Person]:
        return self._ask(Registernavn.FOLKEREGISTER, self.port.personer, fnrs)

    def personer_together(self, fnrs: Sequence[str]) -> RegisterAnswer[Person]:
        """As `personer`, for hundreds of numbers: a number at fault is searched for by halves.

        After MOST_UNANSWERED failures the numbers not asked about yet count as failed too.
        """
        return self._ask(
            Registernavn.FOLKEREGISTER, self.port.personer, fnrs, parts=in_halves, most=MOST_UNANSWERED
        )

    def kontakt(self, fnrs: Sequence[str]) -> RegisterAnswer[Kontaktinformasjon]:
        return self._ask(Registernavn.KRR, self.port.kontakt, fnrs)

    def virksomheter(self, orgnrs: Sequence[str]) -> RegisterAnswer[Virksomhet]:
        return self._ask(Registernavn.ENHETSREGISTER, self.port.virksomheter, orgnrs)

    def forget(self) -> None:
        """Reset the failure counts, as in a new process."""
        with self._lock:
            self._failures.clear()

    def _ask(
        self,
        register: Registernavn,
        look_up: Callable[[Sequence[str]], Mapping[str, _A]],
        numbers: Sequence[str],
        *,
        parts: Callable[[Sequence[str]], list[Sequence[str]]] = one_by_one,
        most: float = math.inf,
    ) -> RegisterAnswer[_A]:
        if not numbers:
            return RegisterAnswer()
        state = circuit.admit(register)
        session().rollback()
        if state is circuit.State.PAUSED:
            return RegisterAnswer(
                failed=dict.fromkeys(numbers, ProvIgjen(paused_code(register))), paused=True
            )
        told = ask_register(look_up, numbers, parts, most)
        told.log(len(numbers), register=register)
        if len(told.failed) < len(numbers):
            self._answered(register, state)
        else:
            self._failed(register, next(iter(told.failed.values())))
        return told

    def _answered(self, register: Registernavn, state: circuit.State) -> None:
        with self._lock:
            del self._failures[register]
        if state is circuit.State.PROBED:
            with transaction():
                circuit.answered(register)

    def _failed(self, register: Registernavn, error: KanalFeil) -> None:
        """The register did not answer at all: pause it when it asked for a wait, or after too many failures
        in a row.
        """
        with self._lock:
            self._failures[register] += 1
            often = self._failures[register] >= FAILURES_IN_A_ROW
        asked = error.after if isinstance(error, ProvIgjen) and error.kode == ASKED_TOO_MUCH else None
        if asked or often:
            with transaction():
                if asked:
                    circuit.leave_in_peace(register, asked)
                else:
                    circuit.pause(register, circuit.SILENT)


class _Heeding:
    """A register port that raises while the register is paused."""

    def __init__(self, registers: Registers) -> None:
        self._registers = registers

    def personer(self, fnrs: Sequence[str], /) -> Mapping[str, Person]:
        return self._registers.personer(fnrs).whole()

    def kontakt(self, fnrs: Sequence[str], /) -> Mapping[str, Kontaktinformasjon]:
        return self._registers.kontakt(fnrs).whole()

    def virksomheter(self, orgnrs: Sequence[str], /) -> Mapping[str, Virksomhet]:
        return self._registers.virksomheter(orgnrs).whole()
