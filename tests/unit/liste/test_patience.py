"""A register that fails about a portion of a list: asked again for a while, and of each number it may be about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Event
from typing import Any

import pytest

from fiks.core.errors import Avvist, KanalFeil, ProvIgjen
from fiks.core.http.client import HttpClient
from fiks.registeroppslag.client import EnhetsregisterClient
from fiks.registeroppslag.register_answer import MOST_UNANSWERED
from fiks.registeroppslag.rules import Enhetstatus
from fiks.utsending.liste.control import register_retry
from fiks.utsending.liste.control.pipeline import PORTION
from fiks.utsending.liste.control.register_retry import MAX_RETRY_SECONDS, RETRY_SECONDS, ask_with_retries

NUMBERS = [f"{n:011}" for n in range(PORTION)]
SILENT, BROKEN = ProvIgjen("TIDSAVBRUDD"), ProvIgjen("HTTP_500")
OF_A_NUMBER = [BROKEN, ProvIgjen("UFORSTAAELIG_SVAR"), ProvIgjen("SVARET_FOR_STORT"), Avvist("HTTP_400")]
CALLS_TO_FIND_ONE = 21
"""All, and two halves for each of the ten times that a thousand are halved."""


class Waits(Event):
    """Remembers how long it was waited for, and lets nobody wait. `ends`: it is set while it is waited for."""

    def __init__(self, ends: bool = False) -> None:
        super().__init__()
        self.waited: list[float] = []
        self._ends = ends

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waited.append(timeout)
        return self._ends


class Passing(Waits):
    """Lets the time pass at once that is waited for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        monkeypatch.setattr(register_retry, "time", self)

    def monotonic(self) -> float:
        return sum(self.waited)


class Register:
    """Knows everybody. `first` are its first answers instead, where None is an answer; `hard` fails for a number."""

    def __init__(self, *first: KanalFeil | None, hard: Mapping[str, KanalFeil] | None = None) -> None:
        self._first, self._hard = list(first), hard or {}
        self.asked: list[int] = []
        self.unable = 0
        """How many numbers it has failed for when it was asked about nobody else."""

    def look_up(self, numbers: Sequence[str]) -> dict[str, str]:
        self.asked.append(len(numbers))
        errors = [self._first.pop(0) if self._first else None, *map(self._hard.get, numbers)]
        for error in filter(None, errors):
            self.unable += len(numbers) == 1
            raise error
        return {number: f"den som har {number}" for number in numbers}


@pytest.mark.parametrize("error", [SILENT, ProvIgjen("HTTP_503", throttled=True), ProvIgjen("IKKE_NAADD")])
def test_one_that_does_not_answer_is_asked_again_and_each_time_later(error: KanalFeil) -> None:
    register, waits = Register(error, error, error), Waits()
    told = ask_with_retries(register.look_up, NUMBERS, RETRY_SECONDS, waits)
    assert (list(told.found), told.failed) == (NUMBERS, {})
    assert (register.asked, waits.waited) == ([PORTION] * 4, [1.0, 2.0, 4.0])


def test_one_that_never_answers_is_given_up() -> None:
    register, waits = Register(*[SILENT] * 100), Waits()
    with pytest.raises(ProvIgjen, match="TIDSAVBRUDD"):
        ask_with_retries(register.look_up, NUMBERS, 10.0, waits)
    assert waits.waited == [1.0, 2.0, 4.0, 8.0]


class Further(Register):
    """Comes further each time before it asks for peace for so long, and is done after `times`."""

    def __init__(self, times: int, after: float) -> None:
        super().__init__()
        self._times, self._after = times, after

    def look_up(self, numbers: Sequence[str]) -> dict[str, str]:
        if len(self.asked) < self._times:
            self.asked.append(len(numbers))
            error = ProvIgjen("HTTP_429", after=self._after, throttled=True)
            error.further = True
            raise error
        return super().look_up(numbers)


