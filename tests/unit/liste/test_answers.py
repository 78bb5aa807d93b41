"""How the registers are asked: at the same time, one portion ahead, and each about one portion at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from fiks.core.errors import ProvIgjen
from fiks.registeroppslag.port import Registersvar
from fiks.registeroppslag.rules import Enhetstatus, Virksomhet
from fiks.utsending.liste.control.register_answers import portions_with_answers
from fiks.utsending.liste.findings import Filkode, ListeFeil
from fiks.utsending.liste.rules.controlled_row import Kontrollert, control_row_alone
from tests.unit.liste.lists import FNR, ORGNR, FakeRegister, contact, person, row

SECONDS = 10.0


def portions(count: int) -> list[list[Kontrollert]]:
    """So many portions of one person and one organisation."""
    both = [control_row_alone(row()), control_row_alone(row(fnr="", orgnr=ORGNR))]
    return [list(both) for _ in range(count)]


def known() -> FakeRegister:
    unit = Virksomhet(ORGNR, "RETTFERDIG TYTTEBÆR AS", Enhetstatus.FUNNET)
    return FakeRegister(person(), contacts=[contact()], units=[unit])


def asking_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("register")]


class Meeting(FakeRegister):
    """Each of the three answers only when all three have been asked."""

    def __init__(self) -> None:
        super().__init__(person(), contacts=[contact()])
        self._all = threading.Barrier(3, timeout=SECONDS)

    def personer(self, fnrs: Sequence[str], /) -> dict[str, Any]:
        self._all.wait()
        return super().personer(fnrs)

    def kontakt(self, fnrs: Sequence[str], /) -> dict[str, Any]:
        self._all.wait()
        return super().kontakt(fnrs)

    def virksomheter(self, orgnrs: Sequence[str], /) -> dict[str, Any]:
        self._all.wait()
        return super().virksomheter(orgnrs)


class Counting(FakeRegister):
    """Counts how often it was asked for persons, and how many of those questions were under way at once."""

    def __init__(self) -> None:
        super().__init__(person(), contacts=[contact()])
        self.begun = threading.Semaphore(0)
        self.at_once = self.most_at_once = 0

    def personer(self, fnrs: Sequence[str], /) -> dict[str, Any]:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.begun.release()
        threading.Event().wait(0.02)
        self.at_once -= 1
        return super().personer(fnrs)


class Away(FakeRegister):
    """Does not answer from its second question on."""

    def kontakt(self, fnrs: Sequence[str], /) -> Mapping[str, Any]:  # type: ignore[override]
        self.asked.append(-len(fnrs))
        if self.asked.count(-len(fnrs)) > 1:
            raise ProvIgjen("TIDSAVBRUDD", "krr")
        return {}


def test_answers_come_with_their_portion() -> None:
    ((rows, answers),) = portions_with_answers(portions(1), known())
    assert [row.fnr or row.orgnr for row in rows] == [FNR, ORGNR]
    assert [list(said) for said in (answers.personer, answers.kontakt, answers.virksomheter)] == [
        [FNR],
        [FNR],
        [ORGNR],
    ]


def test_the_three_are_asked_at_the_same_time() -> None:
    assert len(list(portions_with_answers(portions(2), Meeting()))) == 2


def test_the_next_portion_is_asked_about_while_one_is_with_the_caller() -> None:
    register = Counting()
    asking = portions_with_answers(portions(3), register)
    next(asking)
    assert register.begun.acquire(timeout=SECONDS) and register.begun.acquire(timeout=SECONDS)
    assert not register.begun.acquire(blocking=False), "no further ahead than one portion"
    assert len(list(asking)) == 2


def test_a_register_is_asked_about_one_portion_at_a_time() -> None:
    register = Counting()
    assert len(list(portions_with_answers(portions(5), register))) == 5
    assert (register.most_at_once, register.asked) == (1, [1] * 5)


def test_nobody_is_asked_about_nobody() -> None:
    register = known()
    ((_, answers),) = portions_with_answers([[control_row_alone(row(fnr="", orgnr=""))]], register)
    assert (register.asked, answers) == ([], Registersvar())


def test_what_a_register_raises_is_raised_where_its_portion_would_be_given() -> None:
    asking = portions_with_answers(portions(4), Away(person()))
    next(asking)
    with pytest.raises(ProvIgjen):
        next(asking)


def test_a_list_that_cannot_be_read_on_leaves_no_question_behind() -> None:
    register = Counting()

    def broken() -> Iterator[list[Kontrollert]]:
        yield from portions(1)
        raise ListeFeil(Filkode.SITAT_IKKE_LUKKET)

    with pytest.raises(ListeFeil):
        list(portions_with_answers(broken(), register))
    assert register.at_once == 0 and not asking_threads()


def test_when_the_caller_leaves_what_was_not_begun_is_not_asked() -> None:
    register = Counting()
    asking = portions_with_answers(portions(5), register)
    next(asking)
    asking.close()
    assert register.at_once == 0 and not asking_threads()
    assert len(register.asked) <= 2


def test_one_that_does_not_answer_is_asked_again_while_there_is_patience(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fiks.utsending.liste.control.register_retry.FIRST_WAIT", 0.01)

    class Unlucky(FakeRegister):
        def personer(self, fnrs: Sequence[str], /) -> dict[str, Any]:
            found = super().personer(fnrs)
            if len(self.asked) % 2:
                raise ProvIgjen("TIDSAVBRUDD", "folkeregister")
            return found

    register = Unlucky(person(), contacts=[contact()])
    given = [answers for _, answers in portions_with_answers(portions(3), register, SECONDS)]
    assert [list(answers.personer) for answers in given] == [[FNR]] * 3
    assert register.asked == [1] * 6


def test_no_register_is_asked_again_when_the_caller_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fiks.utsending.liste.control.register_retry.FIRST_WAIT", SECONDS / 2)
    register = Away(person())
    asking = portions_with_answers(portions(3), register, SECONDS)
    next(asking)
    asking.close()
    assert not asking_threads()
    assert len(register.asked) <= 5, "three about persons, two about contacts"


def test_who_a_register_cannot_speak_of_is_told_with_the_answers() -> None:
    class Unreadable(FakeRegister):
        def kontakt(self, fnrs: Sequence[str], /) -> dict[str, Any]:
            raise ProvIgjen("UFORSTAAELIG_SVAR", "krr")

    ((_, answers),) = portions_with_answers(portions(1), Unreadable(person()))
    assert (list(answers.personer), answers.uten_svar) == ([FNR], {FNR})
