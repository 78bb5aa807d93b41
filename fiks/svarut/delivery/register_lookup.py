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
from uuid import UUID

from fiks.core.db import session, transaction
from fiks.core.errors import KanalFeil, ProvIgjen
from fiks.registeroppslag.port import Registerport, Registersvar
from fiks.registeroppslag.register_answer import (
    MOST_UNANSWERED,
    RegisterAnswer,
    ask_register,
    in_halves,
    may_be_one_number,
    one_by_one,
)
from fiks.registeroppslag.rules import Kontaktinformasjon, Person, Registernavn, Virksomhet
from fiks.svarut.delivery import circuit_breaker, wakeup
from fiks.svarut.delivery.claims import Krav
from fiks.svarut.delivery.outcomes import TOO_MANY_REQUESTS, postpone
from fiks.svarut.letters import Brev
from fiks.svarut.rules import LOOKUP_FAILED, paused_code, registers_needed

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
        self.heeding: Registerport = _PausingPort(self)
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
        state = circuit_breaker.admit(register)
        session().rollback()
        if state is circuit_breaker.State.PAUSED:
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

    def _answered(self, register: Registernavn, state: circuit_breaker.State) -> None:
        with self._lock:
            del self._failures[register]
        if state is circuit_breaker.State.PROBED:
            with transaction():
                circuit_breaker.record_success(register)

    def _failed(self, register: Registernavn, error: KanalFeil) -> None:
        """The register did not answer at all: pause it when it asked for a wait, or after too many failures
        in a row.
        """
        with self._lock:
            self._failures[register] += 1
            often = self._failures[register] >= FAILURES_IN_A_ROW
        asked = error.after if isinstance(error, ProvIgjen) and error.kode == TOO_MANY_REQUESTS else None
        if asked or often:
            with transaction():
                if asked:
                    circuit_breaker.pause_as_asked(register, asked)
                else:
                    circuit_breaker.pause(register, circuit_breaker.REGISTER_SILENT)


class _PausingPort:
    """A register port that raises while the register is paused."""

    def __init__(self, registers: Registers) -> None:
        self._registers = registers

    def personer(self, fnrs: Sequence[str], /) -> Mapping[str, Person]:
        return self._registers.personer(fnrs).whole()

    def kontakt(self, fnrs: Sequence[str], /) -> Mapping[str, Kontaktinformasjon]:
        return self._registers.kontakt(fnrs).whole()

    def virksomheter(self, orgnrs: Sequence[str], /) -> Mapping[str, Virksomhet]:
        return self._registers.virksomheter(orgnrs).whole()


_Answer = TypeVar("_Answer")


def look_up_receivers(
    claims: Sequence[Krav], letters: Mapping[UUID, Brev], registers: Registers
) -> tuple[list[Krav], Registersvar]:
    """Ask the registers about the letters' receivers: (the claims that can go on, the answers).

    The other claims are postponed, each for the register it needs.
    """
    asking = _Asking(list(claims), letters)
    people = asking.ask(Registernavn.FOLKEREGISTER, registers.personer)
    contacts = asking.ask(Registernavn.KRR, registers.kontakt)
    units = asking.ask(Registernavn.ENHETSREGISTER, registers.virksomheter)
    return asking.going, Registersvar(people, contacts, units)


class _Asking:
    """The registers asked in turn; `going` holds the claims that no register has delayed so far."""

    def __init__(self, going: list[Krav], letters: Mapping[UUID, Brev]) -> None:
        self.going = going
        self._letters = letters

    def ask(
        self, register: Registernavn, look_up: Callable[[Sequence[str]], RegisterAnswer[_Answer]]
    ) -> Mapping[str, _Answer]:
        """Ask one register about those that need it; claims without an answer are postponed."""
        needing = [krav for krav in self.going if register in self._needs(krav)]
        told = look_up(sorted(set(map(self._number, needing))))
        for krav in needing:
            if error := told.failed.get(self._number(krav)):
                self.going.remove(krav)
                if told.paused:
                    wakeup.wait_for_opening(krav.claim, register)
                else:
                    _wait(krav, error)
        return told.found

    def _needs(self, krav: Krav) -> frozenset[Registernavn]:
        brev = self._letters[krav.claim.forsendelse_id]
        return registers_needed(brev.mottakertype, krav.kanal, called=krav.regel is not None)

    def _number(self, krav: Krav) -> str:
        return self._letters[krav.claim.forsendelse_id].mottaker.digital_id


def _wait(krav: Krav, error: KanalFeil) -> None:
    """Postpone the claim. If the receiver's number may be the cause, the try counts, and after the last a
    person must act.
    """
    if may_be_one_number(error):
        postpone(krav.claim, ProvIgjen(LOOKUP_FAILED, error.detalj), counts=True)
    else:
        wakeup.wait_for_registers(krav.claim, error)
