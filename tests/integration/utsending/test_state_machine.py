"""Random walks of Utsending, Forsendelse and Levering through faults, deaths, receipts, reading and stop: after every
step the rules of reliability.md 5 hold, and at the end every letter is where it should be, once."""

from __future__ import annotations

import os
import secrets
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.integration.databases import QuickProcess
from tests.integration.utsending.walk import ERRORS, LONG, Walk

pytestmark = pytest.mark.usefixtures("at_noon")
ROWS = 3
FEW_WALKS, WALKS, STEPS = 3, 6, 20
MANY_WALKS, MANY_STEPS = 150, 70
"""More than ten thousand steps."""
ONE_MORE, MORE = 2, 8
"""How many walks a round more has, and how many rounds at most, until something was fed, handed over and died. The
first walk of a round is the simplest there is, whatever the seed.
"""

answers = st.lists(st.sampled_from([None, None, *ERRORS]), max_size=3)
dies_at = st.sampled_from([0, 0, 0, 1, 2, 3, 4])
number = st.integers(0, ROWS - 1)


class Gang(RuleBasedStateMachine):
    """Each step may die at one of its commits, as a killed process would."""

    process: QuickProcess
    taken: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.walk = Walk(self.process, ROWS)
        self.stopped = False

    @rule(at=dies_at)
    def feed(self, at: int) -> None:
        self._step("mating", self.walk.or_die(self.walk.feed, at))

    @rule(answers=answers, at=dies_at)
    def hand_over(self, answers: list[str | None], at: int) -> None:
        self._step("overlevering", self.walk.or_die(lambda: self.walk.hand_over(*answers), at))

    @rule(answers=answers)
    def freeze(self, answers: list[str | None]) -> None:
        if self.walk.freeze(*answers):
            self._step("frosset", died=False)

    @rule(answer=st.sampled_from([None, *ERRORS]), at=dies_at)
    def print_out(self, answer: str | None, at: int) -> None:
        self._step("print", self.walk.or_die(lambda: self.walk.print_out(answer), at))

    @rule(at=dies_at)
    def sweep(self, at: int) -> None:
        self._step("sveip", self.walk.or_die(self.walk.sweep, at))

    @rule()
    def time_passes(self) -> None:
        self.walk.let_time_pass(LONG)

    @rule()
    def lesefrist_passes(self) -> None:
        self.walk.pass_lesefrist()

    @rule(which=number, art=st.sampled_from(["LEVERT", "FEILET", "LEST", "UKJENT"]), copies=st.integers(1, 2))
    def receipt_comes(self, which: int, art: str, copies: int) -> None:
        self.walk.tell(which, art, copies)

    @rule(which=number)
    def receiver_reads(self, which: int) -> None:
        self.walk.read(which)

    @rule()
    def person_acts(self) -> None:
        self.walk.act_for_people()

    @precondition(lambda self: not self.stopped)
    @rule(at=dies_at)
    def stop(self, at: int) -> None:
        self.stopped = not self.walk.or_die(self.walk.stop, at)
        self._step("stopp", not self.stopped)

    @invariant()
    def rules_hold(self) -> None:
        assert self.walk.breaches() == []

    def teardown(self) -> None:
        self.walk.come_to_rest()
        assert self.walk.breaches_at_rest() == []

    def _step(self, name: str, died: bool) -> None:
        self.taken[f"{name} døde" if died else name] += 1


def wander(process: QuickProcess, walks: int, steps: int, chosen: int) -> Counter[str]:
    """So many walks of so many steps; which steps were taken, and died."""
    how = settings(
        max_examples=walks,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate] if os.environ.get("FAULT_UNSHRUNK") else [Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    made = type("Gang", (Gang,), {"process": process, "taken": Counter()})
    try:
        run_state_machine_as_test(seed(chosen)(made), settings=how)
    except BaseException as error:
        error.add_note(f"FAULT_SEED={chosen} repeats this")
        raise
    return made.taken


def has_met_all(taken: Counter[str]) -> bool:
    """Whether letters were fed and handed over, and somebody died."""
    return {"mating", "overlevering"} <= taken.keys() and any(name.endswith("døde") for name in taken)


@pytest.mark.parametrize(
    ("walks", "steps"),
    [
        (FEW_WALKS, STEPS),
        pytest.param(WALKS, STEPS, marks=pytest.mark.slow),
        pytest.param(MANY_WALKS, MANY_STEPS, marks=pytest.mark.full),
    ],
)
def test_whatever_happens_in_whatever_order_the_rules_hold_after_every_step(
    process: QuickProcess, walks: int, steps: int
) -> None:
    """Walks leave out some kinds of step, so a few may leave out the same: then there are a few more."""
    chosen = int(os.environ.get("FAULT_SEED") or secrets.randbelow(1_000_000))
    taken = wander(process, walks, steps, chosen)
    for again in range(1, MORE + 1):
        if has_met_all(taken):
            break
        taken += wander(process, ONE_MORE, steps, chosen + again)
    assert {"mating", "overlevering"} <= taken.keys(), f"nothing was tried: {taken}"
    assert any(name.endswith("døde") for name in taken), f"nobody died: {taken}"
    assert walks < MANY_WALKS or "frosset" in taken, f"nobody froze: {taken}"
