"""The circuit breaker: a channel that fails half of its calls is paused, and probed once a minute."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, KanalFeil, ProvIgjen, Uavklart
from fiks.core.locks import Owner
from fiks.svarut import circuit
from fiks.svarut.channel_models import Banestatus
from fiks.svarut.models import Levering
from fiks.svarut.recovery import wake_waiting
from fiks.svarut.rules import Kanal, Status
from tests.integration.houses import Hus, new_fnr
from tests.integration.svarut.letters import hand_over, letter, levering, make_letter, make_letters
from tests.integration.worlds import World

AWAY = ProvIgjen("FORBINDELSE_NEKTET")


def send(hus: Hus, eier: Owner, world: World, *answers: KanalFeil | None) -> None:
    """Send one Altinn letter for each answer, one by one."""
    for answer in answers:
        world.altinn.svar = [answer]
        make_letter(hus, world.register.add_person(new_fnr()))
        hand_over(eier, world)


def is_open() -> bool:
    """Whether the channel is paused."""
    session().rollback()
    stored = session().execute(select(Banestatus.stengt).where(Banestatus.navn == "ALTINN"))
    return bool(stored.scalar_one_or_none())


@pytest.mark.parametrize("error", [AWAY, Uavklart("TIDSAVBRUDD")])
def test_ten_failures_pause_the_channel_and_nine_do_not(
    hus: Hus, eier: Owner, world: World, error: KanalFeil
) -> None:
    send(hus, eier, world, *[error] * 9)
    assert not is_open()
    send(hus, eier, world, error)
    assert is_open()


def test_ten_failures_spread_over_more_than_twenty_calls_do_not_pause(
    hus: Hus, eier: Owner, world: World
) -> None:
    send(hus, eier, world, *[AWAY, None, None] * 10)
    assert not is_open()


def test_refusals_of_letters_are_not_failures_of_the_channel(hus: Hus, eier: Owner, world: World) -> None:
    send(hus, eier, world, *[Avvist("MOTTAKER_UKJENT")] * 12)
    assert not is_open()


def paused(hus: Hus, eier: Owner, world: World) -> None:
    send(hus, eier, world, *[AWAY] * 10)
    assert is_open()
    with transaction() as tx:
        tx.execute(update(Levering).values(neste_forsok=func.now() + timedelta(days=1)))


def test_while_paused_no_call_is_made_and_no_try_is_used(hus: Hus, eier: Owner, world: World) -> None:
    paused(hus, eier, world)
    before = world.altinn.antall
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    assert world.altinn.antall == before
    waiting = levering(made)
    assert (waiting.status, waiting.feilkode, waiting.frie_forsok) == ("VENTER", "KANAL_STENGT", 1)


def test_other_channels_go_on_while_one_is_paused(hus: Hus, eier: Owner, world: World) -> None:
    paused(hus, eier, world)
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="EBOKS"))
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_SDP


def let_a_minute_pass() -> None:
    with transaction() as tx:
        tx.execute(update(Banestatus).values(apnes=func.now()))
        tx.execute(
            update(Levering).where(Levering.feilkode == "KANAL_STENGT").values(neste_forsok=func.now())
        )
    wake_waiting()


def test_after_a_minute_one_letter_is_let_through_as_probe(hus: Hus, eier: Owner, world: World) -> None:
    paused(hus, eier, world)
    world.altinn.svar = [AWAY] * 5
    make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(3)])
    let_a_minute_pass()
    hand_over(eier, world)
    assert len(world.altinn.svar) == 4
    assert is_open()


def test_a_probe_that_succeeds_opens_the_channel_for_all(hus: Hus, eier: Owner, world: World) -> None:
    paused(hus, eier, world)
    world.altinn.svar = []
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(3)])
    let_a_minute_pass()
    hand_over(eier, world)
    assert not is_open()
    assert {letter(one).status for one in made} == {Status.SENDT_ALTINN}


def test_only_one_of_two_askers_gets_the_probe(hus: Hus, eier: Owner, world: World) -> None:
    paused(hus, eier, world)
    let_a_minute_pass()
    assert [circuit.is_closed(Kanal.ALTINN) for _ in range(3)] == [False, True, True]


def test_freezing_says_why_and_thawing_forgets_it(hus: Hus) -> None:
    assert not circuit.frozen()
    circuit.set_frozen(True, "prøver gjenoppretting")
    assert circuit.frozen()
    grunn = session().execute(select(Banestatus.grunn).where(Banestatus.navn == circuit.ALL)).scalar_one()
    assert grunn == "prøver gjenoppretting"
    circuit.set_frozen(False, None)
    assert not circuit.frozen()