@pytest.mark.parametrize("after", [10.0, RETRY_SECONDS])
def test_one_that_comes_further_each_time_is_asked_until_it_is_done(
    after: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with hundreds of units that no search finds, and a register that limits the rate."""
    waits = Passing(monkeypatch)
    register = Further(20, after)
    told = ask_with_retries(register.look_up, NUMBERS, RETRY_SECONDS, waits)
    assert (list(told.found), told.failed) == (NUMBERS, {})
    assert waits.waited == [after] * 20


class Limiting(HttpClient):
    """The wire to Enhetsregisteret, which knows nobody, and after each so many calls asks for peace for so long. It
    cannot speak of one number (`hard`)."""

    def __init__(self, calls: int, hard: str) -> None:
        super().__init__("enhetsregister", "http://127.0.0.1:1")
        self.alone: list[str] = []
        self._left = self._calls = calls
        self._hard = hard

    def read(self, method: str, path: str, **more: Any) -> Any:
        self._spend()
        return {"page": {"totalElements": 0}}

    def find(self, path: str, **more: Any) -> None:
        self._spend()
        if path.endswith(self._hard):
            raise ProvIgjen("HTTP_500")
        self.alone.append(path)

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            self._left = self._calls
            raise ProvIgjen("HTTP_429", after=RETRY_SECONDS, throttled=True)


def test_a_portion_of_units_that_no_search_finds_is_read_though_the_register_limits_the_rate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody is unknown but by an answer, and hardly anybody is asked about twice."""
    orgnrs = [f"3{n:08}" for n in range(PORTION)]
    client, waits = EnhetsregisterClient("http://127.0.0.1:1"), Passing(monkeypatch)
    client._wire = wire = Limiting(100, orgnrs[640])
    told = ask_with_retries(client.virksomheter, orgnrs, RETRY_SECONDS, waits)
    assert list(told.failed) == [orgnrs[640]]
    assert set(told.found) == {*orgnrs} - {orgnrs[640]}
    assert all(one.status is Enhetstatus.IKKE_FUNNET for one in told.found.values())
    assert len(wire.alone) < 2 * PORTION + len(waits.waited)


def test_it_is_not_asked_for_ever_though_it_comes_further(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = Passing(monkeypatch)
    with pytest.raises(ProvIgjen, match="HTTP_429"):
        ask_with_retries(Further(10_000, RETRY_SECONDS).look_up, NUMBERS, RETRY_SECONDS, waits)
    assert sum(waits.waited) == MAX_RETRY_SECONDS


def test_without_patience_it_is_asked_once() -> None:
    register, waits = Register(SILENT), Waits()
    with pytest.raises(ProvIgjen):
        ask_with_retries(register.look_up, NUMBERS, 0.0, waits)
    assert (register.asked, waits.waited) == ([PORTION], [])


def test_the_wait_that_it_asks_for_is_kept_if_there_is_patience_for_it() -> None:
    register, waits = Register(ProvIgjen("HTTP_429", after=20.0), SILENT), Waits()
    ask_with_retries(register.look_up, NUMBERS, RETRY_SECONDS, waits)
    assert waits.waited == [20.0, 2.0]
    register = Register(ProvIgjen("HTTP_429", after=RETRY_SECONDS + 1))
    with pytest.raises(ProvIgjen, match="HTTP_429"):
        ask_with_retries(register.look_up, NUMBERS, RETRY_SECONDS, waits)
    assert len(waits.waited) == 2


def test_who_refuses_us_is_not_asked_again() -> None:
    register, waits = Register(hard=dict.fromkeys(NUMBERS, Avvist("HTTP_400"))), Waits()
    with pytest.raises(Avvist):
        ask_with_retries(register.look_up, NUMBERS, RETRY_SECONDS, waits)
    assert not waits.waited and len(register.asked) < 2 * CALLS_TO_FIND_ONE


def test_nobody_waits_any_longer_for_a_caller_who_has_left() -> None:
    register, waits = Register(SILENT, SILENT), Waits(ends=True)
    with pytest.raises(ProvIgjen):
        ask_with_retries(register.look_up, NUMBERS, RETRY_SECONDS, waits)
    assert (register.asked, waits.waited) == ([PORTION], [1.0])


@pytest.mark.parametrize("error", OF_A_NUMBER, ids=lambda error: error.kode)
def test_one_number_it_cannot_speak_of_is_found_and_of_the_others_it_speaks(
    error: KanalFeil, caplog: pytest.LogCaptureFixture
) -> None:
    register, waits = Register(hard={NUMBERS[640]: error}), Waits()
    told = ask_with_retries(register.look_up, NUMBERS, RETRY_SECONDS, waits)
    assert told.failed == {NUMBERS[640]: error}
    assert set(told.found) == {*NUMBERS} - {NUMBERS[640]}
    assert not waits.waited and len(register.asked) <= CALLS_TO_FIND_ONE
    [line] = caplog.records
    logged = line.__dict__
    assert (line.message, logged["kode"], logged["antall"], logged["av"]) == (
        "register_failed",
        error.kode,
        1,
        PORTION,
    )
    assert NUMBERS[640] not in str(logged)


def test_one_that_failed_once_for_no_number_has_spoken_of_all() -> None:
    register, waits = Register(BROKEN), Waits()
    told = ask_with_retries(register.look_up, NUMBERS, RETRY_SECONDS, waits)
    assert (len(told.found), told.failed, waits.waited) == (PORTION, {}, [])


@pytest.mark.parametrize("many", [MOST_UNANSWERED, PORTION])
def test_one_that_can_speak_of_too_few_does_not_answer(many: int) -> None:
    register, waits = Register(hard=dict.fromkeys(NUMBERS[::-1][:many], BROKEN)), Waits()
    with pytest.raises(ProvIgjen, match="HTTP_500"):
        ask_with_retries(register.look_up, NUMBERS, 3.0, waits)
    assert waits.waited == [1.0, 2.0]
    assert len(register.asked) <= 3 * (17 if many == PORTION else MOST_UNANSWERED * CALLS_TO_FIND_ONE)


def test_when_it_is_the_register_no_more_of_its_numbers_are_looked_for() -> None:
    hard = dict.fromkeys([*NUMBERS[: MOST_UNANSWERED - 1], *NUMBERS[PORTION // 2 :]], BROKEN)
    register = Register(hard=hard)
    with pytest.raises(ProvIgjen):
        ask_with_retries(register.look_up, NUMBERS, 0.0, Waits())
    assert register.unable == MOST_UNANSWERED


def test_fewer_than_that_are_its_numbers() -> None:
    hard = dict.fromkeys(NUMBERS[:: PORTION // (MOST_UNANSWERED - 1)], BROKEN)
    told = ask_with_retries(Register(hard=hard).look_up, NUMBERS, RETRY_SECONDS, Waits())
    assert told.failed == hard and len(hard) == MOST_UNANSWERED - 1


def test_a_register_that_falls_silent_among_the_halves_is_asked_again() -> None:
    register, waits = Register(None, SILENT, hard={NUMBERS[0]: BROKEN}), Waits()
    told = ask_with_retries(register.look_up, NUMBERS, RETRY_SECONDS, waits)
    assert (list(told.failed), waits.waited) == ([NUMBERS[0]], [1.0])
    assert register.asked[:3] == [PORTION, PORTION // 2, PORTION], (
        "nor is it asked about the other half first"
    )


def test_the_only_one_it_is_asked_about_may_be_unlucky_and_is_then_itself_the_reason() -> None:
    only = NUMBERS[:1]
    waits = Waits()
    assert ask_with_retries(Register(BROKEN).look_up, only, RETRY_SECONDS, waits).failed == {}
    told = ask_with_retries(Register(hard={only[0]: BROKEN}).look_up, only, 3.0, waits)
    assert (list(told.failed), waits.waited) == (only, [1.0, 1.0, 2.0])
