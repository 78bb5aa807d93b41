"""Calls that failed for certain: waited for, tried again, and in the end shown to a person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, update

from fiks.core import clock
from fiks.core.db import transaction
from fiks.core.errors import ProvIgjen
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.delivery import circuit_breaker, wakeup
from fiks.svarut.delivery.register_lookup import FAILURES_IN_A_ROW
from fiks.svarut.models import Banestatus, Levering
from fiks.svarut.rules import Status
from fiks.svarut.sender import actions
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.svarut.letters import (
    hand_over,
    ledger,
    let_wait_pass,
    letter,
    levering,
    make_letter,
    make_letters,
    tries_used,
)
from tests.integration.worlds import World

AWAY = ProvIgjen("FORBINDELSE_NEKTET")


def test_a_known_failure_waits_a_minute_and_is_tried_again(hus: Hus, eier: Owner, world: World) -> None:
    world.altinn.svar = [AWAY]
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    waiting = levering(made)
    assert (waiting.status, waiting.feilkode, waiting.eier) == ("VENTER", "FORBINDELSE_NEKTET", None)
    wait = waiting.neste_forsok - clock.database_now()
    assert timedelta(seconds=45) < wait < timedelta(seconds=75)
    assert hand_over(eier, world) == 0
    let_wait_pass(made)
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_ALTINN
    assert letter(made).kanalregel == "2b"
    assert ledger(made) == [(1, "ALTINN", "PROV_IGJEN"), (2, "ALTINN", "OVERLEVERT")]
    assert world.altinn.antall == 1


def fail_often(hus: Hus, eier: Owner, world: World, error: ProvIgjen, times: int) -> Levering:
    """Altinn answers `error` as many times, with the waits gone by; the letter's hand-over after that."""
    circuit_breaker.THRESHOLD, kept = 1_000, circuit_breaker.THRESHOLD
    try:
        world.altinn.svar = [error] * times
        made = make_letter(hus, world.register.add_person(new_fnr()))
        for _ in range(times):
            hand_over(eier, world)
            let_wait_pass(made)
        return levering(made)
    finally:
        circuit_breaker.THRESHOLD = kept


def test_a_letter_that_fails_too_often_waits_for_a_person(hus: Hus, eier: Owner, world: World) -> None:
    given_up = fail_often(hus, eier, world, AWAY, 8)
    assert (given_up.status, given_up.feilkode) == ("TIL_BEHANDLING", "FORBINDELSE_NEKTET")
    assert letter(given_up.forsendelse_id).status == Status.AKSEPTERT
    assert world.altinn.antall == 0


def test_a_letter_given_up_can_be_sent_again_by_a_person_with_all_its_tries(
    hus: Hus, eier: Owner, world: World
) -> None:
    given_up = fail_often(hus, eier, world, AWAY, 8)
    actions.retry_failed(given_up.id, actor=HOUSE)
    world.altinn.svar = [AWAY]
    for _ in range(2):
        hand_over(eier, world)
        let_wait_pass(given_up.forsendelse_id)
    assert letter(given_up.forsendelse_id).status == Status.SENDT_ALTINN
    assert world.altinn.antall == 1
    assert len(ledger(given_up.forsendelse_id)) == 10


@pytest.mark.parametrize("days", [-3, 1])
def test_a_letter_that_a_person_sends_again_is_ready_from_then_on_however_long_it_waited_or_was_to_wait(
    hus: Hus, eier: Owner, world: World, days: int
) -> None:
    """For how long it waited for a person is no delay of its lane, which is alarmed of."""
    given_up = fail_often(hus, eier, world, AWAY, 8)
    with transaction() as tx:
        tx.execute(update(Levering).values(neste_forsok=func.now() + timedelta(days=days)))
    before = clock.database_now()
    actions.retry_failed(given_up.id, actor=HOUSE)
    assert before <= levering(given_up.forsendelse_id).neste_forsok <= clock.database_now()
    assert hand_over(eier, world) == 1


def test_a_channel_that_is_busy_is_waited_for_as_long_as_it_says(hus: Hus, eier: Owner, world: World) -> None:
    world.altinn.svar = [ProvIgjen("FOR_MANGE_KALL", after=17.0, throttled=True)]
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    wait = levering(made).neste_forsok - clock.database_now()
    assert timedelta(seconds=10) < wait <= timedelta(seconds=17)


def test_a_busy_channel_costs_the_letter_none_of_its_tries(hus: Hus, eier: Owner, world: World) -> None:
    busy = fail_often(hus, eier, world, ProvIgjen("FOR_MANGE_KALL", after=1.0, throttled=True), 12)
    assert busy.status == "KLAR"
    world.altinn.svar = [AWAY]
    hand_over(eier, world)
    waiting = levering(busy.forsendelse_id)
    assert waiting.status == "VENTER"
    assert waiting.neste_forsok - clock.database_now() < timedelta(seconds=75)


def test_registers_that_do_not_answer_postpone_the_whole_claim_and_nothing_is_sent(
    hus: Hus, eier: Owner, world: World
) -> None:
    world.register.nede = ProvIgjen("REGISTER_NEDE")
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(3)])
    for _ in range(FAILURES_IN_A_ROW):
        hand_over(eier, world)
        for one in made:
            assert (levering(one).status, levering(one).feilkode) == ("VENTER", "REGISTRE_SVARER_IKKE")
            let_wait_pass(one)
    hand_over(eier, world)
    assert [levering(one).feilkode for one in made] == ["STENGT_FOLKEREGISTER"] * 3
    assert tries_used(made) == 0
    world.register.nede = None
    with transaction() as tx:
        tx.execute(update(Banestatus).values(apnes=func.now()))
    for _ in range(2):
        wakeup.wake_when_open()
        hand_over(eier, world)
    assert {letter(one).status for one in made} == {Status.SENDT_ALTINN}
    assert world.altinn.antall == 3


@pytest.mark.parametrize(("after", "least", "most"), [(None, 47, 72), (300.0, 299, 300)])
def test_registers_are_asked_again_in_a_minute_or_when_they_want_to_be(
    hus: Hus, eier: Owner, world: World, after: float | None, least: int, most: int
) -> None:
    world.register.nede = ProvIgjen("HTTP_503", after=after, throttled=True)
    made = make_letter(hus, world.register.add_person(new_fnr()))
    before = clock.database_now()
    hand_over(eier, world)
    row = levering(made)
    assert timedelta(seconds=least) <= row.neste_forsok - before <= timedelta(seconds=most + 5)
    assert row.frie_forsok == row.forsok == 1, "it is no try of the letter's"
