"""What the registers say of a list's receivers: the three asked at the same time, and one portion of rows ahead.

A register takes its time over a thousand numbers. It should not stand still while rows are stored, nor they while it
answers, nor one register while another does. Each is asked with the caller's patience (`patience`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from threading import Event
from typing import TypeVar

from fiks.core.identifiers import is_fnr
from fiks.registeroppslag.port import Registerport, Registersvar
from fiks.registeroppslag.rules import Kontaktinformasjon, Person, Virksomhet
from fiks.registeroppslag.told import Told
from fiks.utsending.liste.patience import ask_patiently
from fiks.utsending.liste.row import Kontrollert, id_unknown, misplaced

_A = TypeVar("_A")


def persons(row: Kontrollert) -> list[str]:
    """Whom the registers are asked about: the receiver, or anybody named in a row that does not say who it is for."""
    if not id_unknown(row.funn):
        return [*([row.fnr] if row.fnr else []), *misplaced(row).values()]
    return [text for text in map(str.strip, row.verdier.values()) if is_fnr(text)]


def ask(rows: list[Kontrollert], register: Registerport) -> Registersvar:
    """What the three say now of the receivers of these rows, at most a portion. Raises what `register` raises."""
    ((_, answers),) = answered([rows], register)
    return answers


def answered(
    portions: Iterable[list[Kontrollert]], register: Registerport, patience: float = 0.0
) -> Iterator[tuple[list[Kontrollert], Registersvar]]:
    """Each portion with its answers, given while the registers are asked about the next.

    Each has a thread of its own and is asked about one portion at a time, again for `patience` seconds if it fails.
    What one raises then is raised where its portion would have been given.
    """
    with ExitStack() as stack:
        ask = _Asking(register, patience, stack)
        earlier: tuple[list[Kontrollert], _Asked] | None = None
        for portion in portions:
            asked = ask.about(portion)
            if earlier is not None:
                yield earlier[0], earlier[1].answers()
            earlier = portion, asked
        if earlier is not None:
            yield earlier[0], earlier[1].answers()


@dataclass(frozen=True, slots=True)
class _Asked:
    """Answers that are on their way."""

    people: Future[Told[Person]]
    contacts: Future[Told[Kontaktinformasjon]]
    units: Future[Told[Virksomhet]]

    def answers(self) -> Registersvar:
        people, contacts, units = self.people.result(), self.contacts.result(), self.units.result()
        unanswered = frozenset([*people.failed, *contacts.failed, *units.failed])
        return Registersvar(people.found, contacts.found, units.found, unanswered)


class _Asking:
    """The registers and their three threads, which end with `stack`."""

    def __init__(self, register: Registerport, patience: float, stack: ExitStack) -> None:
        self._register, self._patience, self._over = register, patience, Event()
        self._people, self._contacts, self._units = (stack.enter_context(_thread()) for _ in range(3))
        stack.callback(self._over.set)

    def about(self, portion: list[Kontrollert]) -> _Asked:
        fnrs = [number for row in portion for number in persons(row)]
        orgnrs = [row.orgnr for row in portion if row.orgnr]
        return _Asked(
            self._to_come(self._people, self._register.personer, fnrs),
            self._to_come(self._contacts, self._register.kontakt, fnrs),
            self._to_come(self._units, self._register.virksomheter, orgnrs),
        )

    def _to_come(
        self,
        thread: ThreadPoolExecutor,
        look_up: Callable[[Sequence[str]], Mapping[str, _A]],
        numbers: list[str],
    ) -> Future[Told[_A]]:
        """The answer to come; of nobody, there is one at once."""
        if numbers:
            logging_as_here = copy_context().run
            return thread.submit(logging_as_here, ask_patiently, look_up, numbers, self._patience, self._over)
        nobody: Future[Told[_A]] = Future()
        nobody.set_result(Told())
        return nobody


@contextmanager
def _thread() -> Iterator[ThreadPoolExecutor]:
    """A thread that asks one thing after another. When it is left, what it was not asked yet is not asked."""
    thread = ThreadPoolExecutor(1, "register")
    try:
        yield thread
    finally:
        thread.shutdown(cancel_futures=True)
