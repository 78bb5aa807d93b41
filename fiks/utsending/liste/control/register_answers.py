"""Register answers for a list's receivers: three registers asked in parallel, one portion of rows ahead.

A register takes a while for a thousand numbers. It need not wait while rows are stored, nor storing for it,
nor one register for another. Each is asked with retries (`register_retry`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from threading import Event
from typing import TypeVar

from fiks.core.values.identifiers import is_fnr
from fiks.registeroppslag.port import Registerport, Registersvar
from fiks.registeroppslag.register_answer import RegisterAnswer
from fiks.registeroppslag.rules import Kontaktinformasjon, Person, Virksomhet
from fiks.utsending.liste.control.register_retry import ask_with_retries
from fiks.utsending.liste.rules.controlled_row import Kontrollert, misplaced_numbers, receiver_is_unknown

_A = TypeVar("_A")


def persons(row: Kontrollert) -> list[str]:
    """Return the persons to look up: the receiver, or everybody named in a row without a clear receiver."""
    if not receiver_is_unknown(row.funn):
        return [*([row.fnr] if row.fnr else []), *misplaced_numbers(row).values()]
    return [text for text in map(str.strip, row.verdier.values()) if is_fnr(text)]


def ask_registers(rows: list[Kontrollert], register: Registerport) -> Registersvar:
    """Ask the three registers about the receivers of these rows, at most a portion. Raises what
    `register` raises.
    """
    ((_, answers),) = portions_with_answers([rows], register)
    return answers


def portions_with_answers(
    portions: Iterable[list[Kontrollert]], register: Registerport, patience: float = 0.0
) -> Iterator[tuple[list[Kontrollert], Registersvar]]:
    """Yield each portion with its answers, while the registers are asked about the next.

    Each register has its own thread, handles one portion at a time, and is retried for `patience` seconds. A
    final error is raised where its portion would have been yielded.
    """
    with ExitStack() as stack:
        ask = _RegisterThreads(register, patience, stack)
        earlier: tuple[list[Kontrollert], _PendingAnswers] | None = None
        for portion in portions:
            asked = ask.about(portion)
            if earlier is not None:
                yield earlier[0], earlier[1].answers()
            earlier = portion, asked
        if earlier is not None:
            yield earlier[0], earlier[1].answers()


@dataclass(frozen=True, slots=True)
class _PendingAnswers:
    """Answers not yet received."""

    people: Future[RegisterAnswer[Person]]
    contacts: Future[RegisterAnswer[Kontaktinformasjon]]
    units: Future[RegisterAnswer[Virksomhet]]

    def answers(self) -> Registersvar:
        people, contacts, units = self.people.result(), self.contacts.result(), self.units.result()
        unanswered = frozenset([*people.failed, *contacts.failed, *units.failed])
        return Registersvar(people.found, contacts.found, units.found, unanswered)


class _RegisterThreads:
    """The registers and their three threads, which end with `stack`."""

    def __init__(self, register: Registerport, patience: float, stack: ExitStack) -> None:
        self._register, self._patience, self._over = register, patience, Event()
        self._people, self._contacts, self._units = (stack.enter_context(_thread()) for _ in range(3))
        stack.callback(self._over.set)

    def about(self, portion: list[Kontrollert]) -> _PendingAnswers:
        fnrs = [number for row in portion for number in persons(row)]
        orgnrs = [row.orgnr for row in portion if row.orgnr]
        return _PendingAnswers(
            self._to_come(self._people, self._register.personer, fnrs),
            self._to_come(self._contacts, self._register.kontakt, fnrs),
            self._to_come(self._units, self._register.virksomheter, orgnrs),
        )

    def _to_come(
        self,
        thread: ThreadPoolExecutor,
        look_up: Callable[[Sequence[str]], Mapping[str, _A]],
        numbers: list[str],
    ) -> Future[RegisterAnswer[_A]]:
        """Return a future with the answer; completed at once if there is nobody to ask about."""
        if numbers:
            logging_as_here = copy_context().run
            return thread.submit(
                logging_as_here, ask_with_retries, look_up, numbers, self._patience, self._over
            )
        nobody: Future[RegisterAnswer[_A]] = Future()
        nobody.set_result(RegisterAnswer())
        return nobody


@contextmanager
def _thread() -> Iterator[ThreadPoolExecutor]:
    """Context of one worker thread; on exit pending questions are cancelled."""
    thread = ThreadPoolExecutor(1, "register")
    try:
        yield thread
    finally:
        thread.shutdown(cancel_futures=True)
